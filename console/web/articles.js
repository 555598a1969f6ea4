import { date, language, whole, words } from "baton-console/format.js";

const SEARCH_AFTER = 200;

export default {
  props: { me: Object, languages: Array, t: Object },
  emits: ["command"],
  data() {
    const asked = new URLSearchParams(location.search);
    const filter = Object.fromEntries(["text", "status", "category", "language"].map((name) => [name, asked.get(name) ?? ""]));
    return { filter, articles: [], categories: [], more: false, limit: 100, loaded: false, making: false, fresh: this.blank(), trouble: "" };
  },
  watch: {
    filter: {
      deep: true,
      handler() {
        clearTimeout(this.timer);
        this.timer = setTimeout(this.list, SEARCH_AFTER);
      },
    },
  },
  mounted() {
    this.list();
  },
  methods: {
    date, language, whole, words,
    receive(kind, data) {
      if (kind === "list") Object.assign(this, data, { loaded: true });
      if (kind === "created") location.assign(`${this.address(data.id)}?language=${data.language}`);
      if (kind === "failed") this.trouble = data.message;
      if (kind === "expired") window.dispatchEvent(new Event("baton-expired"));
    },
    blank: () => ({ id: "", title: "", language: "en", category: "", audience: "public" }),
    list() {
      const chosen = Object.entries(this.filter).filter(([, value]) => value);
      history.replaceState(history.state, "", location.pathname + (chosen.length ? `?${new URLSearchParams(chosen)}` : ""));
      this.trouble = "";
      this.$emit("command", { kind: "list", limit: this.limit, ...this.filter });
    },
    showMore() {
      this.limit *= 2;
      this.list();
    },
    begin() {
      this.fresh = this.blank();
      this.trouble = "";
      this.making = true;
      this.$nextTick(() => this.$refs.id.focus());
    },
    create() {
      this.trouble = "";
      this.$emit("command", { kind: "create", ...this.fresh });
    },
    address: (id) => `/console/articles/${encodeURIComponent(id)}`,
    state(article, code) {
      const found = article.languages[code];
      return found.includes("published") ? (found.includes("draft") ? "both" : "published") : found.length ? "draft" : "none";
    },
    stateTitle(article, code) {
      const found = article.languages[code];
      const said = found.length ? found.map((status) => this.t[`status_${status}`]).join(", ") : this.t.status_none;
      return `${language(code)}: ${said}`;
    },
  },
  template: `
    <main class="b-page">
      <div class="b-filters">
        <input v-model="filter.text" type="search" :placeholder="t.search" :aria-label="t.search">
        <label>{{ t.status }} <select v-model="filter.status"><option value="">{{ t.any }}</option>
          <option v-for="name in ['draft', 'published', 'retired']" :key="name" :value="name">{{ t['status_' + name] }}</option></select></label>
        <label>{{ t.category }} <select v-model="filter.category"><option value="">{{ t.any }}</option><option v-for="name in categories" :key="name" :value="name">{{ words(name) }}</option></select></label>
        <label>{{ t.language }} <select v-model="filter.language"><option value="">{{ t.any }}</option><option v-for="code in languages" :key="code" :value="code">{{ language(code) }}</option></select></label>
        <span class="b-grow"></span>
        <button type="button" class="b-btn primary" :aria-expanded="making" @click="begin"><q-icon name="add" /> {{ t.new_article }}</button>
      </div>
      <form v-if="making" class="b-new-article" @submit.prevent="create" @keydown.esc="making = false">
        <label>{{ t.article_id }}<input ref="id" v-model="fresh.id" required maxlength="100" :title="t.article_id_hint" :placeholder="t.article_id_hint"></label>
        <label>{{ t.title }}<input v-model="fresh.title" required maxlength="300"></label>
        <label>{{ t.language }}<select v-model="fresh.language"><option v-for="code in languages" :key="code" :value="code">{{ language(code) }}</option></select></label>
        <label>{{ t.category }}<input v-model="fresh.category" maxlength="100" list="b-categories"></label>
        <datalist id="b-categories"><option v-for="name in categories" :key="name" :value="name"></option></datalist>
        <label>{{ t.audience }}<select v-model="fresh.audience"><option value="public">{{ t.audience_public }}</option><option value="internal">{{ t.audience_internal }}</option></select></label>
        <span class="b-buttons"><button class="b-btn primary">{{ t.create }}</button> <button type="button" class="b-btn" @click="making = false">{{ t.cancel }}</button></span>
      </form>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
      <div class="b-table">
        <table>
          <thead><tr><th scope="col">{{ t.title }}</th><th scope="col">{{ t.status }}</th><th scope="col">{{ t.category }}</th><th scope="col">{{ t.languages }}</th><th scope="col">{{ t.changed }}</th></tr></thead>
          <tbody>
            <tr v-for="article in articles" :key="article.id">
              <td><a :href="address(article.id)">{{ article.title }}</a><span class="b-quiet">{{ article.id }}</span></td>
              <td><span class="b-tag" :class="'status-' + article.status">{{ t['status_' + article.status] }}</span>
                <span v-if="article.audience === 'internal'" class="b-tag"><q-icon name="lock" /> {{ words(article.audience) }}</span></td>
              <td>{{ words(article.category) }}</td>
              <td><span v-for="code in languages" :key="code" class="b-lang" :class="state(article, code)" :title="stateTitle(article, code)" role="img" :aria-label="stateTitle(article, code)">{{ code }}</span></td>
              <td :title="whole(article.changedAt)">{{ date(article.changedAt) }}</td>
            </tr>
          </tbody>
        </table>
        <p v-if="!articles.length" class="b-empty">{{ loaded ? t.no_articles : t.loading }}</p>
        <button v-if="more" type="button" class="b-btn b-more" @click="showMore">{{ t.more }}</button>
      </div>
    </main>`,
};
