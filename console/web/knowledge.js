import { asking } from "baton-console/board.js";
import { date, fill, language, whole } from "baton-console/format.js";

const SEARCH_AFTER = 200;
const TABS = ["usage", "duplicate", "contradiction", "stale", "links"];
const COLUMNS = ["cited", "failed", "shown", "used", "helped", "not_helped", "thumbs_up", "thumbs_down", "last_at"];
const PERIODS = [7, 30, 90, 365];

export default {
  props: { me: Object, languages: Array, t: Object },
  mixins: [asking],
  data() {
    const asked = new URLSearchParams(location.search);
    const days = Number(asked.get("days"));
    return {
      tab: TABS.includes(asked.get("tab")) ? asked.get("tab") : "usage", article: asked.get("article") ?? "",
      filter: { days: PERIODS.includes(days) ? days : 30, language: asked.get("language") ?? "", text: asked.get("text") ?? "" },
      order: "cited", ascending: false, dismissed: false, limit: 100, lines: [], more: false, asked: null, overview: null, loaded: false, trouble: "",
      tabs: TABS, columns: COLUMNS, periods: PERIODS,
    };
  },
  watch: {
    filter: {
      deep: true,
      handler() {
        clearTimeout(this.timer);
        this.timer = setTimeout(this.load, SEARCH_AFTER);
      },
    },
    dismissed() {
      this.load();
    },
  },
  mounted() {
    this.load();
  },
  methods: {
    date, fill, language, whole,
    load() {
      const used = { tab: this.tab === "usage" ? "" : this.tab, article: this.article, days: this.filter.days === 30 ? "" : this.filter.days, language: this.filter.language, text: this.filter.text };
      const kept = Object.entries(used).filter(([, value]) => value);
      history.replaceState(history.state, "", location.pathname + (kept.length ? `?${new URLSearchParams(kept)}` : ""));
      this.loaded = false;
      if (this.article) this.ask("asked", { article: this.article, days: this.filter.days });
      else if (this.tab === "usage") this.ask("usage", { ...this.filter, order: this.order, ascending: this.ascending, limit: this.limit });
      else if (this.tab === "stale" || this.tab === "links") this.ask(this.tab);
      else this.ask("findings", { of: this.tab, dismissed: this.dismissed });
    },
    go(tab) {
      Object.assign(this, { tab, article: "", lines: [], more: false, asked: null });
      this.load();
    },
    open(article) {
      Object.assign(this, { article, asked: null });
      this.load();
    },
    sort(column) {
      this.ascending = this.order === column ? !this.ascending : column === "title";
      this.order = column;
      this.load();
    },
    showMore() {
      this.limit *= 2;
      this.load();
    },
    direction(column) {
      return this.order === column ? (this.ascending ? "ascending" : "descending") : "none";
    },
    fill_in(tab, data) {
      if (this.tab === tab && !this.article) Object.assign(this, { more: false }, data, { loaded: true });
    },
    on_usage(data) {
      this.fill_in("usage", data);
    },
    on_findings(data) {
      this.fill_in(data.of, { lines: data.lines });
    },
    on_stale(data) {
      this.fill_in("stale", data);
    },
    on_links(data) {
      this.fill_in("links", data);
    },
    on_asked(data) {
      if (data.article === this.article) Object.assign(this, { asked: data, loaded: true });
    },
    on_judged(data) {
      this.lines = this.lines.filter((one) => one.id !== data.id);
    },
    on_overview(data) {
      this.overview = data;
    },
    on_failed({ message }) {
      Object.assign(this, { trouble: message, loaded: true });
    },
    on_expired() {
      window.dispatchEvent(new Event("baton-expired"));
    },
    address: (id, code) => `/console/articles/${encodeURIComponent(id)}${code ? `?language=${encodeURIComponent(code)}` : ""}`,
    cell(line, column) {
      return column === "last_at" ? (line.last_at ? date(line.last_at) : "") : line[column];
    },
    outcomes(one) {
      return one.outcomes.map(([name, count]) => (count > 1 ? `${this.t[`out_${name}`]} ${count}×` : this.t[`out_${name}`])).join(", ");
    },
    differs(one) {
      return one.kind === "yes_no" ? this.t.find_yes_no : fill(this.t.find_differs, one);
    },
  },
  template: `
    <main class="b-page b-learning b-knowledge">
      <div class="b-filters">
        <div class="b-tabs" role="tablist" :aria-label="t.views">
          <button v-for="name in tabs" :key="name" type="button" role="tab" :aria-selected="tab === name && !article" @click="go(name)">{{ t['know_' + name] }}
            <span v-if="overview && name !== 'usage'" class="b-count">{{ overview[name] }}</span></button>
        </div>
        <span v-if="overview && overview.read < overview.published" class="b-quiet">{{ fill(t.know_read, overview) }}</span>
        <span v-if="overview && overview.unchecked" class="b-quiet">{{ fill(t.know_unchecked, overview) }}</span>
        <span class="b-grow"></span>
        <template v-if="tab === 'usage'">
          <input v-if="!article" v-model="filter.text" type="search" :placeholder="t.know_search" :aria-label="t.know_search">
          <label v-if="!article">{{ t.language }} <select v-model="filter.language"><option value="">{{ t.any }}</option><option v-for="code in languages" :key="code" :value="code">{{ language(code) }}</option></select></label>
          <label>{{ t.know_days }} <select v-model.number="filter.days" class="b-period"><option v-for="days in periods" :key="days" :value="days">{{ fill(t.know_last_days, {days}) }}</option></select></label>
        </template>
        <label v-if="tab === 'duplicate' || tab === 'contradiction'" class="b-check"><input v-model="dismissed" type="checkbox"> {{ t.find_show_fine }}</label>
      </div>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>

      <section v-if="article && asked" class="b-who" :aria-label="t.who_asks">
        <p><button type="button" class="b-link" @click="go('usage')">{{ t.who_back }}</button></p>
        <h1><a :href="address(asked.article)">{{ asked.title }}</a> <span class="b-quiet">{{ t.who_asks }}</span></h1>
        <template v-for="[name, rows] in [['who_answered', asked.answered], ['who_not', asked.notAnswered]]" :key="name">
          <h2>{{ t[name] }}</h2>
          <ul class="b-asked" :class="name"><li v-for="(one, place) in rows" :key="place"><b class="b-times">{{ one.count }}×</b> <span :lang="one.language">{{ one.text }}</span>
            <span class="b-quiet">{{ one.language }} · {{ outcomes(one) }} · <time :title="whole(one.lastAt)">{{ date(one.lastAt) }}</time></span></li></ul>
          <p v-if="!rows.length" class="b-quiet">{{ t.who_none }}</p>
        </template>
      </section>

      <div v-else-if="tab === 'usage' && !article" class="b-table">
        <p v-for="one in overview?.expected ?? []" :key="one.language" class="b-quiet b-expected">{{ fill(t.know_expected, { ...one, language: language(one.language) }) }} {{ one.asked ? t.know_expected_asked : '' }} {{ one.real ? fill(t.know_expected_real, one) : '' }}</p>
        <p class="b-quiet b-calibration"><span v-if="overview?.calibrationAskedAt" role="status">{{ t.know_calibrating }}</span>
          <template v-else><span v-if="overview?.calibratedAt">{{ fill(t.know_calibrated, { date: date(overview.calibratedAt) }) }}</span>
          <button type="button" class="b-link b-calibrate" :title="t.know_calibrate_hint" @click="ask('calibrate')">{{ t.know_calibrate }}</button></template></p>
        <table><thead><tr>
          <th scope="col" :aria-sort="direction('title')"><button type="button" class="b-sort" :title="t.use_title_hint" @click="sort('title')">{{ t.know_article }}</button></th>
          <th scope="col">{{ t.language }}</th>
          <th v-for="column in columns" :key="column" scope="col" :aria-sort="direction(column)"><button type="button" class="b-sort" :title="t['use_' + column + '_hint']" @click="sort(column)">{{ t['use_' + column] }}</button></th>
        </tr></thead><tbody>
          <tr v-for="line in lines" :key="line.article + line.language">
            <td><button v-if="line.status !== 'deleted'" type="button" class="b-link b-ask" @click="open(line.article)">{{ line.title }}</button><span v-else>{{ line.title }}</span>
              <span v-if="line.status !== 'published'" class="b-tag">{{ t['status_' + line.status] ?? t.use_deleted }}</span></td>
            <td><span class="b-lang" :title="language(line.language)">{{ line.language || '–' }}</span></td>
            <td v-for="column in columns" :key="column" class="b-number" :class="{zero: !line[column]}">{{ cell(line, column) }}</td>
          </tr></tbody></table>
        <button v-if="more" type="button" class="b-btn b-more" @click="showMore">{{ t.more }}</button>
      </div>

      <template v-else-if="tab === 'duplicate' || tab === 'contradiction'">
        <p class="b-quiet">{{ t.find_candidates }}</p>
        <ul class="b-sentences"><li v-for="one in lines" :key="one.id" class="b-sentence b-finding" :data-id="one.id">
          <div class="b-sentence-top">
            <span v-if="one.kind === 'duplicate'" class="b-tag warn">{{ fill(t.find_share, one) }}</span>
            <span v-for="(what, place) in one.differs" :key="place" class="b-tag warn">{{ differs(what) }}</span>
            <span v-if="one.by" class="b-quiet">{{ fill(t.find_by, {name: one.by}) }}</span>
            <span class="b-grow"></span>
            <button type="button" class="b-btn" @click="ask('judge', {id: one.id, dismissed: !one.by})">{{ one.by ? t.undo : t.find_fine }}</button>
          </div>
          <div class="b-sides"><div v-for="side in [one.one, one.other]" :key="side.article + side.language"><a :href="address(side.article, side.language)">{{ side.article }}</a> <span class="b-lang">{{ side.language }}</span>
            <p :lang="side.language">{{ side.text }}</p></div></div>
        </li></ul>
      </template>

      <div v-else-if="tab === 'stale'" class="b-table"><table>
        <thead><tr><th scope="col">{{ t.know_article }}</th><th scope="col">{{ t.language }}</th><th scope="col">{{ t.why }}</th><th scope="col">{{ t.stale_since }}</th></tr></thead>
        <tbody><tr v-for="(line, place) in lines" :key="place"><td><a :href="address(line.article, line.language)">{{ line.title }}</a></td><td><span class="b-lang">{{ line.language }}</span></td>
          <td>{{ fill(t['stale_' + line.why] ?? line.why, line) }}</td><td>{{ date(line.since) }}</td></tr></tbody></table></div>

      <div v-else-if="tab === 'links'" class="b-table"><table>
        <thead><tr><th scope="col">{{ t.know_article }}</th><th scope="col">{{ t.language }}</th><th scope="col">{{ t.link_link }}</th><th scope="col">{{ t.why }}</th></tr></thead>
        <tbody><tr v-for="(line, place) in lines" :key="place"><td><a :href="address(line.article, line.language)">{{ line.article }}</a></td><td><span class="b-lang">{{ line.language }}</span></td>
          <td class="b-written">{{ line.written }}</td><td>{{ t['link_' + line.why] }} <span class="b-quiet">{{ line.detail }} <time v-if="line.checkedAt" :title="whole(line.checkedAt)">{{ date(line.checkedAt) }}</time></span></td></tr></tbody></table></div>

      <p v-if="!article && !lines.length" class="b-empty">{{ loaded ? t.know_none : t.loading }}</p>
    </main>`,
};
