import { fill } from "baton-console/format.js";

// By what a customer is known, proven or only said; and who may be the same person, for the agent to decide.
export default {
  props: { known: { type: Array, default: () => [] }, links: { type: Array, default: () => [] }, t: Object },
  emits: ["decide"],
  methods: {
    fill,
    doubts(link) {
      return link.doubts.map((doubt) => this.t[`link_doubt_${doubt}`] || doubt).join(", ");
    },
    decide(link, decision, shared = false) {
      this.$emit("decide", { suggestion: link.id, decision, shared });
    },
  },
  template: `
    <dl v-if="known.length" class="b-about">
      <template v-for="one in known" :key="one.kind + one.value"><dt>{{ t[one.kind] }}</dt>
        <dd>{{ one.value }} <span class="b-quiet">{{ one.verified ? t.known_proven : t.known_said }}</span></dd></template>
    </dl>
    <template v-if="links.length">
      <h3>{{ t.link_title }}</h3>
      <section v-for="link in links" :key="link.id" class="b-order" :aria-label="t.link_title">
        <p><b>{{ link.name || t.visitor }}</b> <span class="b-quiet">{{ fill(t.link_same, {value: link.value}) }}</span></p>
        <p v-if="link.doubts.length"><span class="b-tag warn">{{ fill(t.link_against, {what: doubts(link)}) }}</span></p>
        <p><button type="button" class="b-btn small" @click="decide(link, 'confirm')">{{ t.link_confirm }}</button>
          <button type="button" class="b-btn small" @click="decide(link, 'dismiss')">{{ t.link_dismiss }}</button>
          <button type="button" class="b-btn small" @click="decide(link, 'dismiss', true)">{{ t.link_shared }}</button></p>
      </section>
    </template>`,
};
