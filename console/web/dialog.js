// A window over the page: the browser's own <dialog>, which keeps the focus inside and closes on Escape.
export default {
  props: { title: String, t: Object, wide: Boolean },
  emits: ["close"],
  mounted() {
    this.before = document.activeElement;
    this.$refs.box.showModal();
    this.$nextTick(() => this.$refs.box?.querySelector("[data-first], input, select, textarea, .b-dialog-body button")?.focus());
  },
  unmounted() {
    if (this.before?.isConnected) this.before.focus();
  },
  template: `
    <dialog ref="box" class="b-dialog" :class="{wide}" aria-labelledby="b-dialog-title" @close="$emit('close')" @click.self="$refs.box.close()">
      <header><h2 id="b-dialog-title">{{ title }}</h2><span class="b-grow"></span>
        <button type="button" class="b-icon" :aria-label="t.close" @click="$refs.box.close()"><q-icon name="close" /></button></header>
      <div class="b-dialog-body"><slot /></div>
    </dialog>`,
};
