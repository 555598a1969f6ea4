import Dialog from "baton-console/dialog.js";

// Every action by its name, and conversations by what was said in them.
export default {
  components: { Dialog },
  props: { actions: Array, found: Object, t: Object },
  emits: ["act", "search", "close"],
  data: () => ({ text: "", at: 0 }),
  computed: {
    items() {
      const wanted = this.text.trim().toLowerCase();
      const acts = this.actions.filter((one) => one.name.toLowerCase().includes(wanted)).map((one) => ({ ...one, key: `act-${one.id}` }));
      const fits = wanted.length > 1 && this.found?.text === this.text.trim();
      const said = fits ? this.found.conversations.slice(0, 8).map((one) => ({ key: one.row.id, open: one.row.id, name: one.row.name || this.t.visitor, hint: one.snippet })) : [];
      const people = fits ? this.found.people.filter((one) => one.conversation).slice(0, 4).map((one) => ({ key: one.id, open: one.conversation, name: one.name || one.email, hint: one.email ?? "" })) : [];
      return [...acts.slice(0, 12), ...people, ...said];
    },
  },
  watch: {
    text() {
      this.at = 0;
      clearTimeout(this.timer);
      const wanted = this.text.trim();
      if (wanted.length > 1) this.timer = setTimeout(() => this.$emit("search", wanted), 150);
    },
  },
  methods: {
    move(by) {
      if (!this.items.length) return;
      this.at = (this.at + by + this.items.length) % this.items.length;
      this.$nextTick(() => this.$el.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
    },
    go(item) {
      if (!item) return;
      this.$emit("act", item);
    },
  },
  template: `
    <Dialog :title="t.palette" :t="t" wide @close="$emit('close')">
      <input v-model="text" data-first class="b-palette-text" role="combobox" aria-expanded="true" aria-controls="b-palette" autocomplete="off" :aria-activedescendant="items.length ? 'b-palette-' + at : null"
             :aria-label="t.palette" :placeholder="t.palette_hint" maxlength="200" @keydown.down.prevent="move(1)" @keydown.up.prevent="move(-1)" @keydown.enter.prevent="go(items[at])">
      <ul id="b-palette" class="b-palette" role="listbox" :aria-label="t.palette">
        <li v-for="(item, n) in items" :id="'b-palette-' + n" :key="item.key" role="option" :aria-selected="n === at" @click="go(item)" @mousemove="at = n">
          <span>{{ item.name }}</span><span class="b-quiet">{{ item.hint }}</span><kbd v-if="item.keys">{{ item.keys }}</kbd></li>
      </ul>
      <p v-if="!items.length" class="b-quiet">{{ t.nothing_found }}</p>
    </Dialog>`,
};
