// Under a public comment: its one private answer. It shows what became of the answer, or offers to write it.
import { fill } from "baton-console/format.js";

const WITHIN = 7 * 24 * 3600 * 1000;

export default {
  props: { message: Object, answer: Object, mine: Boolean, customer: String, t: Object },
  emits: ["send"],
  data: () => ({ writing: false, text: "" }),
  computed: {
    failed() {
      return this.answer?.delivery === "failed";
    },
    done() {
      return !!this.answer && !this.failed;
    },
    may() {
      return this.mine && !this.done && Date.now() - this.message.at < WITHIN;
    },
  },
  methods: {
    fill,
    begin() {
      this.writing = true;
      this.$nextTick(() => this.$refs.area?.focus());
    },
    // What was written stays until its message stands in the transcript: a refusal loses nothing.
    send() {
      if (this.text.trim()) this.$emit("send", { comment: this.message.comment, text: this.text });
    },
  },
  template: `
    <div v-if="done || failed || may" class="b-private">
      <p v-if="done" class="b-private-done">{{ t.private_done }} · {{ t['delivery_' + answer.delivery] }}</p>
      <p v-if="failed" class="b-undelivered">{{ t.private_failed }}</p>
      <template v-if="may"><button v-if="!writing" type="button" class="b-link b-private-reply" @click="begin">{{ t.private_reply }}</button>
        <form v-else @submit.prevent="send"><label>{{ fill(t.private_reply_hint, {name: customer || t.visitor}) }}
          <textarea ref="area" v-model="text" rows="2" maxlength="2000" @keydown.esc.stop="writing = false"></textarea></label>
          <p class="b-buttons"><button class="b-btn primary b-private-send" :disabled="!text.trim()">{{ t.private_send }}</button>
            <button type="button" class="b-btn" @click="writing = false">{{ t.adm_cancel }}</button></p></form></template>
    </div>`,
};
