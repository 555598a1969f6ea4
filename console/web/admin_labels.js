import { admin, shell } from "baton-console/admin.js";

export default {
  mixins: [admin],
  data: () => ({ labels: [], colours: [], form: { id: null, title: "", colour: "grey" } }),
  methods: {
    on_list(data) {
      Object.assign(this, data, { loaded: true });
    },
    on_done({ what, name }) {
      this.said = this.fill(this.t[`adm_${what}`], { name });
      this.form = { id: null, title: "", colour: "grey" };
    },
    remove(one) {
      if (confirm(this.fill(this.t.adm_remove_label_sure, one))) this.ask("remove", { id: one.id });
    },
  },
  template: shell(`
    <form class="b-new-article" @submit.prevent="ask('save', form)">
      <label>{{ t.adm_title }}<input v-model="form.title" required maxlength="40"></label>
      <label>{{ t.adm_colour }}<select v-model="form.colour"><option v-for="name in colours" :key="name" :value="name">{{ t['adm_colour_' + name] || name }}</option></select></label>
      <span class="b-buttons"><button class="b-btn primary">{{ form.id ? t.adm_save : t.adm_new_label }}</button> <button v-if="form.id" type="button" class="b-btn" @click="form = {id: null, title: '', colour: 'grey'}">{{ t.adm_cancel }}</button></span></form>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p><p v-else-if="!labels.length" class="b-empty">{{ t.adm_no_labels }}</p>
    <div v-else class="b-table" tabindex="0" role="group"><table><thead><tr><th scope="col">{{ t.adm_title }}</th><th scope="col">{{ t.adm_colour }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><tr v-for="one in labels" :key="one.id"><th scope="row">{{ one.title }}</th><td><span class="b-swatch" :class="one.colour" aria-hidden="true"></span> {{ t['adm_colour_' + one.colour] || one.colour }}</td>
        <td class="b-row-actions"><button type="button" class="b-link" :aria-label="t.adm_change + ' ' + one.title" @click="form = {...one}">{{ t.adm_change }}</button><button type="button" class="b-link" :aria-label="t.adm_remove + ' ' + one.title" @click="remove(one)">{{ t.adm_remove }}</button></td></tr></tbody></table></div>`),
};
