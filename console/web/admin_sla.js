import { admin, shell } from "baton-console/admin.js";

const METRICS = ["first_response", "next_response", "resolution"];

export default {
  mixins: [admin],
  data: () => ({ policies: [], teams: [], metrics: METRICS }),
  methods: {
    on_list(data) {
      Object.assign(this, data, { loaded: true });
    },
    on_done() {
      this.said = this.t.adm_sla_saved;
    },
    add() {
      this.policies.unshift({ name: "", first_response: 15, next_response: 30, resolution: null, team: "", leastPriority: 0, businessHours: true, warnPercent: 75 });
    },
    move(place, by) {
      const [one] = this.policies.splice(place, 1);
      this.policies.splice(place + by, 0, one);
    },
    save() {
      const minutes = (value) => (typeof value === "number" ? value : null);
      this.ask("save", { policies: this.policies.map((one) => ({ ...one, ...Object.fromEntries(METRICS.map((name) => [name, minutes(one[name])])) })) });
    },
  },
  template: shell(`
    <p class="b-quiet">{{ t.adm_sla_hint }}</p>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p>
    <form v-else @submit.prevent="save"><p><button type="button" class="b-btn b-new-policy" @click="add">{{ t.adm_new_policy }}</button></p>
      <p v-if="!policies.length" class="b-empty">{{ t.adm_no_policies }}</p>
      <fieldset v-for="(one, place) in policies" :key="place" class="b-card b-role-form b-policy"><legend>{{ place + 1 }}</legend>
        <div class="b-faq-row"><label>{{ t.adm_name }}<input v-model="one.name" required maxlength="100"></label>
          <label>{{ t.sup_team }}<select v-model="one.team"><option value="">{{ t.any }}</option><option v-for="team in teams" :key="team.id" :value="team.id">{{ team.name }}</option></select></label>
          <label>{{ t.adm_least }}<select v-model="one.leastPriority"><option v-for="n in [0, 1, 2, 3]" :key="n" :value="n">{{ t['sup_priority_' + n] }}</option></select></label></div>
        <div class="b-faq-row"><label v-for="name in metrics" :key="name">{{ fill(t.adm_minutes_until, {metric: t['sup_' + name]}) }}<input v-model.number="one[name]" type="number" min="1" max="129600"></label>
          <label>{{ t.adm_warn }}<input v-model.number="one.warnPercent" type="number" min="1" max="99" required></label></div>
        <div class="b-faq-row"><label class="b-check"><input v-model="one.businessHours" type="checkbox"> {{ t.adm_in_hours }}</label><span class="b-grow"></span>
          <span><button type="button" class="b-link" :disabled="!place" @click="move(place, -1)">{{ t.adm_up }}</button> <button type="button" class="b-link" :disabled="place === policies.length - 1" @click="move(place, 1)">{{ t.adm_down }}</button> <button type="button" class="b-link" @click="policies.splice(place, 1)">{{ t.adm_remove }}</button></span></div></fieldset>
      <p><button class="b-btn primary b-save-policies">{{ t.adm_save }}</button></p></form>`),
};
