import { admin, once, shell } from "baton-console/admin.js";

const LASTS = [30, 90, 365, null];

export default {
  mixins: [admin],
  components: { once },
  data: () => ({ tokens: [], people: [], form: null, secret: null, lasts: LASTS }),
  methods: {
    on_list(data) {
      Object.assign(this, data, { loaded: true });
    },
    on_made({ token, label }) {
      this.secret = { text: this.fill(this.t.adm_token_made, { label }), value: token };
      this.form = null;
    },
    on_done() {
      this.said = this.t.adm_revoked;
    },
    begin() {
      this.form = { label: "", person: this.me.id, limited: true, permissions: [], days: 90 };
    },
    revoke(one) {
      if (confirm(this.fill(this.t.adm_revoke_sure, one))) this.ask("revoke", { id: one.id });
    },
  },
  template: shell(`
    <p class="b-quiet">{{ t.adm_tokens_hint }}</p>
    <once v-if="secret" :secret="secret" :t="t" @hide="secret = null"></once>
    <p><button v-if="!form" type="button" class="b-btn primary b-new-token" @click="begin">{{ t.adm_new_token }}</button></p>
    <form v-if="form" class="b-card b-role-form" @submit.prevent="ask('make', form)">
      <div class="b-faq-row"><label>{{ t.adm_label }}<input v-model="form.label" required maxlength="100"></label>
        <label>{{ t.adm_acts_as }}<select v-model="form.person"><option v-for="one in people" :key="one.id" :value="one.id">{{ one.name }} ({{ roleName(one.role) }})</option></select></label>
        <label>{{ t.adm_lasts }}<select v-model="form.days"><option v-for="days in lasts" :key="days" :value="days">{{ days ? fill(t.adm_days, {days}) : t.adm_no_end }}</option></select></label></div>
      <fieldset><legend>{{ t.adm_permissions }}</legend>
        <label class="b-check"><input v-model="form.limited" type="radio" :value="false"> {{ t.adm_all_of_role }}</label>
        <label class="b-check"><input v-model="form.limited" type="radio" :value="true"> {{ t.adm_only }}</label>
        <div v-if="form.limited" class="b-choices"><label v-for="(text, name) in permissions" :key="name" class="b-check"><input v-model="form.permissions" type="checkbox" :value="name" :disabled="!able.includes(name)"> <span>{{ text }}</span></label></div></fieldset>
      <p class="b-buttons"><button class="b-btn primary" :disabled="form.limited && !form.permissions.length">{{ t.adm_make }}</button> <button type="button" class="b-btn" @click="form = null">{{ t.adm_cancel }}</button></p>
    </form>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p>
    <p v-else-if="!tokens.length" class="b-empty">{{ t.adm_no_tokens }}</p>
    <div v-else class="b-table" tabindex="0" role="region" :aria-label="t.adm_tokens"><table>
      <thead><tr><th scope="col">{{ t.adm_label }}</th><th scope="col">{{ t.adm_acts_as }}</th><th scope="col">{{ t.adm_permissions }}</th><th scope="col">{{ t.adm_used }}</th><th scope="col">{{ t.adm_ends }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><tr v-for="one in tokens" :key="one.id"><th scope="row">{{ one.label }}<span class="b-quiet">{{ t.adm_made }}: {{ whole(one.createdAt) }}</span></th><td>{{ one.person }}</td>
        <td>{{ one.permissions ? one.permissions.map((name) => permissions[name]).join(', ') : t.adm_all_of_role }}</td>
        <td><time v-if="one.usedAt" :title="whole(one.usedAt)">{{ ago(one.usedAt, now, t) }}</time><span v-else>{{ t.adm_never }}</span></td>
        <td>{{ one.expiresAt ? whole(one.expiresAt) : t.adm_no_end }} <span v-if="one.expiresAt && one.expiresAt < now" class="b-tag warn">{{ t.adm_disabled }}</span></td>
        <td><button type="button" class="b-link b-revoke" :aria-label="t.adm_revoke + ' ' + one.label" @click="revoke(one)">{{ t.adm_revoke }}</button></td></tr></tbody></table></div>`),
};
