import Dialog from "baton-console/dialog.js";

export default {
  components: { Dialog },
  props: { preferences: Object, t: Object },
  emits: ["change", "close"],
  data: () => ({ refused: false }),
  methods: {
    change(name, value) {
      this.$emit("change", { [name]: value });
    },
    // The browser asks the person, and only after they have asked for it here.
    async desktop(on) {
      this.refused = false;
      if (on && (!("Notification" in window) || (await Notification.requestPermission()) !== "granted")) {
        this.refused = true;
        this.$refs.desktop.checked = false;
        return;
      }
      this.change("desktop", on);
    },
  },
  template: `
    <Dialog :title="t.settings" :t="t" @close="$emit('close')">
      <label class="b-field">{{ t.interface_language }}<select data-first :value="preferences.language" @change="change('language', $event.target.value)">
        <option value="">{{ t.language_browser }}</option><option value="en" lang="en">English</option><option value="zh-Hant" lang="zh-Hant">繁體中文</option></select></label>
      <label class="b-field">{{ t.colours }}<select :value="preferences.theme" @change="change('theme', $event.target.value)">
        <option v-for="name in ['system', 'light', 'dark']" :key="name" :value="name">{{ t['theme_' + name] }}</option></select></label>
      <label class="b-field">{{ t.undo_for }}<select :value="preferences.undo_seconds" @change="change('undo_seconds', Number($event.target.value))">
        <option v-for="n in [0, 5, 10]" :key="n" :value="n">{{ t['undo_' + n] }}</option></select></label>
      <label class="b-check"><input type="checkbox" :checked="preferences.sound" @change="change('sound', $event.target.checked)"> {{ t.sound }}</label>
      <label class="b-check"><input ref="desktop" type="checkbox" :checked="preferences.desktop" @change="desktop($event.target.checked)"> {{ t.desktop }}</label>
      <p v-if="refused" class="b-warning" role="alert">{{ t.desktop_refused }}</p>
      <label class="b-check"><input type="checkbox" :checked="preferences.keys" @change="change('keys', $event.target.checked)"> {{ t.single_keys }}</label>
    </Dialog>`,
};
