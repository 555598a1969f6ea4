// A comparison, line by line; stretches that stayed the same are folded.
import { fill } from "baton-console/format.js";

const AROUND = 2;

export default {
  props: { lines: Array, t: Object },
  data: () => ({ whole: false }),
  computed: {
    shown() {
      if (this.whole) return this.lines;
      const near = this.lines.map((_, place) => this.lines.slice(Math.max(0, place - AROUND), place + AROUND + 1).some((line) => line.kind !== "same"));
      const found = [];
      this.lines.forEach((line, place) => {
        if (near[place]) found.push(line);
        else if (found.at(-1)?.kind === "fold") found.at(-1).count += 1;
        else found.push({ kind: "fold", count: 1, parts: [] });
      });
      return found;
    },
  },
  methods: { fill },
  template: `
    <div class="b-diff">
      <p v-if="!lines.some((line) => line.kind !== 'same')" class="b-quiet">{{ t.no_difference }}</p>
      <template v-for="(line, place) in shown" :key="place">
        <button v-if="line.kind === 'fold'" type="button" class="b-link b-fold" @click="whole = true">{{ fill(t.same_lines, line) }}</button>
        <p v-else :class="line.kind"><span class="b-sr" v-if="line.kind !== 'same'">{{ t['line_' + line.kind] }} </span><template v-for="(part, number) in line.parts" :key="number"><ins v-if="part.kind === 'added'">{{ part.text }}</ins><del v-else-if="part.kind === 'removed'">{{ part.text }}</del><template v-else>{{ part.text }}</template></template>&#8203;</p>
      </template>
    </div>`,
};
