// What the admin pages have in common: the list of pages beside them, what was said last, and secrets that are shown once.
import { asking } from "baton-console/board.js";
import { ago, fill, ticker, whole } from "baton-console/format.js";

const BUILT_IN = ["agent", "editor", "supervisor", "admin"];

export const admin = {
  props: { me: Object, languages: Array, here: String, sections: Array, permissions: Object, able: Array, t: Object },
  mixins: [asking],
  data: () => ({ said: "", trouble: "", loaded: false }),
  computed: { now: () => ticker.now },
  mounted() {
    this.$el.querySelector(".b-sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.ask("list");
  },
  methods: {
    ago, fill, whole,
    roleName(name) {
      return BUILT_IN.includes(name) ? this.t[`adm_role_${name}`] : name;
    },
    on_failed({ message }) {
      this.said = "";
      this.trouble = message;
      this.$nextTick(() => this.$refs.trouble?.scrollIntoView({ block: "nearest" }));
    },
    on_expired() {
      window.dispatchEvent(new Event("baton-expired"));
    },
  },
};

export const shell = (body) => `
  <div class="b-admin">
    <nav class="b-sections" :aria-label="t.adm_sections">
      <a v-for="name in sections" :key="name" :href="'/console/admin/' + name" :aria-current="name === here ? 'page' : null">{{ t['adm_' + name] }}</a>
    </nav>
    <div class="b-page" :aria-busy="!loaded && !trouble">
      <h1>{{ t['adm_' + here] }}</h1>
      <p v-if="trouble" ref="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
      <p class="b-said-now" role="status">{{ said }}</p>
      ${body}
    </div>
  </div>`;

// A secret that is shown once: `secret` is {text, value} or null.
export const once = {
  props: { secret: Object, t: Object },
  emits: ["hide"],
  data: () => ({ copied: false }),
  methods: {
    async copy() {
      this.$refs.value.select();
      try {
        await navigator.clipboard.writeText(this.secret.value);
      } catch {
        document.execCommand("copy"); // a page that is not served over https has no clipboard
      }
      this.copied = true;
    },
  },
  template: `
    <div class="b-once" role="alert">
      <p>{{ secret.text }}</p>
      <div class="b-once-row"><input ref="value" readonly :value="secret.value" :aria-label="secret.text" @focus="$event.target.select()">
        <button type="button" class="b-btn primary" @click="copy">{{ copied ? t.adm_copied : t.adm_copy }}</button>
        <button type="button" class="b-btn" @click="$emit('hide')">{{ t.adm_hide }}</button></div>
    </div>`,
};
