// The form of one channel account. Which fields it has is told by the channel; secrets go in and never come out.
import { channel, fill } from "baton-console/format.js";

const empty = (fields, given = {}) => Object.fromEntries(fields.map((one) => [one.name, given[one.name] ?? ""]));

export const accountForm = {
  props: { forms: Array, account: Object, t: Object },
  emits: ["save", "cancel"],
  data() {
    return { channel: this.account?.channel ?? this.forms[0].channel, id: this.account?.account ?? "", name: this.account?.name ?? "", settings: {}, secrets: {}, cleared: [] };
  },
  computed: {
    form() {
      return this.forms.find((one) => one.channel === this.channel);
    },
    groups() {
      const of = (secret, needed) => this.form.fields.filter((one) => one.secret === secret && one.needed === needed);
      return [["secrets", of(true, true)], ["settings", of(false, true)], ["secrets", of(true, false)], ["settings", of(false, false)]].filter(([, fields]) => fields.length);
    },
  },
  watch: {
    form: {
      immediate: true,
      handler(form) {
        this.settings = empty(form.fields.filter((one) => !one.secret), this.account?.settings);
        this.secrets = empty(form.fields.filter((one) => one.secret));
      },
    },
  },
  methods: {
    fill,
    title: channel,
    isSet(one) {
      return Boolean(this.account?.set.includes(one.name));
    },
    ghost(one) {
      return this.isSet(one) ? this.t.adm_secret_is_set : one.made ? this.t.adm_secret_made : "";
    },
    save() {
      const { id, name, settings, secrets, cleared } = this;
      this.$emit("save", { ...(this.account ? { id: this.account.id } : { channel: this.channel, account: id }), name, settings, secrets, cleared });
    },
  },
  template: `
    <form class="b-card b-role-form b-account-form" autocomplete="off" @submit.prevent="save">
      <div class="b-faq-row"><label v-if="!account">{{ t.adm_channel }}<select v-model="channel" class="b-account-channel"><option v-for="one in forms" :key="one.channel" :value="one.channel">{{ title(one.channel) }}</option></select></label>
        <label>{{ t.adm_account_name }}<input v-model="name" maxlength="100"></label></div>
      <label>{{ t.adm_account_id }} · {{ t.adm_needed }}<input v-model="id" required maxlength="200" :disabled="Boolean(account)" :aria-label="t.adm_account_id"><span class="b-quiet">{{ form.account }}</span></label>
      <template v-for="([kind, fields], place) in groups" :key="place">
        <fieldset><legend>{{ kind === 'secrets' ? t.adm_secrets : t.adm_settings }}<template v-if="fields[0].needed"> · {{ t.adm_needed }}</template></legend>
          <label v-for="field in fields" :key="form.channel + field.name">{{ field.name }}
            <select v-if="field.choices.length" v-model="settings[field.name]" :aria-label="field.name"><option value="">{{ t.adm_unset }}</option><option v-for="value in field.choices" :key="value">{{ value }}</option></select>
            <input v-else-if="field.secret" v-model="secrets[field.name]" type="password" autocomplete="new-password" :aria-label="field.name" :placeholder="ghost(field)" :required="field.needed && !field.made && !isSet(field)">
            <input v-else v-model="settings[field.name]" :inputmode="field.number ? 'decimal' : null" :aria-label="field.name" :required="field.needed">
            <span class="b-quiet">{{ field.help }}</span>
            <span v-if="field.secret && !field.needed && isSet(field)" class="b-check"><input v-model="cleared" type="checkbox" :value="field.name" :aria-label="field.name + ' ' + t.adm_secret_clear"> {{ t.adm_secret_clear }}</span></label></fieldset>
      </template>
      <p class="b-buttons"><button class="b-btn primary b-save-account">{{ t.adm_save_account }}</button> <button type="button" class="b-btn" @click="$emit('cancel')">{{ t.adm_cancel }}</button></p>
    </form>`,
};

// What somebody enters at the provider: the webhook's address and the words that go with it, to be copied.
export const copied = {
  props: { label: String, value: String, t: Object },
  data: () => ({ done: false }),
  methods: {
    async copy() {
      this.$refs.value.select();
      try {
        await navigator.clipboard.writeText(this.value);
      } catch {
        document.execCommand("copy"); // a page that is not served over https has no clipboard
      }
      this.done = true;
    },
  },
  template: `
    <div class="b-copied"><label>{{ label }}<input ref="value" readonly :value="value" @focus="$event.target.select()"></label>
      <button type="button" class="b-btn" :aria-label="t.adm_copy + ' ' + label" @click="copy">{{ done ? t.adm_copied : t.adm_copy }}</button></div>`,
};
