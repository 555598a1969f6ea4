import { filtering } from "baton-console/board.js";
import { date, language, whole, words } from "baton-console/format.js";

const FILTERS = ["text", "status", "category", "language", "audience", "tag", "owner", "care"];
const CARES = ["in_review", "stale", "expired", "outdated"];

export default {
  props: { me: Object, languages: Array, t: Object },
  emits: ["command"],
  mixins: [filtering],
  data() {
    const asked = new URLSearchParams(location.search);
    const filter = Object.fromEntries(FILTERS.map((name) => [name, asked.get(name) ?? ""]));
    return { filter, articles: [], categories: [], tags: [], owners: [], cares: {}, careNames: CARES, more: false, limit: 100, loaded: false, making: false, fresh: this.blank(), trouble: "" };
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
    // What needs somebody: a click shows only those, another one everything.
    isChosen(name) {
      return name === "in_review" ? this.filter.status === name : this.filter.care === name;
    },
    choose(name) {
      const chosen = this.isChosen(name);
      Object.assign(this.filter, { care: "", status: "" });
      if (!chosen) this.filter[name === "in_review" ? "status" : "care"] = name;
    },
    state(article, code) {
      const found = article.languages[code];
      if (found.includes("in_review")) return "review";
      return found.includes("published") ? (found.includes("draft") ? "both" : "published") : found.length ? "draft" : "none";
    },
    stateTitle(article, code) {
      const found = article.languages[code];
      const said = found.length ? found.map((status) => this.t[`status_${status}`]).join(", ") : this.t.status_none;
      return `${language(code)}: ${said}${article.outdated.includes(code) ? `, ${this.t.outdated}` : ""}`;
    },
  },
  template: `
    <main class="b-page">
      <div class="b-filters">
        <input v-model="filter.text" type="search" :placeholder="t.search" :aria-label="t.search">
        <label>{{ t.status }} <select v-model="filter.status"><option value="">{{ t.any }}</option>
          <option v-for="name in ['draft', 'in_review', 'published', 'archived']" :key="name" :value="name">{{ t['status_' + name] }}</option></select></label>
        <label>{{ t.category }} <select v-model="filter.category"><option value="">{{ t.any }}</option><option v-for="name in categories" :key="name" :value="name">{{ words(name) }}</option></select></label>
        <label>{{ t.language }} <select v-model="filter.language"><option value="">{{ t.any }}</option><option v-for="code in languages" :key="code" :value="code">{{ language(code) }}</option></select></label>
        <label>{{ t.audience }} <select v-model="filter.audience"><option value="">{{ t.any }}</option><option value="public">{{ t.audience_public }}</option><option value="internal">{{ t.audience_internal_short }}</option></select></label>
        <label>{{ t.tag }} <select v-model="filter.tag"><option value="">{{ t.any }}</option><option v-for="name in tags" :key="name" :value="name">{{ name }}</option></select></label>
        <label>{{ t.owner }} <select v-model="filter.owner"><option value="">{{ t.any }}</option><option v-for="person in owners" :key="person.id" :value="person.id">{{ person.name }}</option></select></label>
        <span class="b-grow"></span>
        <button type="button" class="b-btn primary" :aria-expanded="making" @click="begin"><q-icon name="add" /> {{ t.new_article }}</button>
      </div>
      <div class="b-cares" role="group" :aria-label="t.needs_somebody">
        <button v-for="name in careNames" :key="name" type="button" class="b-btn" :aria-pressed="isChosen(name)" :disabled="!cares[name] && !isChosen(name)" @click="choose(name)">{{ t['care_' + name] }} <b>{{ cares[name] ?? 0 }}</b></button>
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
          <thead><tr><th scope="col">{{ t.title }}</th><th scope="col">{{ t.status }}</th><th scope="col">{{ t.category }}</th><th scope="col">{{ t.languages }}</th><th scope="col">{{ t.owner }}</th><th scope="col">{{ t.changed }}</th></tr></thead>
          <tbody>
            <tr v-for="article in articles" :key="article.id">
              <td><a :href="address(article.id)">{{ article.title }}</a><span class="b-quiet">{{ article.id }}</span></td>
              <td><span class="b-tag" :class="'status-' + article.status">{{ t['status_' + article.status] }}</span>
                <span v-if="article.audience === 'internal'" class="b-tag"><q-icon name="lock" /> {{ words(article.audience) }}</span>
                <span v-if="article.expired" class="b-tag bad">{{ t.is_expired }}</span><span v-if="article.stale" class="b-tag warn">{{ t.is_stale }}</span></td>
              <td>{{ words(article.category) }}</td>
              <td><span v-for="code in languages" :key="code" class="b-lang" :class="[state(article, code), {outdated: article.outdated.includes(code)}]" :title="stateTitle(article, code)" role="img" :aria-label="stateTitle(article, code)">{{ code }}</span></td>
              <td>{{ article.ownerName }}</td>
              <td :title="whole(article.changedAt)">{{ date(article.changedAt) }}</td>
            </tr>
          </tbody>
        </table>
        <p v-if="!articles.length" class="b-empty">{{ loaded ? t.no_articles : t.loading }}</p>
        <button v-if="more" type="button" class="b-btn b-more" @click="showMore">{{ t.more }}</button>
      </div>
    </main>`,
};
