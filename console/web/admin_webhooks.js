import { admin, once, shell } from "baton-console/admin.js";

const STATES = ["", "pending", "sent", "failed"];

export default {
  mixins: [admin],
  components: { once },
  data: () => ({ webhooks: [], form: null, secret: null, opened: null, log: null, shown: null, states: STATES }),
  methods: {
    on_list({ webhooks }) {
      Object.assign(this, { webhooks, loaded: true });
      if (this.opened && !webhooks.some((one) => one.id === this.opened)) this.opened = this.log = null;
    },
    on_added({ secret, url }) {
      this.form = null;
      this.secret = { text: this.fill(this.t.adm_hook_made, { url }), value: secret };
    },
    on_log(data) {
      if (data.id !== this.opened) return;
      this.log = { ...data, items: data.further ? [...this.log.items, ...data.items] : data.items };
    },
    on_tries(data) {
      this.shown = data;
    },
    on_done() {
      this.said = this.t.adm_hook_again;
    },
    look(one) {
      this.opened = this.opened === one.id ? null : one.id;
      this.log = this.shown = null;
      if (this.opened) this.ask("log", { id: one.id, state: "" });
    },
    tries(one) {
      if (this.shown?.delivery === one.id) this.shown = null;
      else this.ask("tries", { id: this.opened, delivery: one.id });
    },
    switchOff(one) {
      if (confirm(this.fill(this.t.adm_hook_stop_sure, one))) this.ask("switch", { id: one.id, on: false });
    },
    remove(one) {
      if (confirm(this.fill(this.t.adm_hook_remove_sure, one))) this.ask("remove", { id: one.id });
    },
    json: (value) => JSON.stringify(value, null, 2),
  },
  template: shell(`
    <p class="b-quiet">{{ t.adm_webhooks_hint }}</p>
    <once v-if="secret" :secret="secret" :t="t" @hide="secret = null"></once>
    <p v-if="loaded && !form"><button type="button" class="b-btn primary b-new-webhook" @click="form = {url: '', events: '*'}">{{ t.adm_new_webhook }}</button></p>
    <form v-if="form" class="b-card b-role-form" @submit.prevent="ask('add', form)"><div class="b-faq-row">
        <label>{{ t.adm_hook_url }}<input v-model="form.url" type="url" required maxlength="2000" placeholder="https://"></label>
        <label>{{ t.adm_hook_events }}<input v-model="form.events" maxlength="2000"></label></div>
      <p class="b-buttons"><button class="b-btn primary">{{ t.adm_make }}</button> <button type="button" class="b-btn" @click="form = null">{{ t.adm_cancel }}</button></p></form>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p><p v-else-if="!webhooks.length" class="b-empty">{{ t.adm_no_webhooks }}</p>
    <div v-else class="b-table" tabindex="0" role="region" :aria-label="t.adm_webhooks"><table><thead><tr><th scope="col">{{ t.adm_hook_url }}</th><th scope="col">{{ t.adm_hook_events }}</th><th scope="col">{{ t.adm_state }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><tr v-for="one in webhooks" :key="one.id" :data-id="one.id"><th scope="row" class="b-written">{{ one.url }}<span class="b-quiet">{{ whole(one.at) }}</span></th><td>{{ one.events.join(', ') }}</td>
        <td><span class="b-tag" :class="one.active ? (one.failingSince ? 'warn' : 'good') : 'bad'">{{ one.active ? t.adm_account_active : t.adm_hook_off }}</span>
          <span class="b-quiet">{{ one.stoppedFor }}<template v-if="one.failingSince">{{ fill(t.adm_hook_failing, {since: whole(one.failingSince)}) }}</template></span></td>
        <td class="b-row-actions"><button type="button" class="b-link b-log" :aria-expanded="opened === one.id" :aria-label="t.adm_hook_log + ' ' + one.url" @click="look(one)">{{ t.adm_hook_log }}</button>
          <button v-if="one.active" type="button" class="b-link b-off-hook" :aria-label="t.adm_hook_stop + ' ' + one.url" @click="switchOff(one)">{{ t.adm_hook_stop }}</button>
          <button v-else type="button" class="b-link b-on-hook" :aria-label="t.adm_hook_start + ' ' + one.url" @click="ask('switch', {id: one.id, on: true})">{{ t.adm_hook_start }}</button>
          <button type="button" class="b-link" :aria-label="t.adm_remove + ' ' + one.url" @click="remove(one)">{{ t.adm_remove }}</button></td></tr></tbody></table></div>
    <template v-if="opened && log"><h2>{{ t.adm_hook_log }}</h2>
      <p><label>{{ t.adm_state }} <select :value="log.state" @change="ask('log', {id: opened, state: $event.target.value})"><option v-for="state in states" :key="state" :value="state">{{ t['adm_hook_' + (state || 'every')] }}</option></select></label></p>
      <p v-if="!log.items.length" class="b-quiet">{{ t.adm_hook_nothing }}</p>
      <div v-else class="b-table" tabindex="0" role="group"><table><thead><tr><th scope="col">{{ t.adm_when }}</th><th scope="col">{{ t.adm_hook_event }}</th><th scope="col">{{ t.adm_state }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
        <tbody><template v-for="one in log.items" :key="one.id"><tr :data-delivery="one.id"><td class="b-number">{{ whole(one.at) }}</td><th scope="row">{{ one.type }}<span class="b-quiet">{{ one.id }}</span></th>
          <td><span class="b-tag" :class="{sent: 'good', pending: 'warn', failed: 'bad'}[one.state]">{{ t['adm_hook_' + one.state] }}</span> <span class="b-quiet">{{ fill(t.adm_hook_tried, {n: one.tries}) }}</span></td>
          <td class="b-row-actions"><button type="button" class="b-link b-tries" :aria-label="t.adm_hook_look + ' ' + one.id" @click="tries(one)">{{ t.adm_hook_look }}</button>
            <button v-if="one.state !== 'pending'" type="button" class="b-link b-replay" :aria-label="t.adm_again + ' ' + one.id" @click="ask('again', {id: opened, delivery: one.id, state: log.state})">{{ t.adm_again }}</button></td></tr>
          <tr v-if="shown && shown.delivery === one.id"><td colspan="4"><ul><li v-for="(each, n) in shown.tries" :key="n">{{ whole(each.at) }}: {{ each.status || each.error }} ({{ each.milliseconds }} ms)</li></ul><pre class="b-payload" tabindex="0">{{ json(shown.payload) }}</pre></td></tr></template></tbody></table></div>
      <p v-if="log.more"><button type="button" class="b-btn" @click="ask('log', {id: opened, state: log.state, before: log.items.at(-1).id})">{{ t.more }}</button></p></template>`),
};
