import { admin, shell } from "baton-console/admin.js";
import { language } from "baton-console/format.js";

const CHECK_AFTER = 400;

export default {
  mixins: [admin],
  data: () => ({ versions: [], source: "", note: "", problems: [], tried: null, wish: { language: "en", channel: "web", intent: "", vip: false, angry: false, waited: 0 } }),
  computed: {
    newest() {
      return this.versions[0];
    },
    changed() {
      return this.source !== (this.newest?.source ?? "");
    },
    wrong() {
      return this.problems.some((one) => !one.warning);
    },
  },
  watch: {
    source() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.$emit("command", { kind: "check", source: this.source }), CHECK_AFTER);
    },
  },
  methods: {
    language,
    on_list({ versions, source }) {
      this.versions = versions;
      if (!this.loaded || !this.changed) this.source = source;
      this.loaded = true;
    },
    on_checked({ problems }) {
      this.problems = problems;
    },
    on_done({ version }) {
      this.said = this.fill(this.t.adm_rules_saved, { version });
      this.source = this.newest.source;
      this.note = "";
    },
    on_tried(data) {
      this.tried = data;
    },
    goTo(line) {
      const at = this.source.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      this.$refs.source.focus();
      this.$refs.source.setSelectionRange(at, at + (this.source.split("\n")[line - 1] ?? "").length);
    },
    dry() {
      this.tried = null;
      this.ask("try", { source: this.source, ...this.wish });
    },
  },
  template: shell(`
    <p class="b-quiet">{{ t.adm_routing_hint }}</p>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p>
    <div v-else class="b-rules"><form class="b-card b-role-form" @submit.prevent="ask('save', {source, note, based_on: newest ? newest.version : 0})">
        <label>{{ t.adm_rules }}<textarea ref="source" v-model="source" class="b-yaml" rows="20" spellcheck="false" wrap="off"></textarea></label>
        <ul v-if="problems.length" class="b-problems" :aria-label="t.adm_problems"><li v-for="(one, place) in problems" :key="place" :class="{warn: one.warning}"><button type="button" class="b-link" @click="goTo(one.line)">{{ fill(t.adm_line, one) }}</button> {{ one.text }}. <span class="b-quiet">{{ one.remedy }}</span></li></ul>
        <p v-else class="b-quiet" role="status">{{ t.adm_no_problems }}</p>
        <div class="b-faq-row"><label>{{ t.adm_note }}<input v-model="note" maxlength="300"></label><button class="b-btn primary b-save-rules" :disabled="wrong || !changed">{{ t.adm_put_in_force }}</button></div>
        <details v-if="versions.length"><summary>{{ t.adm_versions }}</summary><ul class="b-asked"><li v-for="one in versions" :key="one.version"><button type="button" class="b-link" @click="source = one.source">{{ one.version }}</button> {{ one.by }} · {{ whole(one.at) }} <span class="b-quiet">{{ one.note }}</span></li></ul></details></form>
      <form class="b-card b-role-form b-dry" @submit.prevent="dry"><h2>{{ t.adm_dry }}</h2><p class="b-quiet">{{ t.adm_dry_hint }}</p>
        <label>{{ t.language }}<select v-model="wish.language"><option v-for="code in languages" :key="code" :value="code">{{ language(code) }}</option></select></label>
        <label>{{ t.adm_channel }}<input v-model="wish.channel" maxlength="40"></label><label>{{ t.adm_intent }}<input v-model="wish.intent" maxlength="130"></label>
        <label>{{ t.adm_waited }}<input v-model.number="wish.waited" type="number" min="0" max="10000"></label>
        <label class="b-check"><input v-model="wish.vip" type="checkbox"> VIP</label><label class="b-check"><input v-model="wish.angry" type="checkbox"> {{ t.angry }}</label>
        <button class="b-btn b-try-rules" :disabled="wrong">{{ t.adm_dry_go }}</button>
        <div v-if="tried" class="b-tried" role="status"><p><b>{{ tried.person || t.adm_would_wait }}</b> <span v-if="tried.team" class="b-tag">{{ tried.team }}</span> <span class="b-tag">{{ t['sup_priority_' + tried.priority] }}</span></p>
          <ul><li v-for="(why, place) in tried.reasons" :key="place">{{ why }}</li></ul>
          <template v-if="tried.others.length"><h3>{{ t.adm_others }}</h3><ul class="b-quiet"><li v-for="one in tried.others" :key="one.name">{{ one.why }}</li></ul></template></div></form></div>`),
};
