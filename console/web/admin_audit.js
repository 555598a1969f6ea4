import { admin, shell } from "baton-console/admin.js";

const KINDS = ["person", "role", "token", "bot", "team", "routing", "sla", "macro", "label", "channel", "webhook", "conversation"];

export default {
  mixins: [admin],
  data: () => ({ changes: [], more: false, filter: { of: "", text: "" }, kinds: KINDS }),
  watch: {
    filter: {
      deep: true,
      handler() {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.ask("list", this.filter), 200);
      },
    },
  },
  methods: {
    on_list({ changes, more, after }) {
      this.changes = after ? [...this.changes, ...changes] : changes;
      Object.assign(this, { more, loaded: true });
    },
    showMore() {
      this.ask("list", { ...this.filter, before: this.changes.at(-1).id });
    },
    words(value) {
      return Array.isArray(value) ? value.join(", ") : String(value);
    },
    details(one) {
      const { before, after, ...others } = one.details;
      const known = [["adm_before", { before: this.words(before ?? "") }, before], ["adm_after", { after: this.words(after ?? "") }, after]];
      const said = known.filter(([, , value]) => value && value.length !== 0).map(([key, values]) => this.fill(this.t[key], values));
      return [...said, ...Object.entries(others).filter(([, value]) => value).map(([name, value]) => `${name}: ${this.words(value)}`)].join(" · ");
    },
  },
  template: shell(`
    <p class="b-quiet">{{ t.adm_changes_hint }}</p>
    <div class="b-filters"><input v-model="filter.text" type="search" :placeholder="t.adm_search" :aria-label="t.adm_search">
      <label>{{ t.adm_kind }} <select v-model="filter.of"><option value="">{{ t.any }}</option><option v-for="name in kinds.filter((one) => t['adm_kind_' + one])" :key="name" :value="name">{{ t['adm_kind_' + name] }}</option></select></label></div>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p>
    <p v-else-if="!changes.length" class="b-empty">{{ t.adm_no_changes }}</p>
    <div v-else class="b-table" tabindex="0" role="region" :aria-label="t.adm_audit"><table>
      <thead><tr><th scope="col">{{ t.adm_when }}</th><th scope="col">{{ t.adm_who }}</th><th scope="col">{{ t.adm_what }}</th><th scope="col">{{ t.adm_subject }}</th><th scope="col">{{ t.adm_details }}</th></tr></thead>
      <tbody><tr v-for="one in changes" :key="one.id"><td class="b-number">{{ whole(one.at) }}</td><td>{{ one.by }}</td><td>{{ t['act_' + one.action] || one.action }}</td><td class="b-written">{{ one.name }}</td><td class="b-written">{{ details(one) }}</td></tr></tbody></table></div>
    <button v-if="more" type="button" class="b-btn b-more" @click="showMore">{{ t.more }}</button>`),
};
