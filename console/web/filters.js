import { channel, language } from "baton-console/format.js";

const STATUSES = ["open", "snoozed", "resolved"];

export default {
  props: { filters: Object, meta: Object, saved: Array, t: Object },
  emits: ["change", "save", "remove"],
  data: () => ({ title: "", shared: false }),
  computed: {
    fields() {
      const { t, meta } = this;
      const people = [{ value: "me", name: t.agent_me }, { value: "nobody", name: t.agent_nobody }, ...meta.people.map((one) => ({ value: one.id, name: one.name }))];
      return [
        { name: "labels", title: t.label, options: meta.labels.map((one) => ({ value: one.id, name: one.title })) },
        { name: "teams", title: t.team, options: meta.teams.map((one) => ({ value: one.id, name: one.name })) },
        { name: "channels", title: t.channel, options: meta.channels.map((one) => ({ value: one, name: channel(one) })) },
        { name: "languages", title: t.language, options: meta.languages.map((one) => ({ value: one, name: language(one) })) },
        { name: "agents", title: t.agent, options: people },
        { name: "statuses", title: t.status, options: STATUSES.map((one) => ({ value: one, name: t[`status_${one}`] })) },
      ];
    },
    any() {
      return Object.keys(this.filters).length > 0;
    },
  },
  methods: {
    choose(name, value) {
      const { [name]: _, ...rest } = this.filters;
      this.$emit("change", value ? { ...rest, [name]: [value] } : rest);
    },
    save() {
      if (!this.title.trim()) return;
      this.$emit("save", this.title.trim(), this.shared);
      this.title = "";
    },
  },
  template: `
    <section class="b-filter" :aria-label="t.filters">
      <label v-for="field in fields" :key="field.name">{{ field.title }}
        <select :value="(filters[field.name] ?? [''])[0]" @change="choose(field.name, $event.target.value)"><option value="">{{ t.any }}</option>
          <option v-for="option in field.options" :key="option.value" :value="option.value">{{ option.name }}</option></select></label>
      <form @submit.prevent="save"><label>{{ t.view_name }}<input v-model="title" maxlength="40"></label>
        <label class="b-check"><input v-model="shared" type="checkbox"> {{ t.view_shared }}</label>
        <button class="b-btn" :disabled="!title.trim()">{{ t.save_view }}</button>
        <button v-if="any" type="button" class="b-btn" @click="$emit('change', {})">{{ t.clear_filters }}</button></form>
      <ul v-if="saved.length" class="b-saved" :aria-label="t.saved_views"><li v-for="one in saved" :key="one.id">{{ one.title }}
        <button v-if="one.own" type="button" class="b-icon small" :aria-label="t.delete_view + ': ' + one.title" :title="t.delete_view" @click="$emit('remove', one.id)"><q-icon name="delete" /></button></li></ul>
    </section>`,
};
