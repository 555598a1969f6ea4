import Filters from "baton-console/filters.js";
import { ago, channel, fill, language, reason, span, ticker } from "baton-console/format.js";

const HEIGHT = 80; // of a line, in pixels, as in inbox.css: only those in sight are in the page
const MARGIN = 8;

// Only this part of a line follows the clock, so that a tick does not render the list again.
const Since = {
  props: { row: Object, t: Object },
  computed: {
    waits() {
      return this.row.waitingSince !== null && this.row.status !== "resolved";
    },
    text() {
      return this.waits ? span(ticker.now - this.row.waitingSince) : ago(this.row.updatedAt, ticker.now, this.t);
    },
    title() {
      if (!this.waits) return "";
      return fill(this.row.handler === "queue" ? this.t.waiting_for : this.t.waits_reply, { time: this.text });
    },
  },
  template: `<span class="b-since" :class="{waits}" :title="title">{{ text }}</span>`,
};

// How long until a promise falls due, or since when it is broken.
export const Due = {
  props: { row: Object, t: Object },
  computed: {
    left() {
      return this.row.dueAt - ticker.now;
    },
    text() {
      return fill(this.left < 0 ? this.t.overdue : this.t.due_in, { time: span(Math.abs(this.left)) });
    },
  },
  template: `<span class="b-tag b-due" :class="{late: left < 0, soon: left >= 0 && left < 300000}" :title="t['due_' + row.dueMetric] || ''"><q-icon name="timer" size="13px" /> {{ text }}</span>`,
};

const Row = {
  components: { Due, Since },
  props: { row: Object, open: Boolean, typing: Boolean, draft: Boolean, labels: Object, me: Object, t: Object },
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
    shown() {
      return this.row.labels.map((id) => this.labels[id]).filter(Boolean).slice(0, 2);
    },
  },
  methods: { channel, language, why: (name, t) => reason(name, t) },
  template: `
    <li>
      <button type="button" class="b-row" :class="{open, unread: row.unread, queue: row.handler === 'queue' && row.status !== 'resolved'}"
              :data-id="row.id" :aria-current="open ? 'true' : null" @click="$emit('open', row.id)">
        <span class="b-row-top">
          <span v-if="row.unread" class="b-new" role="img" :aria-label="t.unread"></span>
          <span class="b-name">{{ row.name || t.visitor }}</span>
          <q-icon v-if="draft" name="edit" size="14px" class="b-has-draft" role="img" :aria-label="t.has_draft" />
          <Since :row="row" :t="t" />
        </span>
        <span class="b-preview">{{ typing ? t.customer_types : row.preview }}</span>
        <span class="b-tags">
          <Due v-if="row.dueAt && row.status === 'open'" :row="row" :t="t" />
          <span v-if="row.handler === 'queue' && row.reason && row.status !== 'resolved'" class="b-tag reason" :class="row.reason">{{ why(row.reason, t) }}</span>
          <span v-if="urgency && row.handler === 'queue'" class="b-tag urgent">{{ urgency }}</span>
          <span v-if="holder" class="b-tag" :class="row.status === 'resolved' ? 'done' : row.handler">{{ holder }}</span>
          <span v-if="row.status === 'snoozed'" class="b-tag">{{ t.snoozed }}</span>
          <span v-for="label in shown" :key="label.id" class="b-label" :class="label.colour">{{ label.title }}</span>
          <span class="b-quiet">{{ channel(row.channel) }}<template v-if="row.language"> · {{ language(row.language) }}</template></span>
        </span>
      </button>
    </li>`,
};

