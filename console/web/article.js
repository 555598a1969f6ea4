import * as drafts from "baton-console/drafts.js";
import { fill, language, whole, words } from "baton-console/format.js";

const PREVIEW_AFTER = 150;

// What an editor writes of a language; questions stand one on a line.
const FIELDS = ["title", "body", "questions"];
const written = (from) => Object.fromEntries(FIELDS.map((field) => [field, from[field] ?? ""]));
const same = (one, other) => FIELDS.every((field) => (one[field] ?? "") === (other[field] ?? ""));

export default {
  props: { me: Object, article: String, languages: Array, t: Object },
  emits: ["command"],
  data() {
    const asked = new URLSearchParams(location.search).get("language");
    return {
      code: this.languages.includes(asked) ? asked : this.languages[0], saved: null, texts: {}, html: "", old: null, conflict: null, busy: false,
      said: "", trouble: "", restored: false,
    };
  },
  computed: {
    now() {
      return this.saved.languages[this.code];
    },
    text() {
      return this.texts[this.code];
    },
    dirty() {
      return !!this.saved && this.isDirty(this.code);
    },
    preview() {
      return this.old ? this.old.html : this.html;
    },
  },
  watch: {
    code() {
      Object.assign(this, { old: null, conflict: null, said: "", trouble: "" });
      history.replaceState(history.state, "", `?language=${this.code}`);
      this.ask("preview", { body: this.text.body, number: this.next() });
    },
    texts: {
      deep: true,
      handler() {
        this.keep();
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.ask("preview", { body: this.text.body, number: this.next() }), PREVIEW_AFTER);
      },
    },
  },
  mounted() {
    this.number = 0;
    this.ask("load");
    window.addEventListener("keydown", this.pressed);
  },
  unmounted() {
    window.removeEventListener("keydown", this.pressed);
  },
  methods: {
    fill, language, whole, words,
    ask(kind, data = {}) {
      this.$emit("command", { kind, ...data });
    },
    next() {
      return ++this.number;
    },
    receive(kind, data) {
      if (!["preview", "version"].includes(kind)) this.busy = false;
      this[`on_${kind}`]?.(data);
    },
    on_article({ article }) {
      const before = this.saved;
      this.saved = article;
      for (const code of this.languages) {
        const { newest } = article.languages[code];
        const kept = before ? this.keptText(before, code, newest) : drafts.load(this.key(code));
        if (!before && kept) this.restored = true;
        this.texts[code] = kept ?? { ...written(article.languages[code]), expected: newest };
      }
      this.justSaved = null;
    },
    on_preview({ html, number }) {
      if (number === this.number) this.html = html;
    },
    on_saved({ version, done }) {
      this.conflict = null;
      this.restored = false;
      this.said = fill(this.t[done], { version });
    },
    on_retired() {
      this.said = this.t.retired_now;
    },
    on_conflict(data) {
      this.conflict = data;
      this.justSaved = null;
    },
    on_version(data) {
      this.old = data;
    },
    on_failed({ message }) {
      this.trouble = message;
      this.justSaved = null;
    },
    on_expired() {
      window.dispatchEvent(new Event("baton-expired"));
    },
    // What was written and not saved stays, also what was added while a save was on its way: that one goes on top of the saved version.
    keptText(before, code, newest) {
      const text = this.texts[code];
      if (code !== this.justSaved?.code) return this.isDirtyAgainst(before, code) ? text : null;
      return same(text, this.justSaved) ? null : { ...text, expected: newest };
    },
    isDirtyAgainst(saved, code) {
      return !!this.texts[code] && !same(this.texts[code], saved.languages[code]);
    },
    isDirty(code) {
      return this.isDirtyAgainst(this.saved, code);
    },
    key(code) {
      return drafts.key(this.me.id, `article.${this.article}.${code}`);
    },
    keep() {
      for (const code of this.languages) drafts.save(this.key(code), this.saved && this.isDirty(code) ? this.texts[code] : null);
    },
    send(kind) {
      if (this.busy) return;
      Object.assign(this, { busy: true, said: "", trouble: "" });
      this.justSaved = { code: this.code, ...written(this.text) };
      this.ask(kind, { language: this.code, unsaved: this.dirty || !this.now.draft, ...this.text });
    },
    onTop() {
      this.text.expected = this.conflict.version;
      this.send("save");
    },
    takeTheirs() {
      Object.assign(this.text, written(this.conflict), { expected: this.conflict.version });
      this.conflict = this.old = null;
      this.ask("load");
    },
    discard() {
      if (!confirm(this.t.discard_sure)) return;
      this.texts[this.code] = { ...written(this.now), expected: this.now.newest };
      this.restored = false;
      this.conflict = null;
    },
    retire() {
      if (confirm(this.t.retire_sure)) this.send("retire");
    },
    putBack() {
      Object.assign(this.text, written(this.old));
      this.old = null;
    },
    status(code) {
      const found = this.saved.languages[code];
      return found.published ? (found.draft ? "both" : "published") : found.draft ? "draft" : "none";
    },
    pressed(event) {
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
        if (this.dirty) this.send("save");
      }
    },
  },
  template: `
    <main v-if="saved" class="b-page b-article">
      <div class="b-article-head">
        <a href="/console/articles">{{ t.all_articles }}</a>
        <h1>{{ article }}</h1>
        <span class="b-tag" :class="'status-' + saved.status">{{ t['status_' + saved.status] }}</span>
        <span v-if="saved.category" class="b-tag">{{ words(saved.category) }}</span>
        <span v-for="tag in saved.tags" :key="tag" class="b-quiet">#{{ tag }}</span>
        <span v-if="saved.audience === 'internal'" class="b-tag"><q-icon name="lock" /> {{ t.audience_internal }}</span>
        <span class="b-grow"></span>
        <span v-if="dirty" class="b-quiet">{{ t.unsaved }}</span>
        <button v-if="dirty" type="button" class="b-btn" @click="discard">{{ t.discard }}</button>
        <button type="button" class="b-btn" :disabled="!dirty || busy" title="Ctrl+S" @click="send('save')">{{ t.save_draft }}</button>
        <button type="button" class="b-btn primary" :disabled="busy || !(dirty || now.draft || (!now.published && now.versions.length))" :title="t.publish_hint" @click="send('publish')">{{ t.publish }}</button>
        <button v-if="saved.status === 'published'" type="button" class="b-btn danger" :disabled="busy" :title="t.retire_hint" @click="retire">{{ t.retire }}</button>
      </div>
      <div class="b-tabs" role="tablist" :aria-label="t.languages">
        <button v-for="name in languages" :key="name" type="button" role="tab" :aria-selected="name === code" aria-controls="b-editor" @click="code = name">
          <span class="b-lang" :class="status(name)">{{ name }}</span> {{ language(name) }}</button>
      </div>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
      <p class="b-said-now" role="status">{{ said || (restored && dirty ? t.restored : '') }}</p>
      <div v-if="conflict" class="b-state loud b-conflict" role="alert"><span>{{ fill(t.conflict, conflict) }}</span>
        <button type="button" class="b-btn" @click="old = conflict">{{ t.show_theirs }}</button>
        <button type="button" class="b-btn" @click="onTop">{{ t.save_on_top }}</button>
        <button type="button" class="b-btn" @click="takeTheirs">{{ t.take_theirs }}</button></div>
      <div id="b-editor" class="b-editor" role="tabpanel">
        <div class="b-write">
          <label>{{ t.title }}<input v-model="text.title" maxlength="300" :lang="code"></label>
          <label class="b-body">{{ t.body }}<textarea v-model="text.body" :lang="code" spellcheck="true"></textarea></label>
          <label class="b-questions">{{ t.questions }}<textarea v-model="text.questions" :lang="code" rows="4" :title="t.questions_hint"></textarea></label>
        </div>
        <section class="b-look" :aria-label="t.preview">
          <div class="b-look-head"><span>{{ old ? fill(t.preview_old, old) : t.preview }}</span>
            <template v-if="old"><button type="button" class="b-btn" @click="putBack">{{ t.put_back }}</button><button type="button" class="b-btn" @click="old = null">{{ t.close_version }}</button></template></div>
          <div class="b-prose"><h1>{{ old ? old.title : text.title }}</h1><div v-html="preview"></div></div>
        </section>
        <section class="b-versions" :aria-label="t.versions"><h2>{{ t.versions }}</h2>
          <p v-if="!now.versions.length" class="b-quiet">{{ t.no_versions }}</p>
          <ol><li v-for="version in now.versions" :key="version.version">
            <button type="button" :aria-pressed="old?.version === version.version" @click="ask('version', {language: code, version: version.version})">
              <span><b>{{ fill(t.version, version) }}</b> <span class="b-tag" :class="'status-' + version.status">{{ t['status_' + version.status] }}</span></span>
              <span class="b-quiet">{{ version.editor }} · {{ whole(version.at) }}</span></button></li></ol>
        </section>
      </div>
    </main>
    <main v-else class="b-page"><p class="b-empty">{{ trouble || t.loading }}</p></main>`,
};
