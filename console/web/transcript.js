import { size } from "baton-console/attaching.js";
import PrivateReply from "baton-console/private_reply.js";
import Trace from "baton-console/trace.js";
import { channel, day, dayKey, fill, ticker, time, whole } from "baton-console/format.js";

const TICKS = { queued: "schedule", sent: "done", delivered: "done_all", read: "done_all", failed: "error", unknown: "help" };

const Message = {
  components: { PrivateReply, Trace },
  props: { answer: Object, answerable: Boolean, trace: Object, message: Object, page: Object, readSeq: Number, follows: Boolean, customer: String, mixed: Boolean, t: Object },
  emits: ["why", "private"],
  data: () => ({ why: false }),
  computed: {
    delivery() {
      const { author, note, seq, delivery } = this.message;
      if (author === "customer" || note) return null;
      return ["queued", "sent", "delivered"].includes(delivery) && seq <= this.readSeq ? "read" : delivery;
    },
    author() {
      const { author, name, note } = this.message;
      const said = author === "agent" || author === "customer" ? name || (author === "customer" && this.customer) || this.t[`author_${author}`] : this.t[`author_${author}`];
      if (this.message.privateTo) return `${said} · ${this.t.private_only}`;
      return note ? `${said} · ${this.t.private_note}` : said;
    },
    offered() {
      return this.message.buttons.length ? fill(this.t.offered, { choices: this.message.buttons.join(" · ") }) : "";
    },
  },
  methods: {
    channel, size, time, whole, icon: (delivery) => TICKS[delivery],
    explain() {
      this.why = !this.why;
      if (this.why && !this.trace) this.$emit("why", this.message.id);
    },
  },
  template: `
    <li class="b-msg" :class="[message.author, {note: message.note, follows}]">
      <div class="b-said">
        <span v-if="!follows" class="b-who">{{ author }}<span v-if="message.angry" class="b-tag reason angry">{{ t.angry }}</span></span>
        <div v-if="message.text" class="b-text" dir="auto">{{ message.text }}</div>
        <ul v-if="message.files.length" class="b-message-files" :aria-label="t.files"><li v-for="file in message.files" :key="file.id">
          <a :href="file.url" target="_blank" rel="noopener"><img v-if="file.image" :src="file.url" :alt="file.name" loading="lazy"><template v-else><q-icon name="description" /> {{ file.name }} <span class="b-quiet">{{ size(file.size) }}</span></template></a></li></ul>
        <div v-if="page" class="b-cites">{{ t.on_page }} <a :href="page.url" target="_blank" rel="noopener noreferrer">{{ page.name }}</a></div>
        <div v-if="message.copies?.length" class="b-cites">{{ t.copies_to }} {{ message.copies.join(", ") }}</div>
        <div v-if="offered" class="b-offered">{{ offered }}</div>
        <div v-if="message.citations.length" class="b-cites">{{ t.sources }}
          <template v-for="(cited, n) in message.citations" :key="n">
            <a v-if="cited.url" :href="cited.url" target="_blank" rel="noopener noreferrer">{{ cited.title }}</a><span v-else>{{ cited.title }}</span>{{ n + 1 < message.citations.length ? ", " : "" }}
          </template>
        </div>
        <span class="b-when" :title="whole(message.at)">{{ time(message.at) }}<template v-if="mixed"> · {{ channel(message.channel) }}</template>
          <span v-if="delivery" class="b-tick" :class="delivery" role="img" :aria-label="t['delivery_' + delivery]" :title="t['delivery_' + delivery]"><q-icon :name="icon(delivery)" /></span>
        </span>
        <button v-if="message.author === 'bot'" type="button" class="b-link b-why" :aria-expanded="why" @click="explain">
          <q-icon :name="why ? 'expand_less' : 'expand_more'" /> {{ why ? t.why_hide : t.why_show }}</button>
        <Trace v-if="why && trace" :trace="trace.trace" :t="t" />
        <span v-if="delivery === 'failed' || delivery === 'unknown'" class="b-undelivered">{{ t['delivery_' + delivery] }}</span>
        <PrivateReply v-if="message.comment" :message="message" :answer="answer" :mine="answerable" :customer="customer" :t="t" @send="$emit('private', $event)" />
      </div>
    </li>`,
};

