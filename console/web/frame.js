import * as drafts from "baton-console/drafts.js";
import { fill } from "baton-console/format.js";

const ADDRESS = { inbox: "/console/", articles: "/console/articles", imports: "/console/imports", learning: "/console/learning", unanswered: "/console/unanswered", knowledge: "/console/knowledge", help: "/console/help", admin: "/console/admin", supervisor: "/console/supervisor" };

export default {
  props: { me: Object, here: String, pages: Array, t: Object },
  emits: ["command"],
  template: `
    <header class="b-bar">
      <span class="b-brand"><span class="b-mark" aria-hidden="true"></span>Baton</span>
      <nav class="b-nav" :aria-label="t.pages">
        <a v-for="page in pages" :key="page" :href="address(page)" :aria-current="page === here ? 'page' : null">{{ t[page] }}</a>
      </nav>
      <span class="b-grow"></span>
      <label v-if="pages.includes('inbox')" class="b-presence">
        <span class="b-dot" :class="state" aria-hidden="true"></span>
        <select :value="state" :aria-label="t.presence" @change="choose($event.target.value)">
          <option v-for="one in ['online', 'away', 'busy', 'offline']" :key="one" :value="one">{{ t['presence_' + one] }}</option>
        </select>
      </label>
      <button class="b-icon" type="button" :aria-label="dark ? t.dark_off : t.dark_on" :title="dark ? t.dark_off : t.dark_on" @click="choose_theme(dark ? 'light' : 'dark')">
        <q-icon :name="dark ? 'light_mode' : 'dark_mode'" />
      </button>
      <span class="b-me">{{ me.name }}</span>
      <form ref="out" method="post" action="/console/logout" @submit.prevent="logOut">
        <button class="b-icon" :aria-label="t.logout" :title="t.logout"><q-icon name="logout" /></button>
      </form>
      <div v-if="ended" class="b-ended" role="alert">
        {{ t.expired }} <a :href="again()">{{ t.log_in_again }}</a>
      </div>
    </header>`,
  data() {
    return { state: "online", dark: false, ended: false };
  },
  created() {
    document.documentElement.lang = this.me.language;
    this.theme = this.me.theme;
    this.system = matchMedia("(prefers-color-scheme: dark)");
    this.system.addEventListener("change", this.turn);
    this.turn();
    window.addEventListener("baton-preferences", ({ detail }) => {
      this.theme = detail.theme;
      this.turn();
    });
    window.addEventListener("baton-expired", () => (this.ended = true));
  },
  mounted() {
    this.$el.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  },
  methods: {
    receive(kind, data) {
      if (kind === "presence") this.state = data.state;
      if (kind === "expired") this.ended = true;
    },
    address: (page) => ADDRESS[page],
    again: () => `/console/login?next=${encodeURIComponent(location.pathname + location.search)}`,
    choose(state) {
      this.state = state;
      this.$emit("command", { state });
    },
    turn() {
      this.dark = this.theme === "dark" || (this.theme === "system" && this.system.matches);
      Quasar.Dark.set(this.dark);
    },
    choose_theme(theme) {
      this.theme = theme;
      this.turn();
      this.$emit("command", { theme });
    },
    logOut() {
      const count = drafts.all(this.me.id).length;
      if (count && !confirm(fill(this.t.logout_drafts, { count }))) return;
      drafts.forget(this.me.id);
      this.$refs.out.submit();
    },
  },
};
