import Dialog from "baton-console/dialog.js";
import { channel } from "baton-console/format.js";

export default {
  components: { Dialog },
  props: { others: Array, t: Object },
  emits: ["merge", "close"],
  computed: {
    open() {
      return this.others.filter((other) => other.status !== "resolved");
    },
  },
  methods: { channel },
  template: `
    <Dialog :title="t.merge" :t="t" @close="$emit('close')">
      <p class="b-quiet">{{ open.length ? t.merge_hint : t.merge_none }}</p>
      <ul class="b-offers"><li v-for="other in open" :key="other.id"><button type="button" class="b-btn" @click="$emit('merge', other.id)">{{ channel(other.channel) }} <span class="b-quiet">{{ other.preview }}</span></button></li></ul>
    </Dialog>`,
};
