import { fill, words } from "baton-console/format.js";

export default {
  props: { items: Array, used: String, t: Object },
  emits: ["use", "dismiss"],
  methods: {
    fill,
    source(name) {
      return this.t[`source_${name}`] ?? words(name);
    },
  },
  template: `
    <section v-if="items.length" class="b-hints" :aria-label="t.suggestions" aria-live="polite">
      <article v-for="(item, n) in items" :key="item.id" class="b-hint" :class="{used: item.id === used}">
        <header>
          <kbd aria-hidden="true">Alt+{{ n + 1 }}</kbd>
          <span class="b-hint-source">{{ item.internal ? t.source_internal : source(item.source) }}</span>
          <span v-if="item.source === 'macro' && item.title" class="b-quiet">{{ item.title }}</span>
          <span class="b-quiet" :title="fill(t.confidence, {percent: Math.round(item.confidence * 100)})">
            {{ Math.round(item.confidence * 100) }} %</span>
          <button type="button" class="b-icon small" :aria-label="t.dismiss" :title="t.dismiss" @click="$emit('dismiss', item)"><q-icon name="close" /></button>
        </header>
        <details v-if="item.internal" class="b-hint-text"><summary class="b-clamp" dir="auto">{{ item.text }}</summary><p dir="auto">{{ item.text }}</p></details>
        <button v-else type="button" class="b-hint-text" :title="item.text" :aria-keyshortcuts="'Alt+' + (n + 1)" @click="$emit('use', item)">
          <span class="b-clamp" dir="auto">{{ item.text }}</span>
          <span class="b-sr">{{ fill(t.use_suggestion, {number: n + 1}) }}</span>
        </button>
        <footer v-if="item.citations.length">
          <template v-for="(cited, k) in item.citations.slice(0, 2)" :key="k">
            <a v-if="cited.url" :href="cited.url" target="_blank" rel="noopener noreferrer">{{ cited.title }}</a><span v-else>{{ cited.title }}</span>
          </template>
        </footer>
      </article>
    </section>`,
};
