import Dialog from "baton-console/dialog.js";

const COLOURS = ["grey", "red", "orange", "green", "blue", "violet"];

export default {
  components: { Dialog },
  props: { row: Object, meta: Object, t: Object },
  emits: ["toggle", "create", "close"],
  data: () => ({ wanted: "", colour: "blue", colours: COLOURS }),
  computed: {
    shown() {
      const text = this.wanted.trim().toLowerCase();
      return this.meta.labels.filter((label) => label.title.toLowerCase().includes(text));
    },
    fresh() {
      const text = this.wanted.trim();
      return this.meta.mayLabel && text && !this.meta.labels.some((label) => label.title.toLowerCase() === text.toLowerCase());
    },
  },
  methods: {
    has(label) {
      return this.row.labels.includes(label.id);
    },
    create() {
      if (!this.fresh) return;
      this.$emit("create", this.wanted.trim(), this.colour);
      this.wanted = "";
    },
  },
  template: `
    <Dialog :title="t.labels" :t="t" @close="$emit('close')">
      <label class="b-field">{{ t.find_label }}<input v-model="wanted" data-first maxlength="40" @keydown.enter.prevent="create"></label>
      <ul class="b-choices"><li v-for="label in shown" :key="label.id"><label>
        <input type="checkbox" :checked="has(label)" @change="$emit('toggle', label.id, $event.target.checked)"><span class="b-label" :class="label.colour">{{ label.title }}</span></label></li></ul>
      <p v-if="!meta.labels.length" class="b-quiet">{{ t.no_labels }}</p>
      <div v-if="fresh" class="b-row-of"><label class="b-field">{{ t.colour }}<select v-model="colour"><option v-for="one in colours" :key="one" :value="one">{{ t['colour_' + one] }}</option></select></label>
        <button type="button" class="b-btn primary" @click="create">{{ t.create_label }}</button></div>
    </Dialog>`,
};