// Sent, but held back for a moment: it can still be undone.
const Held = {
  props: { held: Object, t: Object },
  emits: ["undo"],
  computed: {
    seconds() {
      return Math.max(0, Math.ceil((this.held.until - ticker.now) / 1000));
    },
  },
  methods: { fill },
  template: `
    <li class="b-msg agent held"><div class="b-said"><div class="b-text" dir="auto">{{ held.text || fill(t.with_files, {count: held.files}) }}</div>
      <span class="b-when">{{ fill(t.goes_out_in, {seconds}) }} <button type="button" class="b-link" @click="$emit('undo', held.id)">{{ t.undo }}</button></span></div></li>`,
};

const NEAR = 60; // pixels from the end that still count as reading the newest

export default {
  components: { Held, Message },
  emits: ["why", "undo", "private"],
  props: { mine: Boolean, traces: Object, messages: Array, readSeq: Number, customer: String, typing: Object, held: Array, t: Object },
  data: () => ({ atEnd: true }),
  computed: {
    lines() {
      let last = null, seen = "";
      return this.messages.map((message) => {
        const newDay = !last || dayKey(last.at) !== dayKey(message.at);
        const same = last && last.author === message.author && last.note === message.note && last.privateTo === message.privateTo && last.name === message.name;
        const follows = !newDay && same && message.at - last.at < 120000 && !message.angry;
        last = message;
        const page = message.page && message.page.url !== seen ? message.page : null;
        seen = message.page?.url ?? seen;
        return { message, follows, page, day: newDay ? day(message.at, this.t) : "" };
      });
    },
    // The newest private answer to each comment, and the comment that may have one: the last.
    answers() {
      return new Map(this.messages.filter((message) => message.privateTo).map((message) => [message.privateTo, message]));
    },
    lastComment() {
      return this.messages.findLast((message) => message.comment)?.id;
    },
    mixed() {
      return new Set(this.messages.map((message) => message.channel)).size > 1;
    },
    typist() {
      if (!this.typing) return "";
      return this.typing.author === "customer" ? this.t.customer_types : fill(this.t.colleague_types, { name: this.typing.name });
    },
  },
  watch: {
    messages: { deep: false, handler: "settle" },
    "messages.length": "settle",
    typist: "settle",
    "held.length": "settle",
  },
  mounted() {
    this.toEnd();
    // Panes above and below grow and shrink (packet, suggestions): the end stays in sight.
    this.observer = new ResizeObserver(() => this.atEnd && this.toEnd());
    this.observer.observe(this.$refs.box);
    this.observer.observe(this.$refs.list);
  },
  unmounted() {
    this.observer.disconnect();
  },
  methods: {
    settle() {
      if (this.atEnd) this.$nextTick(this.toEnd);
    },
    toEnd() {
      const box = this.$refs.box;
      if (!box) return;
      box.scrollTop = box.scrollHeight;
      this.size = `${box.scrollHeight}/${box.clientHeight}`;
      this.atEnd = true;
    },
    scrolled() {
      const box = this.$refs.box;
      const size = `${box.scrollHeight}/${box.clientHeight}`;
      const resized = size !== this.size;
      this.size = size;
      if (resized && this.atEnd) return; // the pane changed, not the reader's wish
      this.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    },
  },
  template: `
    <div class="b-talk">
      <div ref="box" class="b-scroll" tabindex="0" role="log" :aria-label="t.transcript" @scroll.passive="scrolled">
        <ol ref="list" class="b-messages">
          <template v-for="line in lines" :key="line.message.id">
            <li v-if="line.day" class="b-day"><span>{{ line.day }}</span></li>
            <Message :message="line.message" :page="line.page" :follows="line.follows" :read-seq="readSeq" :customer="customer" :mixed="mixed" :trace="traces[line.message.id]" :answer="answers.get(line.message.comment)" :answerable="mine && line.message.id === lastComment" :t="t" @why="$emit('why', $event)" @private="$emit('private', $event)" />
          </template>
          <Held v-for="one in held" :key="one.id" :held="one" :t="t" @undo="$emit('undo', $event)" />
        </ol>
        <p class="b-typing" aria-live="polite">{{ typist }}</p>
      </div>
      <button v-if="!atEnd" type="button" class="b-btn b-newest" @click="toEnd">{{ t.newest }} ↓</button>
    </div>`,
};
