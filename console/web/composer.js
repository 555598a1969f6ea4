import * as drafts from "baton-console/drafts.js";
import { fill } from "baton-console/format.js";

const TYPING_EVERY = 3000;
const TYPING_STOPS = 5000;
const CONFIRM_WITHIN = 10000;
const EMPTY = { text: "", note: false, suggestion: null, inserted: "" };

export default {
  props: { row: Object, me: Object, t: Object },
  emits: ["send", "typing", "used", "leave"],
  data: () => ({ ...EMPTY, sending: null, trouble: null, wasMine: false }),
  computed: {
    mine() {
      return this.row.handler === "agent" && this.row.agentId === this.me.id && this.row.status !== "resolved";
    },
    takeable() {
      return this.row.status !== "resolved" && this.row.handler !== "agent";
    },
    maySend() {
      return !!this.text.trim() && !this.sending && (this.note || this.mine || this.takeable);
    },
    button() {
      if (this.sending) return this.t.sending;
      if (this.note) return this.t.add_note;
      return this.takeable ? this.t.send_take : this.t.send;
    },
    state() {
      if (this.mine) return null;
      const name = this.row.agentName;
      if (this.row.status === "resolved") return { text: this.t.resolved_now, loud: false };
      if (this.row.handler === "agent") {
        const loud = !!this.text.trim() || this.wasMine;
        return { text: fill(loud ? this.t.taken_by : this.t.held_other, { name }), loud };
      }
      return { text: this.row.handler === "bot" ? this.t.bot_holds : this.t.queue_holds, loud: false };
    },
    placeholder() {
      return this.note ? this.t.note_to : fill(this.t.reply_to, { name: this.row.name || this.t.visitor });
    },
  },
  watch: {
    "row.id": {
      immediate: true,
      handler() {
        this.stopTyping();
        const kept = drafts.load(this.key());
        Object.assign(this, EMPTY, kept ?? {}, { sending: null, trouble: null, wasMine: this.mine });
        this.$emit("used", this.suggestion);
        this.$nextTick(this.grow);
      },
    },
    mine(now) {
      if (now) this.wasMine = true;
    },
    text() {
      this.keep();
      this.$nextTick(this.grow);
    },
    note() {
      this.keep();
      this.stopTyping();
    },
  },
  unmounted() {
    this.stopTyping();
  },
  methods: {
    key() {
      return drafts.key(this.me.id, this.row.id);
    },
    keep() {
      const { text, note, suggestion, inserted } = this;
      drafts.save(this.key(), text.trim() ? { text, note, suggestion, inserted } : null);
    },
    grow() {
      const area = this.$refs.area;
      if (!area) return;
      area.style.height = "auto";
      area.style.height = `${Math.min(area.scrollHeight + 2, 220)}px`;
    },
    focus() {
      this.$refs.area?.focus();
    },
    // A draft replaces nothing that somebody wrote: only an empty reply, or another draft that was left as it came.
    use(item) {
      const untouched = !this.text.trim() || this.text === this.inserted;
      this.note = false;
      this.text = untouched ? item.text : `${this.text.trimEnd()}\n\n${item.text}`;
      this.inserted = untouched ? item.text : "";
      this.suggestion = item.id;
      this.keep();
      this.$emit("used", item.id);
      this.$nextTick(() => {
        this.focus();
        this.$refs.area.setSelectionRange(this.text.length, this.text.length);
      });
    },
    input() {
      this.trouble = null;
      if (!this.text.trim() && this.suggestion) {
        this.suggestion = null;
        this.$emit("used", null);
      }
      if (!this.mine || this.note) return;
      if (!this.text) return this.stopTyping();
      if (Date.now() - (this.typedAt ?? 0) > TYPING_EVERY) {
        this.typedAt = Date.now();
        this.typingIn = this.row.id;
        this.$emit("typing", this.row.id, true);
      }
      clearTimeout(this.typingTimer);
      this.typingTimer = setTimeout(this.stopTyping, TYPING_STOPS);
    },
    stopTyping() {
      clearTimeout(this.typingTimer);
      if (this.typingIn) this.$emit("typing", this.typingIn, false);
      this.typingIn = null;
      this.typedAt = 0;
    },
    pressed(event) {
      if (event.key === "Escape") return this.$emit("leave");
      // While an input method composes (Chinese, Japanese), Enter chooses a candidate and must not send.
      if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
      if (event.shiftKey && !event.ctrlKey) return;
      event.preventDefault();
      this.send();
    },
    send() {
      if (!this.maySend) return;
      this.stopTyping();
      this.trouble = null;
      // A repeat of the same text keeps its id until it is settled, so that the server can drop it.
      if (this.unsettled?.text !== this.text || this.unsettled?.of !== this.row.id) {
        this.unsettled = { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, text: this.text, of: this.row.id };
      }
      this.sending = this.unsettled.id;
      const { text, note, suggestion } = this;
      this.$emit("send", { id: this.sending, conversation: this.row.id, text, note, suggestion: note ? null : suggestion, take: !note && this.takeable });
      clearTimeout(this.confirmTimer);
      this.confirmTimer = setTimeout(() => {
        if (!this.sending) return;
        this.sending = null;
        this.trouble = this.t.not_confirmed;
      }, CONFIRM_WITHIN);
    },
    // The server settled a message: what became of it, wherever the agent has gone since.
    settled(id, conversation, trouble) {
      clearTimeout(this.confirmTimer);
      if (this.unsettled?.id === id) this.unsettled = null;
      if (conversation !== this.row.id) {
        if (!trouble) drafts.save(drafts.key(this.me.id, conversation), null);
        return;
      }
      this.sending = null;
      if (trouble) {
        this.trouble = trouble;
        return;
      }
      Object.assign(this, EMPTY, { note: this.note });
      this.keep();
      this.$emit("used", null);
      this.$nextTick(this.focus);
    },
  },
  template: `
    <section class="b-composer" :class="{note}" :aria-label="note ? t.note : t.reply">
      <p v-if="state && !note" class="b-state" :class="{loud: state.loud}" :role="state.loud ? 'alert' : null">{{ state.text }}</p>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
      <textarea ref="area" v-model="text" rows="2" dir="auto" :placeholder="placeholder" :aria-label="placeholder" :readonly="!!sending" maxlength="4000"
                @input="input" @keydown="pressed" @blur="stopTyping"></textarea>
      <div class="b-composer-foot">
        <div class="b-modes" role="group" :aria-label="t.mode">
          <button type="button" :aria-pressed="!note" @click="note = false">{{ t.reply }}</button>
          <button type="button" :aria-pressed="note" @click="note = true"><q-icon name="lock" size="14px" /> {{ t.note }}</button>
        </div>
        <span v-if="suggestion && !note" class="b-quiet">{{ t.from_suggestion }}</span>
        <span class="b-grow"></span>
        <span class="b-quiet b-wide">{{ t.send_hint }}</span>
        <button type="button" class="b-btn primary" :disabled="!maySend" @click="send">{{ button }}</button>
      </div>
    </section>`,
};
