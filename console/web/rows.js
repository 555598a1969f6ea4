import { ago, channel, fill, language, reason, span, ticker } from "baton-console/format.js";

// Only this part of a line follows the clock, so that a tick does not render the list again.
const Since = {
  props: { row: Object, t: Object },
  computed: {
    text() {
      const waits = this.row.waitingSince !== null && this.row.status !== "resolved";
      if (!waits) return ago(this.row.updatedAt, ticker.now, this.t);
      return span(ticker.now - this.row.waitingSince);
    },
    title() {
      if (this.row.waitingSince === null) return "";
      return fill(this.row.handler === "queue" ? this.t.waiting_for : this.t.waits_reply, { time: this.text });
    },
  },
  template: `<span class="b-since" :class="{waits: row.waitingSince !== null && row.status !== 'resolved'}" :title="title">{{ text }}</span>`,
};

const Row = {
  components: { Since },
  props: { row: Object, open: Boolean, unread: Boolean, typing: Boolean, me: Object, t: Object },
  emits: ["open"],
  computed: {
    holder() {
      if (this.row.status === "resolved") return this.t.resolved;
      if (this.row.handler === "bot") return this.t.with_bot;
      if (this.row.handler === "queue") return "";
      return this.row.agentId === this.me.id ? this.t.with_you : this.row.agentName;
    },
    urgency() {
      return this.row.urgency >= 2 ? this.t.very_urgent : this.row.urgency === 1 ? this.t.urgent : "";
    },
  },
  methods: { channel, language, why: (name, t) => reason(name, t) },
  template: `
    <li>
      <button type="button" class="b-row" :class="{open, unread, queue: row.handler === 'queue' && row.status !== 'resolved'}"
              :data-id="row.id" :aria-current="open ? 'true' : null" @click="$emit('open', row.id)">
        <span class="b-row-top">
          <span v-if="unread" class="b-new" role="img" :aria-label="t.unread"></span>
          <span class="b-name">{{ row.name || t.visitor }}</span>
          <Since :row="row" :t="t" />
        </span>
        <span class="b-preview">{{ typing ? t.customer_types : row.preview }}</span>
        <span class="b-tags">
          <span v-if="row.handler === 'queue' && row.reason && row.status !== 'resolved'" class="b-tag reason" :class="row.reason">{{ why(row.reason, t) }}</span>
          <span v-if="urgency && row.handler === 'queue'" class="b-tag urgent">{{ urgency }}</span>
          <span v-if="holder" class="b-tag" :class="row.status === 'resolved' ? 'done' : row.handler">{{ holder }}</span>
          <span v-if="row.status === 'snoozed'" class="b-tag">{{ t.snoozed }}</span>
          <span class="b-quiet">{{ channel(row.channel) }}<template v-if="row.language"> · {{ language(row.language) }}</template></span>
        </span>
      </button>
    </li>`,
};

export const VIEWS = ["all", "waiting", "mine", "bot", "resolved"];

export default {
  components: { Row },
  props: {
    rows: Array, view: String, counts: Object, more: Boolean, loaded: Boolean, openId: String, unread: Object, typing: Object, me: Object, t: Object,
  },
  emits: ["open", "view", "more"],
  data: () => ({ views: VIEWS }),
  methods: {
    count(view) {
      const n = this.counts[view];
      return n === undefined ? "" : n > 999 ? "999+" : n;
    },
    move(step) {
      const tab = this.views[(this.views.indexOf(this.view) + step + this.views.length) % this.views.length];
      this.$emit("view", tab);
      this.$nextTick(() => this.$el.querySelector("[role=tab][aria-selected=true]")?.focus());
    },
  },
  template: `
    <section class="b-list" :aria-label="t.inbox">
      <div class="b-tabs" role="tablist" :aria-label="t.views" @keydown.left.prevent="move(-1)" @keydown.right.prevent="move(1)">
        <button v-for="name in views" :key="name" type="button" role="tab" :id="'tab-' + name" :aria-selected="name === view"
                aria-controls="b-rows" :tabindex="name === view ? 0 : -1" :title="t['view_' + name]" @click="$emit('view', name)">
          {{ t['view_' + name + '_short'] || t['view_' + name] }} <span class="b-count" :class="{hot: name === 'waiting' && counts.waiting}">{{ count(name) }}</span>
        </button>
      </div>
      <div id="b-rows" class="b-rows" role="tabpanel" :aria-labelledby="'tab-' + view">
        <ul>
          <Row v-for="row in rows" :key="row.id" :row="row" :open="row.id === openId" :unread="!!unread[row.id]" :typing="!!typing[row.id]"
               :me="me" :t="t" @open="$emit('open', $event)" />
        </ul>
        <p v-if="!rows.length" class="b-empty">{{ loaded ? t['empty_' + view] : t.loading }}</p>
        <button v-if="more" type="button" class="b-btn b-more" @click="$emit('more')">{{ t.more }}</button>
      </div>
    </section>`,
};
