import { admin, shell } from "baton-console/admin.js";
import { language } from "baton-console/format.js";

export default {
  mixins: [admin],
  data: () => ({ macros: [], teams: [], variables: [], steps: [], text: "", form: null }),
  watch: {
    text() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask("list", { text: this.text }), 200);
    },
  },
  methods: {
    language,
    on_list(data) {
      Object.assign(this, data, { loaded: true });
    },
    on_done({ what, name }) {
      this.said = this.fill(this.t[`adm_${what}`], { name });
      this.form = null;
    },
    edit(one) {
      const known = one ?? { id: null, title: "", bodies: {}, questions: [], actions: [], teams: [], version: 0 };
      const actions = known.actions.map((action) => ({ ...action }));
      this.form = { ...known, bodies: { ...known.bodies }, actions, teams: [...known.teams], asked: known.questions.join("\n") };
    },
    save() {
      const { id, title, bodies, actions, teams, version, asked } = this.form;
      this.ask("save", { id, title, bodies, actions, teams, version, questions: asked.split("\n") });
    },
    takes: (step) => ["add_label", "remove_label", "add_note"].includes(step),
    remove(one) {
      if (confirm(this.fill(this.t.adm_remove_macro_sure, one))) this.ask("remove", { id: one.id });
    },
  },
  template: shell(`
    <div class="b-filters"><button v-if="!form" type="button" class="b-btn primary b-new-macro" @click="edit(null)">{{ t.adm_new_macro }}</button><input v-model="text" type="search" :placeholder="t.adm_search_macros" :aria-label="t.adm_search_macros"></div>
    <form v-if="form" class="b-card b-role-form" @submit.prevent="save"><label>{{ t.adm_title }}<input v-model="form.title" required maxlength="120"></label>
      <label v-for="code in languages" :key="code">{{ language(code) }}<textarea v-model="form.bodies[code]" rows="3" maxlength="4000" :lang="code"></textarea></label>
      <p class="b-quiet">{{ t.adm_variables }} <code v-for="name in variables" :key="name" v-text="'{' + '{' + name + '}' + '} '"></code></p>
      <label>{{ t.adm_questions }}<textarea v-model="form.asked" rows="3"></textarea></label>
      <fieldset v-if="teams.length"><legend>{{ t.adm_for_teams }}</legend><label v-for="team in teams" :key="team.key" class="b-check"><input v-model="form.teams" type="checkbox" :value="team.key"> {{ team.name }}</label></fieldset>
      <fieldset><legend>{{ t.adm_steps }}</legend><div v-for="(action, place) in form.actions" :key="place" class="b-faq-row"><label>{{ t.adm_step }}<select v-model="action.step"><option v-for="step in steps" :key="step" :value="step">{{ t['adm_step_' + step] || step }}</option></select></label><label v-if="takes(action.step)">{{ t.adm_value }}<input v-model="action.value" maxlength="500"></label><button type="button" class="b-link" @click="form.actions.splice(place, 1)">{{ t.adm_remove }}</button></div>
        <button type="button" class="b-btn" @click="form.actions.push({step: steps[0], value: ''})">{{ t.adm_add_step }}</button></fieldset>
      <p class="b-buttons"><button class="b-btn primary">{{ t.adm_save }}</button> <button type="button" class="b-btn" @click="form = null">{{ t.adm_cancel }}</button></p></form>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p><p v-else-if="!macros.length" class="b-empty">{{ t.adm_no_macros }}</p>
    <div v-else class="b-table" tabindex="0" role="group"><table><thead><tr><th scope="col">{{ t.adm_title }}</th><th scope="col">{{ t.language }}</th><th scope="col">{{ t.adm_for_teams }}</th><th scope="col">{{ t.adm_uses }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><tr v-for="one in macros" :key="one.id"><th scope="row">{{ one.title }}<span class="b-quiet b-clamp">{{ Object.values(one.bodies)[0] }}</span></th><td><span v-for="(_, code) in one.bodies" :key="code" class="b-lang">{{ code }}</span></td><td>{{ one.teams.join(', ') || t.any }}</td><td class="b-number">{{ one.used }}</td>
        <td class="b-row-actions"><button type="button" class="b-link" :aria-label="t.adm_change + ' ' + one.title" @click="edit(one)">{{ t.adm_change }}</button><button type="button" class="b-link" :aria-label="t.adm_remove + ' ' + one.title" @click="remove(one)">{{ t.adm_remove }}</button></td></tr></tbody></table></div>`),
};
