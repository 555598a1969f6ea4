import { admin, shell } from "baton-console/admin.js";

const DAYS = [0, 1, 2, 3, 4, 5, 6];

export default {
  mixins: [admin],
  data: () => ({ teams: [], people: [], form: null, person: null, days: DAYS }),
  methods: {
    on_list(data) {
      Object.assign(this, data, { loaded: true });
    },
    on_done({ what, name }) {
      this.said = this.fill(this.t[`adm_${what}`], { name });
      this.form = this.person = null;
    },
    day: (n) => new Date(Date.UTC(2024, 0, 1 + n)).toLocaleDateString(document.documentElement.lang || [], { weekday: "long", timeZone: "UTC" }),
    edit(team) {
      this.person = null;
      const known = team ?? { key: "", name: "", timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, week: [], holidays: "", autoAssign: true, members: [] };
      const levels = Object.fromEntries(known.members.map((one) => [one.id, one.level]));
      this.form = { ...known, old: Boolean(team), week: DAYS.map((n) => known.week[n] ?? ""), levels };
    },
    save() {
      const { key, name, timeZone, week, holidays, autoAssign, levels } = this.form;
      const members = Object.entries(levels).filter(([, level]) => level).map(([id, level]) => ({ id, level: Number(level) }));
      this.ask("save", { key, name, timeZone, week, holidays, autoAssign, members });
    },
    editPerson(one) {
      this.form = null;
      this.person = { ...one };
    },
    savePerson() {
      const { id, languages, products, most } = this.person;
      this.ask("person", { id, languages, products, most: typeof most === "number" ? most : null });
    },
    names(team) {
      return team.members.map((one) => this.people.find((person) => person.id === one.id)?.name).filter(Boolean).join(", ");
    },
    remove(team) {
      if (confirm(this.fill(this.t.adm_remove_team_sure, team))) this.ask("remove", { id: team.id });
    },
  },
  template: shell(`
    <p><button v-if="!form" type="button" class="b-btn primary b-new-team" @click="edit(null)">{{ t.adm_new_team }}</button></p>
    <form v-if="form" class="b-card b-role-form b-team-form" @submit.prevent="save">
      <div class="b-faq-row"><label>{{ t.adm_name }}<input v-model="form.name" required maxlength="100"></label><label>{{ t.adm_key }}<input v-model="form.key" required maxlength="40" pattern="[a-z][a-z0-9_\\-]*" :disabled="form.old" :title="t.adm_key_hint"></label><label>{{ t.adm_time_zone }}<input v-model="form.timeZone" required maxlength="60"></label></div>
      <label class="b-check"><input v-model="form.autoAssign" type="checkbox"> {{ t.adm_auto_assign }}</label>
      <fieldset><legend>{{ t.adm_members }}</legend><label v-for="one in people" :key="one.id" class="b-member"><span>{{ one.name }}</span><select v-model="form.levels[one.id]"><option :value="undefined">–</option><option v-for="n in 3" :key="n" :value="n">{{ fill(t.adm_level, {n}) }}</option></select></label></fieldset>
      <fieldset><legend>{{ t.adm_hours }}</legend><label v-for="n in days" :key="n">{{ day(n) }}<input v-model="form.week[n]" placeholder="09:00-12:30, 13:30-18:00" maxlength="100"></label></fieldset>
      <label>{{ t.adm_holidays }}<textarea v-model="form.holidays" rows="4" :placeholder="'2026-12-25 Christmas\\n2026-12-24 09:00-12:00'"></textarea></label>
      <p class="b-buttons"><button class="b-btn primary">{{ t.adm_save }}</button> <button type="button" class="b-btn" @click="form = null">{{ t.adm_cancel }}</button></p></form>
    <form v-if="person" class="b-card b-role-form" @submit.prevent="savePerson"><h2>{{ person.name }}</h2>
      <label>{{ t.adm_languages }}<input v-model="person.languages" maxlength="300" placeholder="en: 3, zh-Hant: 2"></label><label>{{ t.adm_products }}<input v-model="person.products" maxlength="500" placeholder="lamps: 2"></label>
      <label>{{ t.adm_capacity }}<input v-model.number="person.most" type="number" min="0" max="200" :placeholder="t.adm_by_rules"></label>
      <p class="b-buttons"><button class="b-btn primary">{{ t.adm_save }}</button> <button type="button" class="b-btn" @click="person = null">{{ t.adm_cancel }}</button></p></form>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p><p v-else-if="!teams.length" class="b-empty">{{ t.adm_no_teams }}</p>
    <div v-else class="b-table" tabindex="0" role="group"><table><thead><tr><th scope="col">{{ t.adm_name }}</th><th scope="col">{{ t.adm_members }}</th><th scope="col">{{ t.adm_hours }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><tr v-for="one in teams" :key="one.id"><th scope="row">{{ one.name }}<span class="b-quiet">{{ one.key }}</span></th><td>{{ names(one) || t.adm_no_members }}</td><td>{{ one.week.length ? one.timeZone : t.adm_always }}</td>
        <td class="b-row-actions"><button type="button" class="b-link" :aria-label="t.adm_change + ' ' + one.name" @click="edit(one)">{{ t.adm_change }}</button><button type="button" class="b-link" :aria-label="t.adm_remove + ' ' + one.name" @click="remove(one)">{{ t.adm_remove }}</button></td></tr></tbody></table></div>
    <template v-if="people.length"><h2>{{ t.adm_skills }}</h2><div class="b-table" tabindex="0" role="group"><table><thead><tr><th scope="col">{{ t.adm_name }}</th><th scope="col">{{ t.adm_languages }}</th><th scope="col">{{ t.adm_products }}</th><th scope="col">{{ t.adm_capacity }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><tr v-for="one in people" :key="one.id"><th scope="row">{{ one.name }}</th><td>{{ one.languages }}</td><td>{{ one.products }}</td><td>{{ one.most === null ? t.adm_by_rules : one.most }}</td><td><button type="button" class="b-link" :aria-label="t.adm_change + ' ' + one.name" @click="editPerson(one)">{{ t.adm_change }}</button></td></tr></tbody></table></div></template>`),
};
