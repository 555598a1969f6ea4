import Details from "baton-console/article_details.js";
import Diff from "baton-console/article_diff.js";
import Files from "baton-console/article_files.js";
import keeping, { same, written } from "baton-console/article_keeping.js";
import Sides from "baton-console/article_sides.js";
import Try from "baton-console/article_try.js";
import Versions from "baton-console/article_versions.js";
import { fill, language, time, whole, words } from "baton-console/format.js";

const PREVIEW_AFTER = 150;
const ASIDES = ["versions", "sides", "details", "files", "try"];
const QUIET = ["preview", "version", "kept", "difference", "side", "files", "tried"];
const NOTHING_OPEN = { old: null, difference: null, conflict: null, side: null, said: "", trouble: "", noting: false };

export default {
  components: { Details, Diff, Files, Sides, Try, Versions },
  mixins: [keeping],
  props: { me: Object, article: String, languages: Array, most: Object, t: Object },
  emits: ["command"],
  data() {
    const asked = new URLSearchParams(location.search);
    return {
      code: this.languages.includes(asked.get("language")) ? asked.get("language") : this.languages[0],
      aside: ASIDES.includes(asked.get("show")) ? asked.get("show") : "versions", asides: ASIDES,
      saved: null, html: "", busy: false, note: "", files: [], people: [], categories: [], tags: [], secondPerson: false, tried: null, trying: false,
      ...NOTHING_OPEN,
    };
  },
  computed: {
    now() {
      return this.saved.languages[this.code];
    },
    preview() {
      return this.old ? this.old.html : this.html;
    },
    wide() {
      return ["sides", "try"].includes(this.aside);
    },
    mine() {
      return this.now.writers.includes(this.me.id);
    },
    canPublish() {
      if (this.busy || this.tooLong) return false;
      if (this.secondPerson) return this.now.review && !this.dirty && !this.mine;
      return this.dirty || this.now.draft || (!this.now.published && this.now.versions.length > 0);
    },
    publishHint() {
      if (!this.secondPerson) return this.t.publish_hint;
      if (!this.now.review || this.dirty) return this.t.publish_after_review;
      return this.mine ? this.t.publish_not_own : this.t.publish_hint;
    },
  },
  watch: {
    code() {
      Object.assign(this, NOTHING_OPEN);
      this.remember();
      this.showPreview();
      if (this.dirty && this.text.expected !== this.now.newest) this.compare();
    },
    aside() {
      this.remember();
    },
    texts: {
      deep: true,
      handler() {
        this.keep();
        clearTimeout(this.timer);
        this.timer = setTimeout(this.showPreview, PREVIEW_AFTER);
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
    fill, language, time, whole, words,
    ask(kind, data = {}) {
      this.$emit("command", { kind, ...data });
    },
    remember() {
      history.replaceState(history.state, "", `?language=${this.code}&show=${this.aside}`);
    },
    showPreview() {
      if (!this.tooLong) this.ask("preview", { body: this.text.body, number: ++this.number });
    },
    receive(kind, data) {
      if (!QUIET.includes(kind)) this.busy = false;
      this[`on_${kind}`]?.(data);
    },
    on_article({ article, copies, ...rest }) {
      const before = this.saved;
      Object.assign(this, rest, { saved: article });
      for (const code of this.languages) {
        const state = article.languages[code];
        const kept = before ? this.keptText(before, code, state.newest) : this.found(code, copies[code], state);
        if (!before && kept) this.restored = true;
        this.texts[code] = kept ?? { ...written(state), expected: state.newest };
      }
      this.justSaved = null;
      if (!before && this.dirty && this.text.expected !== this.now.newest) this.compare();
    },
    on_preview({ html, number }) {
      if (number === this.number) this.html = html;
    },
    on_saved({ language: code, version, done }) {
      Object.assign(this, { conflict: null, restored: false, kept: null, noting: false, note: "", old: null, difference: null });
      this.copied[code] = false;
      this.said = fill(this.t[done], { version });
    },
    on_described() {
      this.said = this.t.described_now;
    },
    on_archived() {
      this.said = this.t.archived_now;
    },
    on_conflict(data) {
      if (data.language === this.code) this.conflict = data;
      this.justSaved = null;
    },
    on_version(data) {
      Object.assign(this, { old: data, difference: null });
    },
    on_difference(data) {
      Object.assign(this, { difference: data, old: null });
    },
    on_side(data) {
      this.side = data;
    },
    on_files({ files }) {
      this.files = files;
    },
    on_tried(data) {
      Object.assign(this, { tried: data, trying: false });
    },
    on_failed({ kind, message }) {
      this.trying = false;
      if (kind === "keep") this.waiting = true;
      this.trouble = message;
      this.justSaved = null;
    },
    on_expired() {
      this.trying = false;
      this.waiting = this.dirty;
      window.dispatchEvent(new Event("baton-expired"));
    },
    // What was written and not saved stays, also what was added while a save was on its way: that one goes on top of the saved version.
    keptText(before, code, newest) {
      const text = this.texts[code];
      if (code !== this.justSaved?.code) return this.isDirtyAgainst(before, code) ? text : null;
      return same(text, this.justSaved) ? null : { ...text, expected: newest };
    },
    send(kind, data = {}) {
      if (this.busy || this.tooLong) return;
      clearTimeout(this.keepTimer);
      Object.assign(this, { busy: true, said: "", trouble: "" });
      this.justSaved = { code: this.code, ...written(this.text) };
      this.ask(kind, { language: this.code, unsaved: this.dirty || !this.now.draft, ...this.text, ...data });
    },
    act(kind, data = {}) {
      if (this.busy) return;
      Object.assign(this, { busy: true, said: "", trouble: "" });
      this.ask(kind, { language: this.code, ...data });
    },
    onTop() {
      this.text.expected = this.conflict.version;
      this.send("save");
    },
    takeTheirs() {
      Object.assign(this.text, written(this.conflict), { expected: this.conflict.version });
      Object.assign(this, { conflict: null, old: null });
      this.ask("forget", { language: this.code });
      this.ask("load");
    },
    discard() {
      if (!confirm(this.t.discard_sure)) return;
      const behind = !!this.conflict;
      this.texts[this.code] = { ...written(this.now), expected: this.now.newest };
      Object.assign(this, { restored: false, conflict: null, difference: null, old: null, kept: null });
      if (behind) this.ask("load");
    },
    archive() {
      if (confirm(this.t.archive_sure)) this.act("archive");
    },
    restore(version) {
      if (!this.dirty || confirm(this.t.restore_sure)) {
        this.texts[this.code] = { ...written(this.now), expected: this.now.newest };
        this.act("restore", { version, expected: this.now.newest });
      }
    },
    putBack() {
      Object.assign(this.text, written(this.old));
      this.old = null;
    },
    insert(markdown) {
      const area = this.$refs.body;
      const at = area.selectionEnd ?? this.text.body.length;
      this.text.body = `${this.text.body.slice(0, at)}${markdown}${this.text.body.slice(at)}`;
      this.$nextTick(() => {
        area.focus();
        area.setSelectionRange(at + markdown.length, at + markdown.length);
      });
    },
    tryOut(data) {
      Object.assign(this, { trying: true, trouble: "" });
      this.ask("try", { language: this.code, ...this.text, ...data });
    },
    status(code) {
      const found = this.saved.languages[code];
      if (found.review) return "review";
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
        <span v-if="saved.expired" class="b-tag bad">{{ t.is_expired }}</span>
        <span v-if="saved.stale" class="b-tag warn">{{ t.is_stale }}</span>
        <span v-if="saved.category" class="b-tag">{{ words(saved.category) }}</span>
        <span v-for="tag in saved.tags.slice(0, 6)" :key="tag" class="b-quiet">#{{ tag }}</span>
        <span v-if="saved.audience === 'internal'" class="b-tag"><q-icon name="lock" /> {{ t.audience_internal }}</span>
        <span class="b-grow"></span>
        <span v-if="dirty" class="b-quiet b-kept">{{ waiting ? t.not_kept : kept ? fill(t.kept_at, {time: time(kept)}) : t.unsaved }}</span>
        <button v-if="dirty" type="button" class="b-btn" @click="discard">{{ t.discard }}</button>
        <button type="button" class="b-btn" :disabled="!dirty || busy || tooLong" title="Ctrl+S" @click="send('save')">{{ t.save_draft }}</button>
        <button v-if="!now.review || dirty" type="button" class="b-btn" :disabled="busy || tooLong || !(dirty || now.draft)" :title="t.submit_hint" @click="send('submit')">{{ t.submit }}</button>
        <button v-else type="button" class="b-btn" :disabled="busy" @click="noting = !noting" :aria-expanded="noting">{{ t.send_back }}</button>
        <button type="button" class="b-btn primary" :disabled="!canPublish" :title="publishHint" @click="send('publish')">{{ now.review && !dirty ? t.approve : t.publish }}</button>
        <button v-if="saved.status === 'published'" type="button" class="b-btn danger" :disabled="busy" :title="t.archive_hint" @click="archive">{{ t.archive }}</button>
      </div>
      <div class="b-tabs" role="tablist" :aria-label="t.languages">
        <button v-for="name in languages" :key="name" type="button" role="tab" :aria-selected="name === code" aria-controls="b-editor" @click="code = name">
          <span class="b-lang" :class="status(name)">{{ name }}</span> {{ language(name) }} <span v-if="saved.outdated.includes(name)" class="b-tag warn">{{ t.outdated }}</span></button>
      </div>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
      <p v-if="tooLong" class="b-state loud" role="alert">{{ fill(t.too_long, {length: text.body.length.toLocaleString(), most: most.body.toLocaleString()}) }}</p>
      <p v-if="writing.length" class="b-state b-others-write" role="status">{{ writing.map((other) => fill(t.also_writing, {name: other.name, time: time(other.at)})).join(' ') }}</p>
      <p v-if="now.review && !dirty" class="b-state b-waits">{{ fill(t.in_review_by, {name: now.submitter}) }}</p>
      <p v-else-if="now.note" class="b-state b-waits">{{ fill(t.sent_back, now) }}</p>
      <form v-if="noting && now.review" class="b-note" @submit.prevent="act('send_back', {note})">
        <label>{{ t.review_note }}<textarea v-model="note" maxlength="2000" rows="2"></textarea></label><button class="b-btn">{{ t.send_back }}</button></form>
      <p class="b-said-now" role="status">{{ said || (restored && dirty ? t.restored : '') }}</p>
      <div v-if="conflict" class="b-state loud b-conflict" role="alert"><span>{{ fill(t.conflict, {...conflict, time: whole(conflict.at)}) }}</span>
        <button type="button" class="b-btn" @click="old = conflict">{{ t.show_theirs }}</button>
        <button type="button" class="b-btn" @click="difference = {theirs: true, lines: conflict.lines}; old = null">{{ t.show_difference }}</button>
        <button type="button" class="b-btn" :disabled="busy" @click="onTop">{{ t.save_on_top }}</button>
        <button type="button" class="b-btn" @click="takeTheirs">{{ t.take_theirs }}</button></div>
      <div id="b-editor" class="b-editor" :class="{wide: wide && !old && !difference}" role="tabpanel">
        <div class="b-write">
          <label>{{ t.title }}<input v-model="text.title" maxlength="300" :lang="code"></label>
          <label class="b-body">{{ t.body }}<textarea ref="body" v-model="text.body" :lang="code" spellcheck="true"></textarea></label>
          <label class="b-questions">{{ t.questions }}<textarea v-model="text.questions" :lang="code" rows="4" :title="t.questions_hint"></textarea></label>
        </div>
        <section v-if="!wide || old || difference" class="b-look" :aria-label="t.preview">
          <div class="b-look-head"><span>{{ difference ? (difference.theirs ? t.theirs_and_mine : fill(t.between, difference)) : old ? fill(t.preview_old, old) : t.preview }}</span>
            <template v-if="old"><button type="button" class="b-btn" @click="putBack">{{ t.put_back }}</button><button type="button" class="b-btn" @click="old = null">{{ t.close_version }}</button></template>
            <button v-if="difference" type="button" class="b-btn" @click="difference = null">{{ t.close_version }}</button></div>
          <Diff v-if="difference" :lines="difference.lines" :t="t" />
          <div v-else class="b-prose" :lang="code"><h1>{{ old ? old.title : text.title }}</h1><div v-html="preview"></div></div>
        </section>
        <section class="b-aside" :aria-label="t['aside_' + aside]">
          <div class="b-asides" role="tablist"><button v-for="name in asides" :key="name" type="button" role="tab" :aria-selected="aside === name" @click="aside = name">{{ t['aside_' + name] }}</button></div>
          <Versions v-if="aside === 'versions'" :versions="now.versions" :open="old?.version" :busy="busy" :t="t" @look="(version) => ask('version', {language: code, version})"
            @compare="(before, after) => ask('difference', {language: code, before, after})" @restore="restore" />
          <Sides v-else-if="aside === 'sides'" :saved="saved" :code="code" :languages="languages" :side="side" :t="t"
            @read="(name, since) => ask('side', {language: name, since})" @still_right="(name) => ask('still_right', {language: name})" />
          <Details v-else-if="aside === 'details'" :saved="saved" :people="people" :categories="categories" :tags="tags" :languages="languages" :busy="busy" :t="t" @change="(changes) => act('details', changes)" />
          <Files v-else-if="aside === 'files'" :article="article" :files="files" :most="most" :t="t" @insert="insert" @remove="(id) => ask('remove_file', {id})" @refresh="ask('files')" />
          <Try v-else :article="article" :code="code" :internal="saved.audience === 'internal'" :tried="tried" :trying="trying" :t="t" @ask="tryOut" />
        </section>
      </div>
    </main>
    <main v-else class="b-page"><p class="b-empty">{{ trouble || t.loading }}</p></main>`,
};
