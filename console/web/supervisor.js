import { asking } from "baton-console/board.js";
import { channel, fill, reason, span, ticker, time, whole, words } from "baton-console/format.js";

export default {
  props: { me: Object, languages: Array, t: Object },
  mixins: [asking],
  data: () => ({ queue: null, count: 0, people: [], alerts: [], today: null, watched: null, note: "", to: "", said: "", trouble: "" }),
  computed: {
    now: () => ticker.now,
    here() {
      return this.people.filter((one) => one.state !== "offline" && one.id !== this.watched?.row.agentId);
    },
    figures() {
      const { today: f, t } = this;
      if (!f) return [];
      const share = (value) => (value === null ? t.sup_none : `${value} %`);
      const took = (value) => (value === null ? t.sup_none : span(value));
      return [
        { name: t.sup_waiting, value: this.count, more: this.longest === null ? "" : fill(t.sup_longest, { time: span(this.longest) }) },
        { name: t.sup_opened, value: f.opened },
        { name: t.sup_handoffs, value: f.handoffs },
        { name: t.sup_answered, value: f.answered },
        { name: t.sup_first, value: `${took(f.p50)} · ${took(f.p90)}`, more: "p50 · p90", hint: t.sup_first_hint },
        { name: t.sup_containment, value: share(f.containment), hint: t.sup_containment_hint },
        { name: t.sup_abandonment, value: share(f.abandonment), hint: t.sup_abandonment_hint },
        { name: t.sup_csat, value: share(f.csat), more: f.ratings ? `n = ${f.ratings}` : "", hint: fill(t.sup_csat_hint, f) },
      ];
    },
    longest() {
      return this.queue?.length ? this.now - Math.min(...this.queue.map((one) => one.since)) : null;
    },
  },
  mounted() {
    this.ask("list", { since: new Date().setHours(0, 0, 0, 0) });
  },
  methods: {
    channel, fill, span, time, whole, words,
    why(name) {
      return name ? reason(name, this.t) : "";
    },
    on_queue(data) {
      Object.assign(this, data);
    },
    on_people(data) {
      Object.assign(this, data);
    },
    on_alerts(data) {
      Object.assign(this, data);
    },
    on_today(data) {
      Object.assign(this, data);
    },
    on_watched(data) {
      const fresh = this.watched?.row.id !== data.row.id;
      this.watched = data;
      this.$nextTick(() => {
        const talk = this.$refs.talk;
        if (talk) talk.scrollTop = talk.scrollHeight;
        if (fresh) this.$refs.watching?.focus();
      });
    },
    on_done({ what }) {
      this.said = this.t[`sup_${what}`];
      if (what === "whispered") this.note = "";
      if (what === "reassigned") this.to = "";
    },
    on_failed({ message }) {
      this.said = "";
      this.trouble = message;
    },
    on_expired() {
      window.dispatchEvent(new Event("baton-expired"));
    },
    watch(id) {
      this.said = "";
      this.ask("watch", { id });
    },
    close() {
      this.watched = null;
      this.ask("unwatch");
    },
    take() {
      if (confirm(this.t.sup_take_sure)) this.ask("take", { id: this.watched.row.id });
    },
    due(one) {
      if (!one.dueAt) return "";
      const metric = this.t[`sup_${one.dueMetric}`] ?? "";
      const left = one.dueAt - this.now;
      return fill(left >= 0 ? this.t.sup_due_in : this.t.sup_due_over, { metric, time: span(Math.abs(left)) });
    },
    pressing(one) {
      if (!one.dueAt) return "";
      return one.dueAt < this.now ? "bad" : one.dueAt - this.now < 5 * 60000 ? "warn" : "";
    },
    load(one) {
      const holds = one.holds.filter((held) => held.status !== "snoozed").length;
      return fill(one.capacity === null ? this.t.sup_load_free : this.t.sup_load, { holds, capacity: one.capacity });
    },
    holderOf(row) {
      if (row.handler === "queue") return this.t.held_by_queue;
      if (row.handler === "bot") return this.t.held_by_bot;
      return row.agentId === this.me.id ? this.t.held_by_you : fill(this.t.held_by, { name: row.agentName });
    },
    author(message) {
      return message.note ? `${message.name ?? ""} · ${this.t.private_note}` : (message.name ?? this.t[`author_${message.author}`]);
    },
  },
  template: `
    <div class="b-page b-supervisor">
      <h1>{{ t.supervisor }}</h1>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
      <p class="b-said-now" role="status">{{ said }}</p>
      <dl v-if="today" class="b-figures" :aria-label="t.sup_today"><div v-for="one in figures" :key="one.name" :title="one.hint">
        <dt>{{ one.name }}</dt><dd><b>{{ one.value }}</b> <span class="b-quiet">{{ one.more }}</span></dd></div></dl>
      <div class="b-super" :class="{'b-watching': watched}">
        <div>
          <section :aria-label="t.sup_alerts"><h2>{{ t.sup_alerts }} <span v-if="alerts.length" class="b-count hot">{{ alerts.length }}</span></h2>
            <p v-if="!alerts.length" class="b-quiet">{{ t.sup_alerts_none }}</p>
            <ul v-else class="b-alerts"><li v-for="one in alerts" :key="one.id" :data-id="one.id" :class="{'b-alert-now': one.severity > 1}">
              <span class="b-tag" :class="one.severity > 1 ? 'bad' : 'warn'">{{ t['alert_' + one.kind] || words(one.kind) }}</span>
              <b>{{ one.name || t.visitor }}</b> <span class="b-alert-said">{{ one.detail }}</span> <span class="b-quiet">{{ span(now - one.at) }} · {{ channel(one.channel) }} <template v-if="one.agent">· {{ one.agent }}</template></span><span class="b-grow"></span>
              <button type="button" class="b-link" :aria-label="t.sup_watch + ' ' + (one.name || t.visitor)" @click="watch(one.conversation)">{{ t.sup_watch }}</button>
              <button type="button" class="b-btn b-acknowledge" @click="ask('acknowledge', {id: one.id})">{{ t.sup_acknowledge }}</button></li></ul></section>
          <section :aria-label="t.sup_queue"><h2>{{ t.sup_queue }} <span v-if="count" class="b-count">{{ count }}</span></h2>
            <p v-if="!queue" class="b-empty">{{ t.loading }}</p>
            <p v-else-if="!queue.length" class="b-quiet">{{ t.sup_queue_empty }}</p>
            <div v-else class="b-table b-queue" tabindex="0" role="group" :aria-label="t.sup_queue"><table>
              <thead><tr><th scope="col">{{ t.sup_customer }}</th><th scope="col">{{ t.sup_waits }}</th><th scope="col">{{ t.sup_why }}</th><th scope="col">{{ t.sup_priority }}</th><th scope="col">{{ t.sup_due }}</th><th scope="col">{{ t.sup_team }}</th></tr></thead>
              <tbody><tr v-for="one in queue" :key="one.id" :data-id="one.id" :class="{chosen: watched && watched.row.id === one.id}">
                <th scope="row"><button type="button" class="b-link b-watch" @click="watch(one.id)">{{ one.name || t.visitor }}</button><span class="b-quiet b-preview">{{ one.preview }}</span></th>
                <td class="b-number" :title="whole(one.since)">{{ span(now - one.since) }}</td><td>{{ why(one.reason) }}<span class="b-quiet">{{ channel(one.channel) }} {{ one.language }}</span></td>
                <td><span class="b-tag" :class="['', '', 'warn', 'bad'][one.priority]">{{ t['sup_priority_' + one.priority] }}</span></td>
                <td><span v-if="one.dueAt" class="b-tag" :class="pressing(one)">{{ due(one) }}</span></td><td>{{ one.team }}</td></tr></tbody></table></div>
            <p v-if="queue && count > queue.length" class="b-quiet">{{ fill(t.sup_queue_more, {shown: queue.length, count}) }}</p></section>
          <section :aria-label="t.sup_people"><h2>{{ t.sup_people }}</h2>
            <p v-if="!people.length" class="b-quiet">{{ t.sup_nobody }}</p>
            <ul class="b-crew"><li v-for="one in people" :key="one.id" :data-id="one.id" :class="one.state">
              <span class="b-dot" :class="one.state" aria-hidden="true"></span><b>{{ one.name }}</b> <span class="b-quiet">{{ t['sup_state_' + one.state] }}</span>
              <span class="b-load" :aria-label="t.sup_load_label + ' ' + load(one)" role="img"><span v-if="one.capacity" class="b-load-bar" :style="{width: Math.min(100, 100 * one.holds.length / one.capacity) + '%'}"></span></span> <span class="b-quiet b-number">{{ load(one) }}</span>
              <span v-for="held in one.holds" :key="held.id" class="b-held"><button type="button" class="b-link" @click="watch(held.id)">{{ held.name || t.visitor }}</button> <span v-if="held.status === 'snoozed'" class="b-quiet">{{ t.sup_snoozed }}</span></span></li></ul></section>
        </div>
        <section v-if="watched" ref="watching" class="b-watched" tabindex="-1" :aria-label="t.sup_watch">
          <header><div class="b-title"><h2>{{ watched.row.name || t.visitor }}</h2><p class="b-quiet">{{ holderOf(watched.row) }} · {{ channel(watched.row.channel) }} <template v-if="watched.reason">· {{ why(watched.reason) }}</template></p></div><span class="b-grow"></span>
            <a :href="'/console/?c=' + watched.row.id" class="b-quiet">{{ t.sup_open }}</a>
            <button type="button" class="b-icon" :aria-label="t.sup_watch_close" :title="t.sup_watch_close" @click="close"><q-icon name="close" /></button></header>
          <div ref="talk" class="b-watched-talk" tabindex="0" role="log" :aria-label="t.transcript"><ol>
            <li v-for="one in watched.messages" :key="one.id" :class="[one.author, {note: one.note}]"><span class="b-quiet">{{ author(one) }} · <time :title="whole(one.at)">{{ time(one.at) }}</time></span><p>{{ one.text }}</p></li></ol></div>
          <form class="b-whisper" @submit.prevent="ask('whisper', {id: watched.row.id, text: note})">
            <label>{{ t.sup_whisper }} <span class="b-quiet">{{ t.sup_whisper_hint }}</span><textarea v-model="note" rows="2" maxlength="4000" @keydown.ctrl.enter.prevent="note.trim() && ask('whisper', {id: watched.row.id, text: note})"></textarea></label>
            <button class="b-btn" :disabled="!note.trim()">{{ t.sup_whisper }}</button></form>
          <div class="b-faq-row"><button type="button" class="b-btn primary b-take" :disabled="watched.row.agentId === me.id || watched.row.status === 'resolved'" @click="take">{{ t.sup_take }}</button>
            <form class="b-give" @submit.prevent="ask('reassign', {id: watched.row.id, to})"><label>{{ t.sup_give }} <select v-model="to"><option value="" disabled>{{ t.sup_choose }}</option><option v-for="one in here" :key="one.id" :value="one.id">{{ one.name }} ({{ load(one) }})</option></select></label>
              <button class="b-btn" :disabled="!to || watched.row.status === 'resolved'">{{ t.sup_give_go }}</button></form></div>
        </section>
      </div>
    </div>`,
};
