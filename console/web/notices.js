import Dialog from "baton-console/dialog.js";
import { ago, fill, ticker } from "baton-console/format.js";

export default {
  components: { Dialog },
  props: { items: Array, t: Object },
  emits: ["open", "close"],
  methods: {
    since: (ms, t) => ago(ms, ticker.now, t),
    title(one) {
      return one.kind === "mention" ? fill(this.t.mentioned_by, { name: one.by }) : this.t.was_not_sent;
    },
  },
  template: `
    <Dialog :title="t.notifications" :t="t" @close="$emit('close')">
      <p v-if="!items.length" class="b-quiet">{{ t.no_notifications }}</p>
      <ul class="b-notices"><li v-for="one in items" :key="one.id" :class="{read: one.read}"><button type="button" @click="$emit('open', one.conversation)">
        <b>{{ title(one) }}</b> <span class="b-quiet">{{ since(one.at, t) }}</span><span dir="auto">{{ one.text }}</span></button></li></ul>
    </Dialog>`,
};
