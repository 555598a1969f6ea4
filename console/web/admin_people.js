import { admin, once, shell } from "baton-console/admin.js";

const EMPTY = { name: "", email: "", role: "agent", temporary: false };

export default {
  mixins: [admin],
  components: { once },
  data: () => ({ people: [], roles: [], wish: { ...EMPTY }, inviting: false, secret: null, shown: null, sessions: [] }),
  methods: {
    on_list(data) {
      Object.assign(this, data, { loaded: true });
    },
    on_opened({ name, link, password }) {
      const text = this.fill(link ? this.t.adm_opened_link : this.t.adm_opened_password, { name });
      this.secret = { text, value: link ? `${location.origin}/console/password/${link}` : password };
      this.said = "";
      this.inviting = false;
      this.wish = { ...EMPTY };
    },
    on_done({ what, name, role }) {
      const key = { role: "adm_role_done", renamed: "adm_renamed", disabled: "adm_disabled_done", enabled: "adm_enabled_done" }[what];
      this.said = this.fill(this.t[key], { name, role: this.roleName(role) });
    },
    on_failed({ message }) {
      this.said = "";
      this.trouble = message;
      this.ask_list_quietly();
    },
    ask_list_quietly() {
      this.$emit("command", { kind: "list" }); // the choice that was refused goes back to what it was
    },
    on_sessions({ id, sessions }) {
      this.shown = id;
      this.sessions = sessions;
    },
    look(one) {
      if (this.shown === one.id) this.shown = null;
      else this.ask("sessions", { id: one.id });
    },
    rename(one) {
      const name = prompt(this.fill(this.t.adm_new_name, one), one.name);
      if (name && name.trim() !== one.name) this.ask("rename", { id: one.id, name });
    },
    sure(key, one, kind, more = {}) {
      if (confirm(this.fill(this.t[key], one))) this.ask(kind, { id: one.id, ...more });
    },
  },
  template: shell(`
    <once v-if="secret" :secret="secret" :t="t" @hide="secret = null"></once>
    <p><button v-if="!inviting" type="button" class="b-btn primary b-invite" @click="inviting = true">{{ t.adm_invite }}</button></p>
    <form v-if="inviting" class="b-new-article" @submit.prevent="ask('invite', wish)">
      <label>{{ t.adm_name }}<input v-model="wish.name" required maxlength="100" autocomplete="off"></label>
      <label>{{ t.adm_email }}<input v-model="wish.email" type="email" required maxlength="200" autocomplete="off"></label>
      <label>{{ t.adm_role }}<select v-model="wish.role"><option v-for="role in roles" :key="role.name" :value="role.name">{{ roleName(role.name) }}</option></select></label>
      <label>{{ t.adm_how_in }}<select v-model="wish.temporary"><option :value="false">{{ t.adm_with_link }}</option><option :value="true">{{ t.adm_with_password }}</option></select></label>
      <span class="b-buttons"><button class="b-btn primary">{{ t.adm_invite_go }}</button> <button type="button" class="b-btn" @click="inviting = false">{{ t.adm_cancel }}</button></span>
    </form>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p>
    <div v-else class="b-table" tabindex="0" role="region" :aria-label="t.adm_people"><table>
      <thead><tr><th scope="col">{{ t.adm_name }}</th><th scope="col">{{ t.adm_role }}</th><th scope="col">{{ t.adm_state }}</th><th scope="col">{{ t.adm_seen }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody v-for="one in people" :key="one.id">
        <tr :data-id="one.id" :class="{'b-off': !one.active}">
          <th scope="row"><span class="b-person">{{ one.name }}</span> <span v-if="one.id === me.id" class="b-tag">{{ t.adm_you }}</span><span class="b-quiet">{{ one.email }}</span></th>
          <td><span v-if="one.id === me.id || !one.active">{{ roleName(one.role) }}</span>
            <select v-else :value="one.role" :aria-label="fill(t.adm_role_of, one)" @change="ask('role', {id: one.id, role: $event.target.value})"><option v-for="role in roles" :key="role.name" :value="role.name">{{ roleName(role.name) }}</option></select></td>
          <td><span class="b-tag" :class="one.active ? 'good' : 'warn'">{{ one.active ? t.adm_active : t.adm_disabled }}</span> <span v-if="one.temporary" class="b-tag">{{ t.adm_waits_password }}</span>
            <span v-if="one.holds" class="b-tag">{{ fill(t.adm_holds, one) }}</span></td>
          <td><time v-if="one.seenAt" :title="whole(one.seenAt)">{{ ago(one.seenAt, now, t) }}</time><span v-else>{{ t.adm_never }}</span></td>
          <td class="b-row-actions"><button type="button" class="b-link" @click="rename(one)">{{ t.adm_rename }}</button>
            <button v-if="one.active" type="button" class="b-link" :aria-expanded="shown === one.id" @click="look(one)">{{ t.adm_sessions }} ({{ one.sessions }})</button>
            <template v-if="one.id !== me.id">
              <button v-if="one.active" type="button" class="b-link b-reset" @click="sure('adm_reset_sure', one, 'reset')">{{ t.adm_reset }}</button>
              <button v-if="one.active" type="button" class="b-link b-disable" @click="sure('adm_disable_sure', one, 'disable')">{{ t.adm_disable }}</button>
              <button v-else type="button" class="b-link" @click="ask('enable', {id: one.id})">{{ t.adm_enable }}</button></template></td>
        </tr>
        <tr v-if="shown === one.id"><td colspan="5" class="b-inside">
          <p v-if="!sessions.length" class="b-quiet">{{ t.adm_no_sessions }}</p>
          <table v-else><caption>{{ fill(t.adm_sessions_of, one) }}</caption><tbody><tr v-for="login in sessions" :key="login.id">
            <td>{{ login.device || '?' }}</td><td>{{ t.adm_since }}: {{ whole(login.since) }}</td><td>{{ t.adm_used }}: {{ ago(login.usedAt, now, t) }}</td>
            <td><button type="button" class="b-link" @click="ask('end', {id: one.id, session: login.id})">{{ t.adm_end }}</button></td></tr></tbody></table>
          <button v-if="sessions.length > 1" type="button" class="b-btn" @click="ask('end', {id: one.id})">{{ t.adm_end_all }}</button>
        </td></tr>
      </tbody></table></div>`),
};
