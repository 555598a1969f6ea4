import { asking, filtering } from "baton-console/board.js";
import { ago, date, fill, language, ticker, whole, words } from "baton-console/format.js";

const VIEWS = ["open", "answered", "drafted", "closed", "dismissed"];
const ORDERS = ["volume", "cost", "newest"];
const FILTERS = { view: "open", language: "", text: "", order: "volume" };

export default {
  props: { me: Object, languages: Array, t: Object },
  mixins: [asking, filtering],
  data() {
    const asked = new URLSearchParams(location.search);
    const filter = Object.fromEntries(Object.entries(FILTERS).map(([name, usual]) => [name, asked.get(name) ?? usual]));
    return {
      filter, questions: [], counts: {}, articles: [], categories: [], more: false, limit: 50, loaded: false, shown: null, detail: null, form: null,
      chosen: [], reason: "", other: "", said: null, trouble: "", views: VIEWS, orders: ORDERS,
    };
  },
  computed: {
    now: () => ticker.now,
    plain() {
      return !this.filter.text && !this.filter.language;
    },
    editable() {
      return this.detail && ["open", "answered"].includes(this.questions.find((one) => one.id === this.shown)?.status);
    },
  },
  methods: {
    ago, date, fill, language, whole, words,
    list() {
      const used = Object.entries(this.filter).filter(([name, value]) => value && value !== FILTERS[name]);
      history.replaceState(history.state, "", location.pathname + (used.length ? `?${new URLSearchParams(used)}` : ""));
      this.ask("list", { limit: this.limit, ...this.filter });
    },
    showMore() {
      this.limit *= 2;
      this.list();
    },
    on_list(data) {
      Object.assign(this, data, { loaded: true });
      if (!this.questions.some((one) => one.id === this.shown)) this.shut();
    },
    shut() {
      this.shown = this.detail = this.form = null;
    },
    show(question) {
      if (this.shown === question.id) return this.shut();
      this.shut();
      this.shown = question.id;
      this.ask("open", { id: question.id });
    },
    on_detail(data) {
      if (this.shown !== data.id) return;
      const { proposal, drafts, wordings } = data;
      const spoken = this.languages.includes(proposal.language) ? proposal.language : "en";
      const written = drafts[spoken] ? spoken : (Object.keys(drafts).find((code) => drafts[code].text) ?? spoken);
      const question = this.questions.find((one) => one.id === data.id);
      this.form = { article: proposal.id, title: proposal.title, language: written, body: drafts[written]?.text ?? "", category: "", audience: "public" };
      this.chosen = wordings.map((one) => ({ text: one.clean, language: one.language, use: !one.marked && one.clean.length > 2 }));
      this.other = question?.found?.article ?? question?.article ?? "";
      this.reason = "";
      this.detail = data;
    },
    turn() {
      const draft = this.detail.drafts[this.form.language];
      const known = Object.values(this.detail.drafts).map((one) => one.text);
      if (!this.form.body.trim() || known.includes(this.form.body)) this.form.body = draft?.text ?? "";
    },
    wordings() {
      return this.chosen.filter((one) => one.use && one.text.trim()).map(({ text, language }) => ({ text, language }));
    },
    approve() {
      this.ask("approve", { id: this.shown, ...this.form, wordings: this.wordings() });
    },
    on_done(data) {
      this.said = data;
      this.shut();
      this.list();
    },
    on_failed({ message }) {
      this.trouble = message;
      this.$nextTick(() => this.$refs.trouble?.scrollIntoView({ block: "nearest" }));
    },
    on_expired() {
      window.dispatchEvent(new Event("baton-expired"));
    },
    address: (id, code) => `/console/articles/${encodeURIComponent(id)}${code ? `?language=${encodeURIComponent(code)}` : ""}`,
    saidNow() {
      return fill(this.t[{ dismissed: "ask_dismissed_now" }[this.said.what] ?? `ask_${this.said.what}`], this.said);
    },
    asked(one) {
      return one.asked > 1 ? fill(this.t.ask_times, one) : this.t.ask_once;
    },
    reopened(one) {
      return fill(this.t[{ asked_again: "ask_again", retired: "ask_retired", by_hand: "ask_by_hand" }[one.reopenedWhy]], one);
    },
  },
  template: `
    <main class="b-page b-learning b-unanswered">
      <div class="b-filters">
        <div class="b-tabs" role="tablist" :aria-label="t.views">
          <button v-for="name in views" :key="name" type="button" role="tab" :aria-selected="filter.view === name" @click="filter.view = name">{{ t['ask_' + name] }}
            <span v-if="loaded" class="b-count">{{ counts[name] }}</span></button>
        </div>
        <span class="b-grow"></span>
        <input v-model="filter.text" type="search" :placeholder="t.ask_search" :aria-label="t.ask_search">
        <label>{{ t.language }} <select v-model="filter.language"><option value="">{{ t.any }}</option><option v-for="code in languages" :key="code" :value="code">{{ language(code) }}</option></select></label>
        <label>{{ t.ask_order }} <select v-model="filter.order" class="b-order-by"><option v-for="name in orders" :key="name" :value="name">{{ t['ask_' + name] }}</option></select></label>
      </div>
      <p v-if="trouble" ref="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
      <p v-if="said" class="b-said-now" role="status">{{ saidNow() }}
        <a v-if="said.article" :href="address(said.article, said.language)">{{ fill(t.ask_edit, said) }}</a>
        <button v-if="said.what === 'dismissed'" type="button" class="b-link" @click="ask('reopen', {id: said.id})">{{ t.undo }}</button></p>
      <datalist id="b-articles"><option v-for="id in articles" :key="id" :value="id"></option></datalist>
      <datalist id="b-categories"><option v-for="name in categories" :key="name" :value="name"></option></datalist>

      <ul class="b-sentences">
        <li v-for="one in questions" :key="one.id" class="b-sentence b-question" :data-id="one.id">
          <div class="b-sentence-top">
            <span class="b-tag">{{ asked(one) }}</span>
            <span v-if="one.handoffs" class="b-tag reason handoff">{{ fill(t.ask_handoffs, one) }}</span>
            <span v-for="code in one.languages" :key="code" class="b-lang" :title="language(code)">{{ code }}</span>
            <span v-if="one.lastAt" class="b-quiet"><time :title="whole(one.lastAt)">{{ ago(one.lastAt, now, t) }}</time></span>
            <span class="b-grow"></span>
            <span v-if="one.by && one.status !== 'open'" class="b-quiet">{{ fill(t.ask_by, {name: one.by}) }} · {{ date(one.decidedAt) }}</span>
          </div>
          <button type="button" class="b-question-text" :aria-expanded="shown === one.id" :lang="one.language" @click="show(one)"><q-icon :name="shown === one.id ? 'expand_less' : 'expand_more'" /> {{ one.text }}</button>
          <p v-if="one.reopenedWhy" class="b-remark warn">{{ reopened(one) }}</p>
          <p v-if="one.status === 'answered'" class="b-remark"><a :href="address(one.found.article, one.found.language)">{{ fill(t.ask_found, one.found) }}</a> <span class="b-quiet">{{ t.ask_found_hint }}</span></p>
          <p v-if="one.status === 'drafted'" class="b-remark"><a :href="address(one.article, one.articleLanguage)">{{ fill(t.ask_waits, one) }}</a></p>
          <p v-if="one.status === 'closed'" class="b-remark"><a :href="address(one.article, one.articleLanguage)">{{ fill(t.ask_closed_by, one) }}</a>
            <span class="b-tag" :class="one.sinceClosed ? 'warn' : 'good'">{{ one.sinceClosed ? fill(t.ask_since, one) : t.ask_quiet }}</span></p>
          <p v-if="one.status === 'dismissed'" class="b-remark">{{ one.reason }}</p>
          <button v-if="['drafted', 'closed', 'dismissed'].includes(one.status)" type="button" class="b-link b-reopen" @click="ask('reopen', {id: one.id})">{{ t.ask_reopen }}</button>

          <div v-if="shown === one.id && detail && form" class="b-question-detail">
            <section :aria-label="t.ask_wordings">
              <h2>{{ t.ask_wordings }}</h2><p class="b-quiet">{{ t.ask_wordings_hint }}</p>
              <ul class="b-wordings"><li v-for="(line, place) in detail.wordings" :key="place">
                <template v-if="editable"><input v-model="chosen[place].use" type="checkbox" :aria-label="t.ask_use"> <input v-model="chosen[place].text" :lang="line.language" maxlength="300" :aria-label="line.text"></template>
                <span v-else :lang="line.language">{{ line.text }}</span>
                <span class="b-quiet">{{ line.language }} · {{ line.count }}× <template v-if="line.marked">· {{ t.ask_marked }}</template></span>
              </li></ul>
            </section>
            <section :aria-label="fill(t.ask_replies, {count: ''})">
              <template v-for="(draft, code) in detail.drafts" :key="code">
                <h2>{{ fill(t.ask_replies, draft) }} <span class="b-lang">{{ code }}</span></h2>
                <ul class="b-replies"><li v-for="(reply, place) in draft.replies" :key="place"><span :lang="code">{{ reply }}</span>
                  <button v-if="editable" type="button" class="b-link" @click="form.language = languages.includes(code) ? code : form.language; form.body = reply">{{ t.ask_take_reply }}</button></li></ul>
              </template>
              <p v-if="!Object.keys(detail.drafts).length" class="b-quiet">{{ t.ask_no_replies }}</p>
            </section>
            <template v-if="editable">
              <form class="b-faq" @submit.prevent="approve">
                <h2>{{ t.ask_new }}</h2>
                <p class="b-quiet">{{ detail.drafts[form.language] ? (detail.drafts[form.language].text ? t.ask_drafted_from : t.ask_no_draft) : '' }}</p>
                <label>{{ t.title }}<input v-model="form.title" required maxlength="300" :lang="form.language"></label>
                <label>{{ t.ask_answer }}<textarea v-model="form.body" rows="6" :lang="form.language"></textarea></label>
                <span class="b-faq-row">
                  <label>{{ t.language }}<select v-model="form.language" @change="turn"><option v-for="code in languages" :key="code" :value="code">{{ language(code) }}</option></select></label>
                  <label>{{ t.article_id }}<input v-model="form.article" required maxlength="100" :title="t.article_id_hint"></label>
                  <label>{{ t.category }}<input v-model="form.category" maxlength="100" list="b-categories"></label>
                  <label>{{ t.audience }}<select v-model="form.audience"><option value="public">{{ t.audience_public }}</option><option value="internal">{{ t.audience_internal }}</option></select></label>
                  <button class="b-btn primary b-approve">{{ t.ask_make }}</button>
                </span>
              </form>
              <form class="b-faq" @submit.prevent="ask('add', {id: shown, article: other.trim(), wordings: wordings()})">
                <h2>{{ t.ask_old }}</h2>
                <span class="b-faq-row">
                  <label>{{ t.ask_old_id }}<input v-model="other" list="b-articles" maxlength="100" class="b-other-article"></label>
                  <button class="b-btn b-add" :disabled="!other.trim()">{{ t.ask_add }}</button>
                  <button type="button" class="b-btn b-accept" :disabled="!other.trim()" @click="ask('accept', {id: shown, article: other.trim()})">{{ t.ask_accept }}</button>
                </span>
              </form>
              <section v-if="detail.near.length" :aria-label="t.ask_near">
                <h2>{{ t.ask_near }}</h2>
                <ul class="b-near-questions"><li v-for="near in detail.near" :key="near.id">{{ near.text }} <span class="b-quiet">{{ near.percent }} %</span>
                  <button type="button" class="b-link" @click="ask('merge', {id: shown, other: near.id})">{{ t.ask_merge }}</button></li></ul>
              </section>
              <form class="b-faq-row b-put-away" @submit.prevent="ask('dismiss', {id: shown, reason})">
                <label>{{ t.ask_reason }}<input v-model="reason" maxlength="300"></label>
                <button class="b-btn b-useless" :disabled="!reason.trim()">{{ t.ask_dismiss }}</button>
              </form>
            </template>
          </div>
        </li>
      </ul>
      <p v-if="!questions.length" class="b-empty">{{ !loaded ? t.loading : filter.view === 'open' && plain ? t.ask_empty_open : t.ask_empty }}</p>
      <button v-if="more" type="button" class="b-btn b-more" @click="showMore">{{ t.more }}</button>
    </main>`,
};
