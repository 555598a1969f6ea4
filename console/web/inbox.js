import { alertPerson } from "baton-console/alerts.js";
import AssistPanel from "baton-console/assist_panel.js";
import Composer from "baton-console/composer.js";
import Customer from "baton-console/customer.js";
import { channel, fill } from "baton-console/format.js";
import Head from "baton-console/head.js";
import Labels from "baton-console/labels.js";
import { changed, fromServer, withLine, withMore } from "baton-console/listing.js";
import Merge from "baton-console/merge.js";
import Notices from "baton-console/notices.js";
import Packet from "baton-console/packet.js";
import Palette from "baton-console/palette.js";
import Rows, { VIEWS } from "baton-console/rows.js";
import Settings from "baton-console/settings.js";
import Shortcuts, { KEYS } from "baton-console/shortcuts.js";
import Snooze from "baton-console/snooze.js";
import Suggestions from "baton-console/suggestions.js";
import Transcript from "baton-console/transcript.js";
import Transfer from "baton-console/transfer.js";

const { markRaw, shallowRef } = Vue;
const TYPING_LASTS = 6000;
const NOTICE_LASTS = 8000;
const DEFAULTS = { language: "", theme: "system", sound: false, desktop: false, undo_seconds: 5, keys: true };
const META = { labels: [], teams: [], people: [], channels: [], languages: [], saved: [], drafts: [], notifications: [], mayLabel: false, mayErase: false, preferences: DEFAULTS };

