import { sendUp, size } from "baton-console/attaching.js";
import * as drafts from "baton-console/drafts.js";
import { fill } from "baton-console/format.js";
import Picker from "baton-console/picker.js";

const TYPING_EVERY = 3000;
const TYPING_STOPS = 5000;
const CONFIRM_WITHIN = 10000;
const KEPT_AFTER = 700;
const empty = () => ({ text: "", note: false, suggestion: null, inserted: "", files: [], mentions: [], macro: null, steps: [] });

export default {
  components: { Picker },
  props: { row: Object, me: Object, people: Array, macros: Object, draft: Object, t: Object },
  emits: ["send", "typing", "used", "leave", "draft", "find-macros", "macro", "drop-file"],
  data: () => ({ ...empty(), sending: null, trouble: null, quoting: false, wasMine: false, picking: null, at: 0, uploading: 0, over: false }),
  computed: {
    mine() {
      return this.row.handler === "agent" && this.row.agentId === this.me.id && this.row.status !== "resolved";
    },
    takeable() {
      return this.row.status !== "resolved" && this.row.handler !== "agent";
    },
    maySend() {
      return (!!this.text.trim() || !!this.files.length) && !this.uploading && !this.sending && (this.note || this.mine || this.takeable);
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
    items() {
      if (!this.picking) return [];
      if (this.picking.kind === "macro") return this.macros?.text === this.picking.wanted ? this.macros.items : [];
      const wanted = this.picking.wanted.toLowerCase();
      const named = this.people.filter((one) => one.id !== this.me.id && one.name.toLowerCase().includes(wanted));
      return named.slice(0, 8).map((one) => ({ id: one.id, title: one.name }));
    },
  },
  watch: {
    "row.id": {
      immediate: true,
      handler() {
        this.stopTyping();
        this.picking = null;
        this.fillFrom(this.newest());
        Object.assign(this, { sending: null, trouble: null, quoting: false, wasMine: this.mine });
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
  mounted() {
    window.addEventListener("pagehide", this.flush);
  },
  unmounted() {
    this.stopTyping();
    this.flush();
    window.removeEventListener("pagehide", this.flush);
  },
  methods: {
    size,
    key() {
      return drafts.key(this.me.id, this.row.id);
    },
    // What was written last, here or on another machine.
    newest() {
      const here = drafts.load(this.key());
      const there = this.draft;
      if (here && there) return (here.at ?? 0) >= there.at ? here : there;
      return here ?? there;
    },
    fillFrom(kept) {
      Object.assign(this, empty());
      for (const name of Object.keys(empty())) if (kept?.[name] !== undefined) this[name] = kept[name];
    },
    body() {
      const { note, suggestion, inserted, files, mentions } = this;
      return { note, ...(suggestion ? { suggestion } : {}), inserted, files: files.map((file) => file.id), mentions };
    },
    keep() {
      const { text, note, suggestion, inserted, files, mentions, macro, steps } = this;
      const some = text.trim() || files.length;
      drafts.save(this.key(), some ? { text, note, suggestion, inserted, files, mentions, macro, steps, at: Date.now() } : null);
      this.unkept = { conversation: this.row.id, text, body: this.body() };
      clearTimeout(this.keepTimer);
      this.keepTimer = setTimeout(this.flush, KEPT_AFTER);
    },
    flush() {
      clearTimeout(this.keepTimer);
      if (this.unkept) this.$emit("draft", this.unkept);
      this.unkept = null;
    },
    grow() {
      const area = this.$refs.area;
      if (!area) return;
      area.style.height = "auto";
      area.style.height = `${Math.min(area.scrollHeight + 2, 220)}px`;
    },
    focus(note) {
      if (note !== undefined) this.note = note;
      this.$refs.area?.focus();
    },
    // A draft replaces nothing that somebody wrote: only an empty reply, or another draft that was left as it came.
    use(item) {
      const untouched = !this.text.trim() || this.text === this.inserted;
      this.note = false;
      this.text = untouched ? item.text : `${this.text.trimEnd()}\n\n${item.text}`;
      this.inserted = untouched ? item.text : "";
      this.suggestion = item.id ?? null;
      this.keep();
      this.$emit("used", this.suggestion);
      this.toEnd();
    },
    // What was taken back comes to the front of what has been written since.
    giveBack(text) {
      this.note = false;
      this.text = [text, this.text.trim()].filter(Boolean).join("\n\n");
      this.toEnd();
    },
    insertMacro(filled) {
      this.text = [this.text.trimEnd(), filled.text].filter(Boolean).join("\n\n");
      Object.assign(this, { macro: filled.macro, steps: filled.steps, suggestion: null });
      this.toEnd();
    },
    toEnd() {
      this.$nextTick(() => {
        this.focus();
        this.$refs.area?.setSelectionRange(this.text.length, this.text.length);
      });
    },
    input() {
      this.trouble = null;
      this.quoting = false;
      this.look();
      if (!this.text.trim()) {
        if (this.suggestion) this.$emit("used", null);
        Object.assign(this, { suggestion: null, macro: null, steps: [] });
      }
      if (!this.text) return this.stopTyping();
      if (Date.now() - (this.typedAt ?? 0) > TYPING_EVERY) {
        this.typedAt = Date.now();
        this.typingIn = this.row.id;
        this.$emit("typing", this.row.id, true, this.note);
      }
      clearTimeout(this.typingTimer);
      this.typingTimer = setTimeout(this.stopTyping, TYPING_STOPS);
    },
    stopTyping() {
      clearTimeout(this.typingTimer);
      if (this.typingIn) this.$emit("typing", this.typingIn, false, this.note);
      this.typingIn = null;
      this.typedAt = 0;
    },
    // "@" names a colleague in a note; "/" at the beginning of a line looks for a macro.
    look() {
      const before = this.text.slice(0, this.$refs.area.selectionStart);
      const named = this.note && /(?:^|\s)@([^\s@]{0,30})$/.exec(before);
      const macro = !this.note && /(?:^|\n)\/([^\n/]{0,40})$/.exec(before);
      const found = named || macro;
      if (!found) return (this.picking = null);
      const kind = named ? "person" : "macro";
      const changed = this.picking?.kind !== kind || this.picking.wanted !== found[1];
      this.picking = { kind, wanted: found[1], from: before.length - found[1].length - 1, to: before.length };
      if (!changed) return;
      this.at = 0;
      if (kind === "macro") this.$emit("find-macros", found[1]);
    },
    take(item) {
      const { kind, from, to } = this.picking;
      this.picking = null;
      if (kind === "macro") {
        this.text = this.text.slice(0, from) + this.text.slice(to);
        this.$emit("macro", item.id);
        return;
      }
      this.text = `${this.text.slice(0, from)}@${item.title} ${this.text.slice(to)}`;
      this.mentions = [...this.mentions.filter((one) => one.id !== item.id), { id: item.id, name: item.title }];
      const end = from + item.title.length + 2;
      this.$nextTick(() => this.$refs.area.setSelectionRange(end, end));
    },
    pressed(event) {
      // While an input method composes (Chinese, Japanese), Enter chooses a candidate and must not send.
      const composes = event.isComposing || event.keyCode === 229;
      if (this.picking && !composes && this.choose(event)) return event.preventDefault();
      if (event.key === "Escape") return this.$emit("leave");
      if (event.key !== "Enter" || composes) return;
      if (event.shiftKey && !event.ctrlKey) return;
      event.preventDefault();
      this.send();
    },
    choose({ key }) {
      if (key === "Escape") return (this.picking = null), true;
      if (key === "ArrowDown" || key === "ArrowUp") {
        const n = this.items.length || 1;
        this.at = (this.at + (key === "ArrowDown" ? 1 : n - 1)) % n;
        return true;
      }
      if ((key === "Enter" || key === "Tab") && this.items[this.at]) return this.take(this.items[this.at]), true;
      return false;
    },
    async attach(list) {
      this.over = false;
      this.trouble = null;
      for (const file of [...list]) {
        const conversation = this.row.id;
        this.uploading += 1;
        try {
          const kept = await sendUp(file, this.t);
          if (this.row.id === conversation) this.files = [...this.files, kept];
          this.keep();
        } catch (error) {
          this.trouble = error.message;
        } finally {
          this.uploading -= 1;
        }
      }
      if (this.$refs.file) this.$refs.file.value = "";
    },
    pasted(event) {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.attach(files);
    },
    drop(file) {
      this.files = this.files.filter((one) => one.id !== file.id);
      this.$emit("drop-file", file.id);
      this.keep();
    },
    // `confirmed`: the agent was told that this quotes internal text, and means it.
    send(confirmed) {
      if (!this.maySend) return;
      this.stopTyping();
      this.trouble = null;
      this.quoting = false;
      this.picking = null;
      const { text, note, suggestion, macro } = this;
      const files = this.files.map((file) => file.id);
      const what = JSON.stringify([text, files]);
      // A repeat of the same text keeps its id until it is settled, so that the server can drop it.
      if (this.unsettled?.what !== what || this.unsettled?.of !== this.row.id) {
        this.unsettled = { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, what, of: this.row.id };
      }
      this.sending = this.unsettled.id;
      clearTimeout(this.keepTimer);
      this.unkept = null;
      const mentions = note ? this.mentions.filter((one) => text.includes(`@${one.name}`)).map((one) => one.id) : [];
      this.$emit("send", { id: this.sending, conversation: this.row.id, text, note, files, mentions, suggestion: note ? null : suggestion, macro: note ? null : macro, take: !note && this.takeable, ...(confirmed === true ? { confirmed } : {}) });
      clearTimeout(this.confirmTimer);
      this.confirmTimer = setTimeout(() => {
        if (!this.sending) return;
        this.sending = null;
        this.trouble = this.t.not_confirmed;
      }, CONFIRM_WITHIN);
    },
    // The server settled a message: what became of it, wherever the agent has gone since.
    settled(id, conversation, trouble, code) {
      clearTimeout(this.confirmTimer);
      if (this.unsettled?.id === id) this.unsettled = null;
      if (conversation !== this.row.id) {
        if (!trouble) drafts.save(drafts.key(this.me.id, conversation), null);
        return;
      }
      this.sending = null;
      if (trouble) {
        this.trouble = trouble;
        this.quoting = code === "internal_quote";
        this.keep();
        return;
      }
      Object.assign(this, empty(), { note: this.note });
      drafts.save(this.key(), null);
      this.$emit("used", null);
      this.$nextTick(this.focus);
    },
  },
  template: `
    <section class="b-composer" :class="{note, over}" :aria-label="note ? t.note : t.reply" @dragover.prevent="over = true" @dragleave="over = false" @drop.prevent="attach($event.dataTransfer.files)">
      <p v-if="state && !note" class="b-state" :class="{loud: state.loud}" :role="state.loud ? 'alert' : null">{{ state.text }}</p>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }} <button v-if="quoting" type="button" class="b-btn" @click="send(true)">{{ t.send_anyway }}</button></p>
      <Picker v-if="picking" :items="items" :at="at" :title="picking.kind === 'macro' ? t.macros : t.people" :t="t" @take="take" @point="at = $event" />
      <textarea ref="area" v-model="text" rows="2" dir="auto" :placeholder="placeholder" :aria-label="placeholder" :readonly="!!sending" maxlength="4000"
                :aria-controls="picking ? 'b-picker' : null" :aria-activedescendant="picking && items.length ? 'b-picker-' + at : null" aria-autocomplete="list"
                @input="input" @keydown="pressed" @blur="stopTyping" @paste="pasted"></textarea>
      <ul v-if="files.length || uploading" class="b-attached" :aria-label="t.files">
        <li v-for="file in files" :key="file.id"><q-icon :name="file.image ? 'image' : 'description'" /> {{ file.name }} <span class="b-quiet">{{ size(file.size) }}</span>
          <button type="button" class="b-icon small" :aria-label="t.drop_file + ': ' + file.name" :title="t.drop_file" @click="drop(file)"><q-icon name="close" /></button></li>
        <li v-if="uploading" role="status">{{ t.uploading }}</li>
      </ul>
      <p v-if="steps.length && !note" class="b-steps-of b-quiet">{{ t.then }} <span v-for="step in steps" :key="step" class="b-tag">{{ t['step_' + step] }}</span></p>
      <div class="b-composer-foot">
        <div class="b-modes" role="group" :aria-label="t.mode">
          <button type="button" :aria-pressed="!note" @click="note = false">{{ t.reply }}</button>
          <button type="button" :aria-pressed="note" @click="note = true"><q-icon name="lock" size="14px" /> {{ t.note }}</button>
        </div>
        <button type="button" class="b-icon" :aria-label="t.attach_file" :title="t.attach_file" @click="$refs.file.click()"><q-icon name="attach_file" /></button>
        <input ref="file" type="file" multiple hidden tabindex="-1" :aria-label="t.attach_file" @change="attach($event.target.files)">
        <span v-if="suggestion && !note" class="b-quiet">{{ t.from_suggestion }}</span>
        <span class="b-grow"></span>
        <span v-if="!suggestion || note" class="b-quiet b-wide">{{ note ? t.note_hint : t.send_hint }}</span>
        <button type="button" class="b-btn primary" :disabled="!maySend" @click="send()">{{ button }}</button>
      </div>
    </section>`,
};
