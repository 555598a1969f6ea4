import { admin, shell } from "baton-console/admin.js";
import { channel } from "baton-console/format.js";

export default {
  mixins: [admin],
  data: () => ({ accounts: [], letters: [] }),
  methods: {
    channel,
    on_list(data) {
      Object.assign(this, data, { loaded: true });
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
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p><p v-else-if="!accounts.length" class="b-empty">{{ t.adm_no_accounts }}</p>
    <div v-else class="b-table" tabindex="0" role="group"><table><thead><tr><th scope="col">{{ t.adm_name }}</th><th scope="col">{{ t.adm_channel }}</th><th scope="col">{{ t.adm_state }}</th><th scope="col">{{ t.adm_since }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><tr v-for="one in accounts" :key="one.id" :data-id="one.id"><th scope="row">{{ one.name }}<span class="b-quiet">{{ one.account }}</span></th><td>{{ channel(one.channel) }}</td>
        <td><span class="b-tag" :class="{active: 'good', paused: 'warn', blocked: 'bad'}[one.state]">{{ t['adm_account_' + one.state] }}</span> <span class="b-quiet">{{ one.reason }}</span></td><td>{{ whole(one.changedAt) }}</td>
        <td><button v-if="one.state === 'active'" type="button" class="b-link b-pause" :aria-label="t.adm_pause + ' ' + one.name" @click="pause(one, true)">{{ t.adm_pause }}</button><button v-else type="button" class="b-link" :aria-label="t.adm_resume + ' ' + one.name" @click="pause(one, false)">{{ t.adm_resume }}</button></td></tr></tbody></table></div>
    <h2>{{ t.adm_letters }} <span v-if="letters.length" class="b-count hot">{{ letters.length }}</span></h2><p v-if="loaded && !letters.length" class="b-quiet">{{ t.adm_no_letters }}</p>
    <div v-if="letters.length" class="b-table" tabindex="0" role="group"><table><thead><tr><th scope="col">{{ t.adm_when }}</th><th scope="col">{{ t.adm_channel }}</th><th scope="col">{{ t.adm_message }}</th><th scope="col">{{ t.adm_problem }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
      <tbody><tr v-for="one in letters" :key="one.id" :data-id="one.id"><td class="b-number">{{ whole(one.at) }}</td><td>{{ channel(one.channel) }}<span class="b-quiet">{{ one.account }}</span></td><td class="b-written"><a :href="'/console/?c=' + one.conversation">{{ one.text }}</a></td>
        <td><span class="b-tag" :class="one.sure ? 'bad' : 'warn'">{{ one.sure ? t.adm_not_sent : t.adm_unknown_sent }}</span><span class="b-quiet">{{ one.problem }}</span></td>
        <td class="b-row-actions"><button type="button" class="b-link b-again" @click="again(one)">{{ t.adm_again }}</button><button type="button" class="b-link" @click="ask('put_away', {id: one.id})">{{ t.adm_put_away }}</button></td></tr></tbody></table></div>`),
};
