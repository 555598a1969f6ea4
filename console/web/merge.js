import Dialog from "baton-console/dialog.js";
import { channel, fill, time } from "baton-console/format.js";

export default {
  components: { Dialog },
  props: { others: Array, merges: Array, t: Object },
  emits: ["merge", "part", "close"],
  computed: {
    open() {
      return this.others.filter((other) => other.status !== "resolved");
    },
  },
  methods: { channel, fill, time },
  template: `
    <Dialog :title="t.merge" :t="t" @close="$emit('close')">
      <p class="b-quiet">{{ open.length ? t.merge_hint : t.merge_none }}</p>
      <ul class="b-offers"><li v-for="other in open" :key="other.id"><button type="button" class="b-btn" @click="$emit('merge', other.id)">{{ channel(other.channel) }} <span class="b-quiet">{{ other.preview }}</span></button></li></ul>
      <template v-if="merges.length">
        <h3>{{ t.merged_before }}</h3>
        <p class="b-quiet">{{ t.part_hint }}</p>
        <ul class="b-offers b-parts"><li v-for="one in merges" :key="one.id"><span>{{ channel(one.channel) }} · {{ time(one.at) }} <span class="b-quiet">{{ one.preview }}</span></span>
          <button type="button" class="b-btn" :aria-label="fill(t.part_one, {preview: one.preview})" @click="$emit('part', one.id)">{{ t.part }}</button></li></ul>
      </template>
    </Dialog>`,
};
