import { admin, shell } from "baton-console/admin.js";

const KINDS = ["source", "origin", "agent"];

export default {
  mixins: [admin],
  data: () => ({ uses: [], spans: [30], filter: { by: "source", days: 30 }, kinds: KINDS }),
  watch: {
    filter: {
      deep: true,
      handler() {
        this.ask("list", this.filter);
      },
    },
  },
  methods: {
    on_list({ uses, spans }) {
      Object.assign(this, { uses, spans, loaded: true });
    },
    name(one) {
      if (this.filter.by === "source") return this.t[`source_${one.key}`] ?? one.key;
      return one.name || this.t.adm_use_nobody;
    },
  },
  template: shell(`
    <p class="b-quiet">{{ t.adm_use_hint }}</p>
    <div class="b-filters">
      <label>{{ t.adm_use_by }} <select v-model="filter.by"><option v-for="kind in kinds" :key="kind" :value="kind">{{ t['adm_use_by_' + kind] }}</option></select></label>
      <label>{{ t.adm_use_days }} <select v-model.number="filter.days"><option v-for="days in spans" :key="days" :value="days">{{ fill(t.adm_use_last, {days}) }}</option></select></label></div>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p>
    <p v-else-if="!uses.length" class="b-empty">{{ t.adm_use_none }}</p>
    <div v-else class="b-table" tabindex="0" role="region" :aria-label="t.adm_suggestions"><table>
      <thead><tr><th scope="col">{{ t['adm_use_by_' + filter.by] }}</th><th scope="col">{{ t.adm_use_shown }}</th><th scope="col">{{ t.adm_use_accepted }}</th><th scope="col">{{ t.adm_use_edited }}</th><th scope="col">{{ t.adm_use_changed }}</th><th scope="col">{{ t.adm_use_dismissed }}</th><th scope="col">{{ t.adm_use_used }}</th></tr></thead>
      <tbody><tr v-for="one in uses" :key="one.source + one.key"><th scope="row" dir="auto">
          <a v-if="filter.by === 'origin' && one.source === 'knowledge'" :href="'/console/articles/' + one.key">{{ one.key }}</a><template v-else>{{ name(one) }}</template>
          <span v-if="filter.by === 'origin'" class="b-quiet"> {{ t['source_' + one.source] ?? one.source }}</span></th>
        <td class="b-number">{{ one.shown }}</td><td class="b-number">{{ one.accepted }}</td><td class="b-number">{{ one.edited }}</td><td class="b-number">{{ one.edited ? one.changed + ' %' : '' }}</td><td class="b-number">{{ one.dismissed }}</td><td class="b-number">{{ one.used }} %</td></tr></tbody></table></div>`),
};
