import { admin, shell } from "baton-console/admin.js";

export default {
  mixins: [admin],
  data: () => ({ roles: [], form: null }),
  methods: {
    on_list(data) {
      Object.assign(this, data, { loaded: true });
    },
    on_done({ what, name }) {
      this.said = this.fill(this.t[`adm_${what}`], { name });
      this.form = null;
    },
    edit(role) {
      this.form = role ? { ...role, permissions: [...role.permissions], old: true } : { name: "", description: "", permissions: ["converse"], old: false };
      this.$nextTick(() => this.$refs.form?.querySelector("input:not([disabled])")?.focus());
    },
    remove(role) {
      if (confirm(this.fill(this.t.adm_remove_role_sure, role))) this.ask("remove", { name: role.name });
    },
  },
  template: shell(`
    <p class="b-quiet">{{ t.adm_roles_hint }}</p>
    <p><button v-if="!form" type="button" class="b-btn primary b-new-role" @click="edit(null)">{{ t.adm_new_role }}</button></p>
    <form v-if="form" ref="form" class="b-card b-role-form" @submit.prevent="ask('save', {name: form.name, description: form.description, permissions: form.permissions})">
      <label>{{ t.adm_name }}<input v-model="form.name" required maxlength="60" :disabled="form.old"></label>
      <label>{{ t.adm_description }}<input v-model="form.description" maxlength="300"></label>
      <fieldset><legend>{{ t.adm_permissions }}</legend>
        <label v-for="(text, name) in permissions" :key="name" class="b-check"><input v-model="form.permissions" type="checkbox" :value="name" :disabled="!able.includes(name)"> <span>{{ text }} <code>{{ name }}</code></span></label></fieldset>
      <p class="b-buttons"><button class="b-btn primary" :disabled="!form.permissions.length">{{ t.adm_save }}</button> <button type="button" class="b-btn" @click="form = null">{{ t.adm_cancel }}</button></p>
    </form>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p>
    <div v-else class="b-table b-grid" tabindex="0" role="region" :aria-label="t.adm_roles"><table>
      <thead><tr><th scope="col">{{ t.adm_permission }}</th><th v-for="role in roles" :key="role.name" scope="col" :data-role="role.name">{{ roleName(role.name) }}
        <span class="b-quiet">{{ role.custom ? t.adm_custom : t.adm_built_in }} · {{ fill(t.adm_people_have, role) }}</span>
        <span v-if="role.custom" class="b-row-actions"><button type="button" class="b-link" :aria-label="t.adm_change + ' ' + role.name" @click="edit(role)">{{ t.adm_change }}</button> <button type="button" class="b-link" :aria-label="t.adm_remove + ' ' + role.name" @click="remove(role)">{{ t.adm_remove }}</button></span></th></tr></thead>
      <tbody><tr v-for="(text, name) in permissions" :key="name"><th scope="row">{{ text }}</th>
        <td v-for="role in roles" :key="role.name"><span v-if="role.permissions.includes(name)" class="b-yes" role="img" :aria-label="t.adm_may">✓</span><span v-else class="b-no" role="img" :aria-label="t.adm_may_not">–</span></td></tr></tbody></table></div>`),
};
