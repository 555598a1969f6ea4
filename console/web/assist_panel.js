import { fill, words } from "baton-console/format.js";

// Beside a conversation: what it is about, which order is meant, what to do next (looked at, then confirmed), what to ask.
export default {
  props: { help: Object, mine: Boolean, t: Object },
  emits: ["ask", "prepare", "confirm"],
  data: () => ({ chosen: null, values: {}, unproved: false }),
  watch: {
    "help.prepared"(prepared) {
      if (prepared?.failed) this.values = { ...this.values };
    },
  },
  methods: {
    fill,
    name(action) {
      return this.t[`action_${action}`] ?? words(action);
    },
    field(name) {
      return this.t[`field_${name}`] ?? words(name);
    },
    choose(one) {
      this.chosen = this.chosen?.action === one.action ? null : one;
      this.values = { ...one.arguments };
      this.unproved = false;
    },
    wanted() {
      return { action: this.chosen.action, arguments: this.values, unproved: this.unproved };
    },
    ready() {
      return this.chosen.missing.every((name) => (this.values[name] ?? "").trim());
    },
    prepared() {
      const found = this.help.prepared;
      return found && this.chosen && found.action === this.chosen.action && JSON.stringify(found.arguments) === JSON.stringify(this.values) ? found : null;
    },
    confirm() {
      this.$emit("confirm", { ...this.wanted(), key: this.prepared().key });
      this.chosen = null;
    },
  },
  template: `
    <section v-if="help && (help.summary.length || help.actions.length)" class="b-assist" :aria-label="t.assist">
      <details v-if="help.summary.length" open>
        <summary>{{ t.assist_summary }}</summary>
        <ul><li v-for="(line, n) in help.summary" :key="n"><span class="b-quiet">{{ t['summary_' + line.kind] }}</span> <span dir="auto">{{ line.text }}</span></li></ul>
      </details>
      <p v-if="help.order" class="b-assist-order"><b>{{ help.order.number }}</b> <span class="b-quiet">{{ t['because_' + help.order.because] }}</span>
        <span v-if="!help.order.theirs" class="b-warn" role="note"> · {{ t.not_theirs }}</span></p>
      <div v-if="help.actions.length" class="b-assist-actions">
        <button v-for="one in help.actions" :key="one.action" type="button" class="b-btn" :disabled="!mine || !!one.refusal"
                :aria-expanded="chosen?.action === one.action" @click="choose(one)">
          {{ name(one.action) }}<span v-if="one.refusal" class="b-quiet"> · {{ (t['refusal_' + one.refusal] ?? one.refusal.replaceAll('_', ' ')) }}</span></button>
      </div>
      <form v-if="chosen" class="b-assist-form" @submit.prevent="prepared() ? confirm() : $emit('prepare', wanted())">
        <label v-for="key in [...Object.keys(chosen.arguments), ...chosen.missing]" :key="key">{{ field(key) }}
          <input v-model="values[key]" :required="chosen.missing.includes(key)" dir="auto" /></label>
        <label v-if="help.order && !help.order.theirs"><input v-model="unproved" type="checkbox" /> {{ t.made_sure }}</label>
        <p v-if="prepared()" role="status">{{ fill(t.would_do, {action: name(chosen.action)}) }}
          <span v-for="(value, key) in prepared().result" :key="key">{{ field(key) }}: {{ value }} </span></p>
        <button type="submit" class="b-btn primary" :disabled="!ready()">{{ prepared() ? t.confirm_action : t.look_action }}</button>
      </form>
      <div v-if="help.questions.length" class="b-assist-questions">
        <button v-for="one in help.questions" :key="one.field" type="button" class="b-btn" :title="one.text" dir="auto" @click="$emit('ask', one.text)">
          {{ fill(t.ask_for, {field: field(one.field)}) }}</button>
      </div>
    </section>`,
};