// What a search found; the words that it was found by are marked.
const Found = {
  props: { found: Object, t: Object },
  emits: ["open"],
  methods: {
    channel, ago: (ms, t) => ago(ms, ticker.now, t),
    parts({ snippet, marks }) {
      const parts = [];
      let from = 0;
      for (const [begin, end] of marks) {
        if (begin < from) continue;
        parts.push({ text: snippet.slice(from, begin) }, { text: snippet.slice(begin, end), hit: true });
        from = end;
      }
      return [...parts, { text: snippet.slice(from) }];
    },
  },
  template: `
    <div class="b-found" role="status">
      <h3 v-if="found.people.length">{{ t.found_people }}</h3>
      <ul><li v-for="one in found.people" :key="one.id"><button type="button" class="b-row" :disabled="!one.conversation" @click="$emit('open', one.conversation)">
        <span class="b-name">{{ one.name || one.email || t.visitor }}</span><span class="b-preview">{{ [one.email, one.phone].filter(Boolean).join(" · ") || t.no_conversation }}</span></button></li></ul>
      <h3>{{ t.found_conversations }}</h3>
      <p v-if="!found.conversations.length" class="b-empty">{{ t.nothing_found }}</p>
      <ul><li v-for="one in found.conversations" :key="one.row.id"><button type="button" class="b-row" @click="$emit('open', one.row.id)">
        <span class="b-row-top"><span class="b-name">{{ one.row.name || t.visitor }}</span><span class="b-since">{{ ago(one.at, t) }}</span></span>
        <span class="b-snippet" dir="auto"><template v-for="(part, n) in parts(one)" :key="n"><mark v-if="part.hit">{{ part.text }}</mark><template v-else>{{ part.text }}</template></template></span>
        <span class="b-tags"><span class="b-quiet">{{ channel(one.row.channel) }} · {{ t['status_' + one.row.status] }}<template v-if="one.hits > 1"> · {{ one.hits }}×</template></span></span></button></li></ul>
    </div>`,
};

export const VIEWS = ["mine", "unassigned", "waiting", "breached", "mentions", "bot", "all", "resolved"];