export default {
  components: { AssistPanel, Composer, Customer, Head, Labels, Merge, Notices, Packet, Palette, Rows, Settings, Shortcuts, Snooze, Suggestions, Transcript, Transfer },
  props: { me: Object, t: Object },
  emits: ["command"],
  setup: () => ({ rows: shallowRef([]) }),
  data() {
    return {
      view: "all", filters: {}, counts: {}, more: false, asking: false, loaded: false, meta: META, found: null, searched: "", paletteFound: null, typing: {}, wanted: null, open: null, side: false,
      notice: null, busy: null, used: null, shown: new Set(), dialog: null, macros: null, withDraft: new Set(),
    };
  },
  computed: {
    typist() {
      return this.open && this.typing[this.open.row.id];
    },
    mine() {
      return this.open.row.status !== "resolved" && this.open.row.agentId === this.me.id;
    },
    actions() {
      const { status, handler } = this.open.row;
      if (status === "resolved") return [];
      if (this.mine) return status === "snoozed" ? ["wake", "transfer", "release", "resolve"] : ["snooze", "transfer", "release", "hand_back", "resolve"];
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
    mergeable() {
      if (!this.open) return false;
      return this.open.merges.length > 0 || (this.open.row.status !== "resolved" && this.open.others.some((other) => other.status !== "resolved"));
    },
    // Everything that can be done now, by name: the command palette.
    everything() {
      const { t } = this;
      const keys = Object.fromEntries(Object.entries(KEYS).filter(([key]) => !key.startsWith("Arrow")).map(([key, id]) => [id, key]));
      const held = this.open ? [...this.actions, "reply", "note", "labels", ...(this.mergeable ? ["merge"] : []), ...(this.open.held.length ? ["undo"] : [])] : [];
      const always = ["search", "filters", "notifications", "settings", "help"];
      const views = VIEWS.map((name) => ({ id: `view:${name}`, name: fill(t.go_to, { name: t[`view_${name}`] }) }));
      const saved = this.meta.saved.map((one) => ({ id: `saved:${one.id}`, name: fill(t.go_to, { name: one.title }) }));
      return [...[...held, ...always].map((id) => ({ id, name: t[`key_${id}`] ?? t[id], keys: keys[id] })), ...views, ...saved];
    },
  },
  watch: {
    "counts.unassigned"(n) {
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
    channel, fill,
    // --- what the server says
    receive(kind, data) {
      this[`on_${kind}`]?.(data);
    },
    on_list(data) {
      Object.assign(this, { view: data.view, filters: data.filters, counts: data.counts, more: data.more, asking: false, loaded: true });
      this.rows = fromServer(data.rows);
      if (this.wanted && !this.open) this.ask("open", { conversation: this.wanted });
    },
    on_more(data) {
      Object.assign(this, { more: data.more, asking: false });
      this.rows = withMore(this.rows, data.rows);
    },
    on_meta(data) {
      this.meta = markRaw(data);
      this.withDraft = new Set(data.drafts);
      window.dispatchEvent(new CustomEvent("baton-preferences", { detail: data.preferences }));
    },
    on_notifications({ items, fresh }) {
      this.meta = markRaw({ ...this.meta, notifications: items });
      const newest = items[0];
      if (fresh && newest) this.alert({ title: fill(this.t.mentioned_by, { name: newest.by }), text: newest.text, open: newest.conversation });
    },
    on_counts(data) {
      this.counts = data.counts;
    },
    on_rows(data) {
      for (const row of data.rows) {
        const looking = this.open?.row.id === row.id && document.visibilityState === "visible";
        this.rows = withLine(this.rows, looking ? { ...row, unread: false } : row);
        if (this.open?.row.id === row.id) this.open.row = row;
        if (row.fresh && !looking && (row.agentId === this.me.id || row.handler === "queue")) this.alert({ title: row.name || this.t.visitor, text: row.preview, open: row.id });
      }
    },
    on_found(data) {
      if (this.dialog === "palette") this.paletteFound = markRaw(data);
      else if (data.text === this.searched) this.found = markRaw(data);
    },
    on_opened(data) {
      if (this.wanted !== data.row.id) return;
      const again = this.open?.row.id === data.row.id;
      const kept = again ? this.open : { traces: {}, orders: [], requests: [], others: [], merges: [], known: [], links: [], suggestions: [], colleagues: [], help: null };
      const { traces, orders, requests, others, merges, known, links, suggestions, colleagues, help } = kept;
      this.open = { traces, orders, requests, others, merges, known, links, suggestions, colleagues, help, ...data, held: data.held.map(this.withEnd) };
      this.read(data.row.id);
      this.ask("assist", { conversation: data.row.id });
      if (!again) this.$nextTick(() => this.$refs.transcript?.toEnd());
    },
    on_messages(data) {
      if (!this.isOpen(data)) return;
      const found = new Map(this.open.messages.map((message) => [message.id, message]));
      for (const message of data.messages) {
        found.set(message.id, message);
        if (message.author !== "system") delete this.typing[this.open.row.id];
      }
      this.open.messages = [...found.values()].sort((a, b) => a.at - b.at || a.seq - b.seq);
      this.open.readSeq = Math.max(this.open.readSeq, data.readSeq);
      this.ask("assist", { conversation: this.open.row.id });
      if (document.visibilityState === "visible" && data.messages.some((message) => message.author === "customer")) this.see();
    },
    on_head(data) {
      if (this.isOpen(data)) Object.assign(this.open, { packet: data.packet, contact: data.contact });
    },
    on_side(data) {
      if (this.isOpen(data)) Object.assign(this.open, { orders: data.orders, requests: data.requests, others: data.others, merges: data.merges, known: data.known, links: data.links });
    },
    lookAtStanding() {
      this.open.standing = null;
      this.ask("standing", { conversation: this.open.row.id });
    },
    on_standing(data) {
      if (this.isOpen(data)) this.open.standing = data.counts;
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
    on_colleagues(data) {
      if (this.isOpen(data)) this.open.colleagues = data.colleagues;
    },
    on_held(data) {
      if (this.isOpen(data)) this.open.held = [...this.open.held.filter((one) => one.id !== data.held.id), this.withEnd(data.held)];
    },
    on_settled({ conversation, sending, state, reason }) {
      if (this.open?.row.id === conversation) this.open.held = this.open.held.filter((one) => one.id !== sending);
      if (state === "refused") {
        this.say(fill(this.t.not_sent, { reason }));
        this.ask("notifications");
      }
    },
    on_undone({ conversation, sending, text }) {
      if (this.open?.row.id !== conversation) return;
      this.open.held = this.open.held.filter((one) => one.id !== sending);
      this.$refs.composer?.giveBack(text);
    },
    /** Answers may come in another order than what was typed: only that to the last letters counts. */
    findMacros(text) {
      this.macrosFor = text;
      this.ask("macros", { text });
    },
    on_macros(data) {
      if (data.text === this.macrosFor) this.macros = data;
    },
    on_macro(data) {
      if (this.isOpen(data)) this.$refs.composer?.insertMacro(data);
    },
    on_looked({ conversation }) {
      const notifications = this.meta.notifications.map((one) => (one.conversation === conversation ? { ...one, read: true } : one));
      this.meta = markRaw({ ...this.meta, notifications });
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
    on_done({ id, kind }) {
      if (kind === "send" && this.asked.has(id)) this.withDraft.delete(this.asked.get(id));
      this.settle(id, null);
    },
    on_failed({ id, kind, message, hint, code }) {
      const text = [message, hint].filter(Boolean).join(" ");
      if (kind === "open") this.wanted = this.open?.row.id ?? null;
      if (kind === "more") this.asking = false;
      if (!this.settle(id, text, code)) this.say(text);
    },
    // --- what the server is asked
    ask(kind, data = {}) {
      this.$emit("command", { kind, ...data });
    },
    settle(id, trouble, code) {
      const asked = this.asked.get(id);
      this.asked.delete(id);
      if (id && this.busy === id) this.busy = null;
      if (!asked) return false;
      this.$refs.composer?.settled(id, asked, trouble, code);
      return true;
    },
    choose(id) {
      if (!id) return;
      this.$refs.composer?.flush();
      this.wanted = id;
      history.replaceState(history.state, "", `?c=${id}`);
      this.ask("open", { conversation: id });
    },
    chooseView({ view, filters }) {
      Object.assign(this, { view, filters, loaded: false, more: false });
      this.rows = [];
      this.ask("view", { view, filters });
    },
    next() {
      if (this.asking || !this.more) return;
      this.asking = true;
      this.ask("more", { after: this.rows.at(-1).place });
    },
    search(text) {
      this.searched = text;
      if (text) this.ask("search", { text });
      else this.found = null;
    },
    leave() {
      this.wanted = this.open = null;
      history.replaceState(history.state, "", location.pathname);
      this.ask("leave");
    },
    act(kind, data = {}) {
      this.dialog = null;
      this.busy = `${kind}-${Date.now()}`;
      this.ask(kind, { id: this.busy, conversation: this.open.row.id, ...data });
    },
    begin(kind) {
      if (["snooze", "transfer"].includes(kind)) this.dialog = kind;
      else this.act(kind);
    },
    send(message) {
      this.asked.set(message.id, message.conversation);
      this.ask("send", message);
    },
    keepDraft(draft) {
      if (draft.text.trim() || draft.body.files.length) this.withDraft.add(draft.conversation);
      else this.withDraft.delete(draft.conversation);
      this.ask("draft", draft);
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
    prefer(changes) {
      const reload = "language" in changes;
      this.ask("prefer", { changes });
      if (reload) setTimeout(() => location.reload(), 400);
    },
    // --- the rest
    withEnd: (held) => ({ ...held, until: Date.now() + held.left }),
    isOpen(data) {
      return this.open?.row.id === data.conversation;
    },
    read(id) {
      if (this.rows.some((row) => row.id === id && row.unread)) this.rows = changed(this.rows, id, { unread: false });
    },
    see() {
      const { row, messages } = this.open;
      this.read(row.id);
      this.ask("seen", { conversation: row.id, seq: messages.at(-1)?.seq ?? 0 });
    },
    looked() {
      if (document.visibilityState !== "visible" || !this.open) return;
      this.see();
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
    alert({ title, text, open }) {
      alertPerson(this.meta.preferences, { title, text, tag: open, open: () => this.choose(open) });
    },
    step(by) {
      const at = this.rows.findIndex((row) => row.id === this.wanted);
      const next = this.rows[Math.min(Math.max(at + by, 0), this.rows.length - 1)];
      if (!next || next.id === this.wanted) return;
      this.choose(next.id);
      this.$refs.list.toRow(next.id);
      this.$nextTick(() => this.$nextTick(() => this.rowElement()?.focus({ preventScroll: true })));
    },
    rowElement() {
      return this.$el.querySelector(`[data-id="${CSS.escape(this.wanted ?? "")}"]`);
    },
    undoLast() {
      const last = this.open?.held.at(-1);
      if (last) this.ask("undo", { sending: last.id });
    },
    // One of the actions of the palette or of the keys; what cannot be done now is left alone.
    perform(id) {
      const [kind, which] = id.split(":");
      if (kind === "view") return this.chooseView({ view: which, filters: {} });
      if (kind === "saved") return this.chooseView(this.meta.saved.find((one) => one.id === which));
      if (id === "next" || id === "previous") return this.step(id === "next" ? 1 : -1);
      if (id === "search") return this.$refs.list.focusSearch();
      if (id === "filters") return (this.$refs.list.filtering = !this.$refs.list.filtering);
      if (["help", "settings", "notifications"].includes(id)) return (this.dialog = id);
      if (!this.open) return;
      if (id === "undo") return this.undoLast();
      if (id === "reply" || id === "note") return this.$refs.composer.focus(id === "note");
      if (id === "labels" || (id === "merge" && this.mergeable)) return (this.dialog = id);
      if (this.actions.includes(id) && !this.busy) this.begin(id);
    },
    // The palette closes first: what it opens takes the focus after it.
    choosePalette(item) {
      this.dialog = this.paletteFound = null;
      this.$nextTick(() => (item.open ? this.choose(item.open) : this.perform(item.id)));
    },
    pressed(event) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        this.dialog = this.dialog === "palette" ? null : "palette";
        return event.preventDefault();
      }
      if (event.altKey && /^Digit[1-3]$/.test(event.code)) {
        const item = this.open && this.suggestions[Number(event.code.slice(5)) - 1];
        if (item) this.use(item);
        return event.preventDefault();
      }
      const { target } = event;
      if (this.dialog || event.ctrlKey || event.metaKey || event.altKey || target.closest?.("input, textarea, select, [contenteditable], [role=tablist]")) return;
      const inText = target.closest?.("[role=log], .b-side, .b-found");
      if (event.key.startsWith("Arrow") && inText) return;
      if (event.key === "Enter" && target.dataset?.id && target.dataset.id === this.open?.row.id) this.$refs.composer.focus();
      else if (event.key === "Escape" && this.open && !inText) this.leave();
      else if (event.key.startsWith("Arrow") && KEYS[event.key]) this.perform(KEYS[event.key]);
      else if (!this.meta.preferences.keys) return;
      else if (KEYS[event.key]) this.perform(KEYS[event.key]);
      else if (/^[1-8]$/.test(event.key)) this.perform(`view:${VIEWS[Number(event.key) - 1]}`);
      else return;
      event.preventDefault();
    },
  },
  template: `
    <div class="b-desk" :class="{'has-open': !!open, 'has-side': side}">
      <Rows ref="list" :rows="rows" :view="view" :filters="filters" :counts="counts" :meta="meta" :more="more" :loaded="loaded" :open-id="wanted" :typing="typing" :drafts="withDraft" :found="found" :me="me" :t="t"
            @open="choose" @view="chooseView" @more="next" @search="search" @save="(title, shared) => ask('save_view', {title, shared, view, filters})" @remove="ask('delete_view', {saved: $event})" @dialog="dialog = $event" />
      <section v-if="open" class="b-conversation" :key="open.row.id" :data-conversation="open.row.id" :aria-label="open.row.name || t.visitor">
        <Head :open="open" :actions="actions" :mine="mine" :busy="!!busy" :side="side" :labels="meta.labels" :mergeable="mergeable" :me="me" :t="t" @act="begin" @dialog="dialog = $event" @leave="leave" @side="side = !side" @unlabel="act('label', {label: $event, on: false})" />
        <Packet v-if="open.packet && open.row.status !== 'resolved' && open.row.handler !== 'bot'" :packet="open.packet" :answered="answered" :t="t" />
        <Transcript ref="transcript" :messages="open.messages" :read-seq="open.readSeq" :customer="open.row.name" :typing="typist" :traces="open.traces" :held="open.held" :mine="mine" :t="t" @private="ask('private_reply', {conversation: open.row.id, ...$event})"
                    @why="ask('trace', {conversation: open.row.id, message: $event})" @undo="ask('undo', {sending: $event})" />
        <AssistPanel v-if="open.row.status !== 'resolved' && open.row.handler !== 'bot'" :help="open.help" :mine="mine" :t="t" @ask="$refs.composer.use({ text: $event })"
                     @prepare="ask('prepare_action', {conversation: open.row.id, ...$event})" @confirm="ask('confirm_action', {conversation: open.row.id, ...$event})" />
        <Suggestions :items="suggestions" :used="used" :t="t" @use="use" @dismiss="dismiss" />
        <Composer ref="composer" :row="open.row" :me="me" :people="meta.people" :macros="macros" :draft="open.draft" :t="t" @send="send" @used="used = $event" @leave="rowElement()?.focus()"
                  @typing="(conversation, on, note) => ask('typing', {conversation, on, note})" @draft="keepDraft" @find-macros="findMacros"
                  @macro="ask('macro', {conversation: open.row.id, macro: $event})" @drop-file="ask('remove_file', {file: $event})" />
      </section>
      <Customer v-if="open" :contact="open.contact" :orders="open.orders" :requests="open.requests" :others="open.others" :known="open.known" :links="open.links" :standing="open.standing" :may-erase="meta.mayErase" :t="t" @open="choose" @decide="act('link', $event)" @look="lookAtStanding" @erase="act('erase', $event)" />
      <section v-if="!open" class="b-nothing"><p>{{ t.choose }}</p><p class="b-quiet">{{ t.choose_keys }}</p></section>
      <Palette v-if="dialog === 'palette'" :actions="everything" :found="paletteFound" :t="t" @act="choosePalette" @search="ask('search', {text: $event})" @close="dialog = paletteFound = null" />
      <Shortcuts v-if="dialog === 'help'" :t="t" @close="dialog = null" />
      <Settings v-if="dialog === 'settings'" :preferences="meta.preferences" :t="t" @change="prefer" @close="dialog = null" />
      <Notices v-if="dialog === 'notifications'" :items="meta.notifications" :t="t" @open="dialog = null; choose($event)" @close="dialog = null" />
      <template v-if="open">
        <Labels v-if="dialog === 'labels'" :row="open.row" :meta="meta" :t="t" @toggle="(label, on) => ask('label', {conversation: open.row.id, label, on})" @create="(title, colour) => ask('new_label', {conversation: open.row.id, title, colour})" @close="dialog = null" />
        <Snooze v-if="dialog === 'snooze'" :t="t" @snooze="act('snooze', {until: $event})" @close="dialog = null" />
        <Transfer v-if="dialog === 'transfer'" :meta="meta" :me="me" :t="t" @transfer="act('transfer', $event)" @close="dialog = null" />
        <Merge v-if="dialog === 'merge'" :others="open.row.status === 'resolved' ? [] : open.others" :merges="open.merges" :t="t" @merge="act('merge', {source: $event})" @part="act('part', {merge: $event})" @close="dialog = null" />
      </template>
      <div v-if="notice" class="b-notice" role="alert">{{ notice }} <button type="button" class="b-icon small" :aria-label="t.close" @click="notice = null"><q-icon name="close" /></button></div>
    </div>`,
};
