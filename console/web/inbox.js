import Composer from "baton-console/composer.js";
import Customer from "baton-console/customer.js";
import { channel, fill } from "baton-console/format.js";
import Packet from "baton-console/packet.js";
import Rows from "baton-console/rows.js";
import AssistPanel from "baton-console/assist_panel.js";
import Suggestions from "baton-console/suggestions.js";
import Transcript from "baton-console/transcript.js";

const TYPING_LASTS = 6000;
const NOTICE_LASTS = 8000;
const ACTIONS = ["take", "release", "hand_back", "resolve"];

// The order of desk.inbox: those who wait first, the most urgent and longest waiting of them on top, then the newest.
function order(a, b) {
  const queued = (row) => (row.handler === "queue" && row.status !== "resolved" ? 0 : 1);
  if (queued(a) !== queued(b)) return queued(a) - queued(b);
  if (queued(a) === 0) return b.urgency - a.urgency || a.waitingSince - b.waitingSince;
  return b.updatedAt - a.updatedAt;
}

export default {
  components: { AssistPanel, Composer, Customer, Packet, Rows, Suggestions, Transcript },
  props: { me: Object, t: Object },
  emits: ["command"],
  data() {
    return {
      view: "all", byId: {}, counts: {}, more: false, loaded: false, unread: {}, typing: {}, wanted: null, open: null, side: false, notice: null, busy: null,
      used: null, shown: new Set(),
    };
  },
  computed: {
    rows() {
      return Object.values(this.byId).filter(this.belongs).sort(order);
    },
    typist() {
      return this.open && this.typing[this.open.row.id];
    },
    holder() {
      const { row } = this.open;
      if (row.status === "resolved") return this.t.is_resolved;
      if (row.handler !== "agent") return this.t[`held_by_${row.handler}`];
      return this.mine ? this.t.held_by_you : fill(this.t.held_by, { name: row.agentName });
    },
    mine() {
      return this.open.row.status !== "resolved" && this.open.row.agentId === this.me.id;
    },
    actions() {
      const { status, handler } = this.open.row;
      if (status === "resolved") return [];
      if (this.mine) return ["release", "hand_back", "resolve"];
      return handler === "agent" ? [] : ["take"];
    },
    // Drafts for a message that a person has answered since are over, and so are those for a conversation that a colleague holds.
    suggestions() {
      const { row, messages, suggestions } = this.open;
      if (row.status === "resolved" || (row.handler === "agent" && !this.mine)) return [];
      const said = messages.filter((message) => message.author === "agent" && !message.note).at(-1)?.seq ?? 0;
      const seq = new Map(messages.map((message) => [message.id, message.seq]));
      return suggestions.filter((item) => (item.state === "made" || item.state === "shown") && (seq.get(item.message) ?? Infinity) > said);
    },
    answered() {
      const said = this.open.messages.filter((message) => !message.note && (message.author === "agent" || message.author === "bot"));
      return said.at(-1)?.author === "agent";
    },
    mayAnswer() {
      const { row } = this.open ?? {};
      return !!row && row.status !== "resolved" && (row.handler === "queue" || row.agentId === this.me.id);
    },
  },
  watch: {
    "counts.waiting"(n) {
      document.title = n ? `(${n}) ${this.t.inbox_title}` : this.t.inbox_title;
    },
    mayAnswer: "noteShown",
  },
  created() {
    this.asked = new Map();
    this.wanted = new URLSearchParams(location.search).get("c");
    window.addEventListener("keydown", this.pressed);
    document.addEventListener("visibilitychange", this.looked);
    this.timer = setInterval(this.forgetTyping, 1000);
  },
  unmounted() {
    window.removeEventListener("keydown", this.pressed);
    document.removeEventListener("visibilitychange", this.looked);
    clearInterval(this.timer);
  },
  methods: {
    channel,
    // --- what the server says
    receive(kind, data) {
      this[`on_${kind}`]?.(data);
    },
    on_list(data) {
      this.view = data.view;
      this.byId = Object.fromEntries(data.rows.map((row) => [row.id, row]));
      this.counts = data.counts;
      this.more = data.more;
      this.loaded = true;
      if (this.wanted && !this.open) this.ask("open", { conversation: this.wanted });
    },
    on_counts(data) {
      this.counts = data.counts;
    },
    on_rows(data) {
      for (const row of data.rows) {
        const looking = this.open?.row.id === row.id && document.visibilityState === "visible";
        if (row.fresh && !looking && (row.handler === "queue" || row.agentId === this.me.id)) this.unread[row.id] = true;
        this.byId[row.id] = row;
        if (this.open?.row.id === row.id) this.open.row = row;
      }
    },
    on_opened(data) {
      if (this.wanted !== data.row.id) return;
      const again = this.open?.row.id === data.row.id;
      this.open = { ...data, traces: again ? this.open.traces : {}, orders: again ? this.open.orders : [], requests: again ? this.open.requests : [], others: again ? this.open.others : [], suggestions: again ? this.open.suggestions : [], help: again ? this.open.help : null };
      this.ask("assist", { conversation: data.row.id });
      this.byId[data.row.id] = { ...this.byId[data.row.id], ...data.row };
      delete this.unread[data.row.id];
      if (!again) this.$nextTick(() => this.$refs.transcript?.toEnd());
    },
    on_messages(data) {
      if (!this.isOpen(data)) return;
      const found = new Map(this.open.messages.map((message) => [message.id, message]));
      for (const message of data.messages) {
        found.set(message.id, message);
        if (message.author !== "system") delete this.typing[this.open.row.id];
      }
      this.open.messages = [...found.values()].sort((a, b) => a.seq - b.seq);
      this.ask("assist", { conversation: this.open.row.id });
      this.open.readSeq = Math.max(this.open.readSeq, data.readSeq);
    },
    on_head(data) {
      if (this.isOpen(data)) Object.assign(this.open, { packet: data.packet, contact: data.contact });
    },
    on_side(data) {
      if (this.isOpen(data)) Object.assign(this.open, { orders: data.orders, requests: data.requests, others: data.others });
    },
    on_suggestions(data) {
      if (!this.isOpen(data)) return;
      this.open.suggestions = data.items;
      this.noteShown();
    },
    on_assist(data) {
      if (this.isOpen(data)) this.open.help = data.help;
    },
    on_prepared(data) {
      if (this.isOpen(data) && this.open.help) this.open.help = { ...this.open.help, prepared: data };
    },
    on_trace(data) {
      if (this.isOpen(data)) this.open.traces[data.message] = data;
    },
    on_typing({ id, author, name, on }) {
      if (author === "bot" || (author === "agent" && name === this.me.name)) return;
      if (on) this.typing[id] = { author, name, until: Date.now() + TYPING_LASTS };
      else delete this.typing[id];
    },
    on_expired(data) {
      this.settle(data?.id, this.t.expired);
      window.dispatchEvent(new Event("baton-expired"));
    },
    on_done({ id }) {
      this.settle(id, null);
    },
    on_failed({ id, kind, message, hint }) {
      const text = [message, hint].filter(Boolean).join(" ");
      if (kind === "open") this.wanted = this.open?.row.id ?? null;
      if (!this.settle(id, text)) this.say(text);
    },
    // --- what the server is asked
    ask(kind, data = {}) {
      this.$emit("command", { kind, ...data });
    },
    settle(id, trouble) {
      const asked = this.asked.get(id);
      this.asked.delete(id);
      if (id && this.busy === id) this.busy = null;
      if (!asked) return false;
      this.$refs.composer?.settled(id, asked, trouble);
      return true;
    },
    choose(id) {
      if (!id) return;
      this.wanted = id;
      delete this.unread[id];
      history.replaceState(history.state, "", `?c=${id}`);
      this.ask("open", { conversation: id });
    },
    leave() {
      this.wanted = this.open = null;
      history.replaceState(history.state, "", location.pathname);
    },
    act(kind) {
      this.busy = `${kind}-${Date.now()}`;
      this.ask(kind, { id: this.busy, conversation: this.open.row.id });
    },
    send(message) {
      this.asked.set(message.id, message.conversation);
      this.ask("send", message);
    },
    use(item) {
      if (!item.internal) this.$refs.composer.use(item);
    },
    dismiss(item) {
      this.open.suggestions = this.open.suggestions.filter((other) => other.id !== item.id);
      this.ask("dismiss", { conversation: this.open.row.id, suggestion: item.id });
    },
    // A draft counts as shown once it stood before someone who may answer, on a page that could be seen.
    noteShown() {
      if (!this.open || !this.mayAnswer || document.visibilityState !== "visible") return;
      const ids = this.suggestions.filter((item) => item.state === "made" && !this.shown.has(item.id)).map((item) => item.id);
      if (!ids.length) return;
      ids.forEach((id) => this.shown.add(id));
      this.ask("shown", { conversation: this.open.row.id, ids });
    },
    // --- the rest
    belongs(row) {
      if (this.view === "resolved") return row.status === "resolved";
      if (row.status === "resolved") return false;
      if (this.view === "waiting") return row.handler === "queue";
      if (this.view === "mine") return row.agentId === this.me.id;
      return this.view === "bot" ? row.handler === "bot" : true;
    },
    isOpen(data) {
      return this.open?.row.id === data.conversation;
    },
    looked() {
      if (document.visibilityState !== "visible" || !this.open) return;
      delete this.unread[this.open.row.id];
      this.noteShown();
    },
    forgetTyping() {
      for (const [id, typist] of Object.entries(this.typing)) if (typist.until < Date.now()) delete this.typing[id];
    },
    say(text) {
      this.notice = text;
      clearTimeout(this.noticeTimer);
      this.noticeTimer = setTimeout(() => (this.notice = null), NOTICE_LASTS);
    },
    step(by) {
      const at = this.rows.findIndex((row) => row.id === this.wanted);
      const next = this.rows[Math.min(Math.max(at + by, 0), this.rows.length - 1)];
      if (!next || next.id === this.wanted) return;
      this.choose(next.id);
      this.$nextTick(() => this.rowElement()?.focus());
    },
    rowElement() {
      const row = this.$el.querySelector(`[data-id="${CSS.escape(this.wanted ?? "")}"]`);
      row?.scrollIntoView({ block: "nearest" });
      return row;
    },
    pressed(event) {
      if (event.altKey && /^Digit[1-3]$/.test(event.code)) {
        const item = this.open && this.suggestions[Number(event.code.slice(5)) - 1];
        if (item) this.use(item);
        return event.preventDefault();
      }
      const { target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest?.("input, textarea, select, [contenteditable], [role=tablist]")) return;
      const inLog = target.closest?.("[role=log], .b-side");
      const by = { j: 1, k: -1, ...(inLog ? {} : { ArrowDown: 1, ArrowUp: -1 }) }[event.key];
      if (by) this.step(by);
      else if (event.key === "Enter" && target.dataset?.id && target.dataset.id === this.open?.row.id) this.$refs.composer.focus();
      else return;
      event.preventDefault();
    },
    icon: (action) => ({ take: "front_hand", release: "undo", hand_back: "smart_toy", resolve: "check_circle" })[action],
    label(action) {
      return action === "take" && this.open.row.handler === "bot" ? this.t.take_over : this.t[action];
    },
  },
  template: `
    <main class="b-desk" :class="{'has-open': !!open, 'has-side': side}">
      <Rows :rows="rows" :view="view" :counts="counts" :more="more" :loaded="loaded" :open-id="wanted" :unread="unread" :typing="typing" :me="me" :t="t"
            @open="choose" @view="ask('view', {view: $event})" @more="ask('more')" />
      <section v-if="open" class="b-conversation" :key="open.row.id" :aria-label="open.row.name || t.visitor">
        <header class="b-head">
          <button type="button" class="b-icon b-back" :aria-label="t.back" @click="leave"><q-icon name="arrow_back" /></button>
          <div class="b-title"><h1>{{ open.row.name || t.visitor }}</h1><p><span class="b-dot" :class="mine ? 'online' : open.row.status === 'resolved' ? '' : open.row.handler" aria-hidden="true"></span>{{ holder }} · {{ channel(open.row.channel) }}</p></div>
          <span class="b-grow"></span>
          <button v-for="action in actions" :key="action" type="button" class="b-btn" :class="{primary: action === 'take'}" :disabled="!!busy"
                  :title="t[action + '_hint'] || label(action)" @click="act(action)"><q-icon :name="icon(action)" /> {{ label(action) }}</button>
          <button type="button" class="b-icon b-show-side" :aria-label="t.show_customer" :title="t.show_customer" :aria-expanded="side" @click="side = !side"><q-icon name="person" /></button>
        </header>
        <Packet v-if="open.packet && open.row.status !== 'resolved' && open.row.handler !== 'bot'" :packet="open.packet" :answered="answered" :t="t" />
        <Transcript ref="transcript" :messages="open.messages" :read-seq="open.readSeq" :customer="open.row.name" :typing="typist" :traces="open.traces" :t="t"
                    @why="ask('trace', {conversation: open.row.id, message: $event})" />
        <AssistPanel v-if="open.row.status !== 'resolved' && open.row.handler !== 'bot'" :help="open.help" :mine="mine" :t="t" @ask="$refs.composer.use({ text: $event })"
                     @prepare="ask('prepare_action', {conversation: open.row.id, ...$event})" @confirm="ask('confirm_action', {conversation: open.row.id, ...$event})" />
        <Suggestions :items="suggestions" :used="used" :t="t" @use="use" @dismiss="dismiss" />
        <Composer ref="composer" :row="open.row" :me="me" :t="t" @send="send" @used="used = $event" @leave="rowElement()?.focus()"
                  @typing="(conversation, on) => ask('typing', {conversation, on})" />
      </section>
      <Customer v-if="open" :contact="open.contact" :orders="open.orders" :requests="open.requests" :others="open.others" :t="t" @open="choose" />
      <section v-if="!open" class="b-nothing"><p>{{ t.choose }}</p><p class="b-quiet">{{ t.choose_keys }}</p></section>
      <div v-if="notice" class="b-notice" role="alert">{{ notice }} <button type="button" class="b-icon small" :aria-label="t.close" @click="notice = null"><q-icon name="close" /></button></div>
    </main>`,
};