export default {
  components: { Filters, Found, Row },
  props: {
    rows: Array, view: String, filters: Object, counts: Object, meta: Object, more: Boolean, loaded: Boolean, openId: String, typing: Object, drafts: Object,
    found: Object, me: Object, t: Object,
  },
  emits: ["open", "view", "more", "search", "save", "remove", "dialog"],
  data: () => ({ top: 0, tall: 800, filtering: false, text: "" }),
  computed: {
    tabs() {
      const own = VIEWS.map((name) => ({ id: name, view: name, filters: {}, title: this.t[`view_${name}`], short: this.t[`view_${name}_short`], count: this.counts[name] }));
      const saved = this.meta.saved.map((one) => ({ id: one.id, view: one.view, filters: one.filters, title: one.title }));
      return [...own, ...saved];
    },
    chosen() {
      const same = (tab) => tab.view === this.view && JSON.stringify(tab.filters) === JSON.stringify(this.filters);
      return (this.tabs.find(same) ?? this.tabs.find((tab) => tab.view === this.view)).id;
    },
    labels() {
      return Object.fromEntries(this.meta.labels.map((label) => [label.id, label]));
    },
    begin() {
      return Math.max(0, Math.floor(this.top / HEIGHT) - MARGIN);
    },
    end() {
      return Math.min(this.rows.length, Math.ceil((this.top + this.tall) / HEIGHT) + MARGIN);
    },
    inSight() {
      return this.rows.slice(this.begin, this.end);
    },
    space() {
      return { paddingTop: `${this.begin * HEIGHT}px`, paddingBottom: `${(this.rows.length - this.end) * HEIGHT}px` };
    },
    untold() {
      return this.meta.notifications.filter((one) => !one.read).length;
    },
    narrowed() {
      return Object.keys(this.filters).length;
    },
  },
  watch: {
    text() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.$emit("search", this.text.trim()), 200);
    },
    view: "fromTop",
    filters: "fromTop",
    end: "reach",
    "rows.length": "reach",
  },
  mounted() {
    this.observer = new ResizeObserver(() => (this.tall = this.$refs.box?.clientHeight || this.tall));
    this.observer.observe(this.$refs.box);
  },
  unmounted() {
    this.observer.disconnect();
  },
  methods: {
    number: (n) => (n === undefined ? "" : n > 999 ? "999+" : n),
    fromTop() {
      if (this.$refs.box) this.$refs.box.scrollTop = 0;
      this.top = 0;
    },
    scrolled() {
      this.top = this.$refs.box.scrollTop;
    },
    reach() {
      if (this.more && this.end >= this.rows.length - MARGIN) this.$emit("more");
    },
    move(step) {
      const at = this.tabs.findIndex((tab) => tab.id === this.chosen);
      this.$emit("view", this.tabs[(at + step + this.tabs.length) % this.tabs.length]);
      this.$nextTick(() => this.$el.querySelector("[role=tab][aria-selected=true]")?.focus());
    },
    focusSearch() {
      this.$refs.search.focus();
      this.$refs.search.select();
    },
    clear() {
      this.text = "";
      this.$emit("search", "");
    },
    opened(id) {
      this.$emit("open", id);
    },
    toRow(id) {
      const at = this.rows.findIndex((row) => row.id === id);
      const box = this.$refs.box;
      if (at < 0 || !box) return;
      if (at * HEIGHT < box.scrollTop) box.scrollTop = at * HEIGHT;
      else if ((at + 1) * HEIGHT > box.scrollTop + box.clientHeight) box.scrollTop = (at + 1) * HEIGHT - box.clientHeight;
      this.top = box.scrollTop;
    },
  },
  template: `
    <section class="b-list" :aria-label="t.inbox">
      <div class="b-search"><q-icon name="search" aria-hidden="true" />
        <input ref="search" v-model="text" type="search" :aria-label="t.find_any" :placeholder="t.find_any" maxlength="200" @keydown.esc="clear">
        <button type="button" class="b-icon" :class="{on: narrowed}" :aria-label="t.filters" :title="t.filters" :aria-expanded="filtering" @click="filtering = !filtering"><q-icon name="filter_list" /><span v-if="narrowed" class="b-sr">{{ narrowed }}</span></button>
        <button type="button" class="b-icon b-bell" :aria-label="t.notifications + ': ' + untold" :title="t.notifications" @click="$emit('dialog', 'notifications')"><q-icon name="notifications" /><span v-if="untold" class="b-count hot" aria-hidden="true">{{ untold }}</span></button>
        <button type="button" class="b-icon" :aria-label="t.settings" :title="t.settings" @click="$emit('dialog', 'settings')"><q-icon name="settings" /></button></div>
      <Filters v-if="filtering" :filters="filters" :meta="meta" :saved="meta.saved" :t="t" @change="$emit('view', {view, filters: $event})" @save="(title, shared) => $emit('save', title, shared)" @remove="$emit('remove', $event)" />
      <div v-if="!found" class="b-tabs b-views" role="tablist" :aria-label="t.views" @keydown.left.prevent="move(-1)" @keydown.right.prevent="move(1)">
        <button v-for="tab in tabs" :key="tab.id" type="button" role="tab" :id="'tab-' + tab.id" :aria-selected="tab.id === chosen"
                aria-controls="b-rows" :tabindex="tab.id === chosen ? 0 : -1" :title="tab.title" @click="$emit('view', tab)">
          {{ tab.short || tab.title }} <span v-if="tab.count !== undefined" class="b-count" :class="{hot: tab.count && (tab.id === 'unassigned' || tab.id === 'breached' || tab.id === 'mentions')}">{{ number(tab.count) }}</span>
        </button>
      </div>
      <div id="b-rows" ref="box" class="b-rows" :role="found ? null : 'tabpanel'" :aria-labelledby="found ? null : 'tab-' + chosen" @scroll.passive="scrolled">
        <Found v-if="found" :found="found" :t="t" @open="opened" />
        <template v-else>
          <ul :style="space">
            <Row v-for="row in inSight" :key="row.id" :row="row" :open="row.id === openId" :typing="!!typing[row.id]" :draft="drafts.has(row.id)"
                 :labels="labels" :me="me" :t="t" @open="opened" />
          </ul>
          <p v-if="!rows.length" class="b-empty">{{ !loaded ? t.loading : narrowed ? t.empty_filtered : t['empty_' + view] }}</p>
          <p v-else-if="more" class="b-empty">{{ t.loading }}</p>
        </template>
      </div>
    </section>`,
};
