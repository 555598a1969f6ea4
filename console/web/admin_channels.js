import { admin, once, shell } from "baton-console/admin.js";
import { accountForm, copied } from "baton-console/admin_account.js";
import { channel } from "baton-console/format.js";

export default {
  mixins: [admin],
  components: { accountForm, copied, once },
  data: () => ({ accounts: [], letters: [], forms: [], form: null, opened: null, answers: {}, fresh: [] }),
  methods: {
    channel,
    on_list(data) {
      Object.assign(this, data, { loaded: true });
    },
    on_added({ id, name, fresh }) {
      this.form = null;
      this.opened = id;
      this.said = this.fill(this.t.adm_account_added, { name });
      this.fresh = Object.entries(fresh).map(([field, value]) => ({ text: this.fill(this.t.adm_account_made, { name, field }), value }));
    },
    on_done({ what }) {
      this.form = null;
      this.said = this.t["adm_account_" + what];
    },
    on_answered({ id, answer }) {
      this.said = "";
      this.answers = { ...this.answers, [id]: answer };
    },
    formOf(one) {
      return this.forms.find((form) => form.channel === one.channel) ?? {};
    },
    edit(account = null) {
      this.form = null;
      this.$nextTick(() => (this.form = { account }));
    },
    save(entered) {
      this.ask(entered.id ? "change" : "add", entered);
    },
    remove(one) {
      if (confirm(this.fill(this.t.adm_remove_account_sure, one))) this.ask("remove", { id: one.id });
    },
    provider(kind, one) {
      this.said = this.t.adm_testing;
      this.answers = { ...this.answers, [one.id]: "" };
      this.ask(kind, { id: one.id });
    },
    pause(one, on) {
      if (!on || confirm(this.fill(this.t.adm_pause_sure, one))) this.ask("pause", { id: one.id, on });
    },
    again(one) {
      if (one.sure || confirm(this.t.adm_again_sure)) this.ask("replay", { id: one.id });
    },
  },
  template: shell(`
    <p class="b-quiet">{{ t.adm_channels_hint }}</p>
    <once v-for="one in fresh" :key="one.text" :secret="one" :t="t" @hide="fresh = fresh.filter((other) => other !== one)"></once>
    <p v-if="loaded && !form"><button type="button" class="b-btn primary b-new-account" @click="edit()">{{ t.adm_new_account }}</button></p>
    <account-form v-if="form" :forms="forms" :account="form.account" :t="t" @save="save" @cancel="form = null"></account-form>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p><p v-else-if="!accounts.length" class="b-empty">{{ t.adm_no_accounts }}</p>
    <div v-else class="b-table" tabindex="0" role="group"><table><thead><tr><th scope="col">{{ t.adm_name }}</th><th scope="col">{{ t.adm_channel }}</th><th scope="col">{{ t.adm_state }}</th><th scope="col">{{ t.adm_since }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><template v-for="one in accounts" :key="one.id"><tr :data-id="one.id"><th scope="row">{{ one.name }}<span class="b-quiet">{{ one.account }}</span></th><td>{{ channel(one.channel) }}</td>
        <td><span class="b-tag" :class="{active: 'good', paused: 'warn', blocked: 'bad'}[one.state]">{{ t['adm_account_' + one.state] }}</span> <span class="b-quiet">{{ one.reason }}<template v-if="one.lost"> {{ t.adm_secrets_lost }}</template></span></td><td>{{ whole(one.changedAt) }}</td>
        <td class="b-row-actions"><button v-if="one.hook" type="button" class="b-link b-open-account" :aria-expanded="opened === one.id" :aria-label="t.adm_hook + ' ' + one.name" @click="opened = opened === one.id ? null : one.id">{{ t.adm_hook }}</button>
          <button v-if="formOf(one).tests" type="button" class="b-link b-test" :aria-label="t.adm_test + ' ' + one.name" @click="provider('test', one)">{{ t.adm_test }}</button>
          <button v-if="formOf(one).fields" type="button" class="b-link b-edit-account" :aria-label="t.adm_change + ' ' + one.name" @click="edit(one)">{{ t.adm_change }}</button>
          <button v-if="one.state === 'active'" type="button" class="b-link b-pause" :aria-label="t.adm_pause + ' ' + one.name" @click="pause(one, true)">{{ t.adm_pause }}</button><button v-else type="button" class="b-link" :aria-label="t.adm_resume + ' ' + one.name" @click="pause(one, false)">{{ t.adm_resume }}</button>
          <button type="button" class="b-link b-remove-account" :aria-label="t.adm_remove + ' ' + one.name" @click="remove(one)">{{ t.adm_remove }}</button></td></tr>
        <tr v-if="answers[one.id]" class="b-answer"><td colspan="5" role="status">{{ answers[one.id] }}</td></tr>
        <tr v-if="opened === one.id && one.hook" class="b-hook"><td colspan="5"><p class="b-quiet">{{ t.adm_hook_hint }}</p>
          <copied :label="t.adm_hook" :value="one.hook" :t="t"></copied><copied v-for="(value, name) in one.copied" :key="name" :label="name" :value="value" :t="t"></copied>
          <p v-if="formOf(one).connects"><button type="button" class="b-btn b-connect" @click="provider('connect', one)">{{ t.adm_connect }}</button></p></td></tr></template></tbody></table></div>
    <h2>{{ t.adm_letters }} <span v-if="letters.length" class="b-count hot">{{ letters.length }}</span></h2><p v-if="loaded && !letters.length" class="b-quiet">{{ t.adm_no_letters }}</p>
    <div v-if="letters.length" class="b-table" tabindex="0" role="group"><table><thead><tr><th scope="col">{{ t.adm_when }}</th><th scope="col">{{ t.adm_channel }}</th><th scope="col">{{ t.adm_message }}</th><th scope="col">{{ t.adm_problem }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><tr v-for="one in letters" :key="one.id" :data-id="one.id"><td class="b-number">{{ whole(one.at) }}</td><td>{{ channel(one.channel) }}<span class="b-quiet">{{ one.account }}</span></td><td class="b-written"><a :href="'/console/?c=' + one.conversation">{{ one.text }}</a></td>
        <td><span class="b-tag" :class="one.sure ? 'bad' : 'warn'">{{ one.sure ? t.adm_not_sent : t.adm_unknown_sent }}</span><span class="b-quiet">{{ one.problem }}</span></td>
        <td class="b-row-actions"><button type="button" class="b-link b-again" @click="again(one)">{{ t.adm_again }}</button><button type="button" class="b-link" @click="ask('put_away', {id: one.id})">{{ t.adm_put_away }}</button></td></tr></tbody></table></div>`),
};
