// Unsaved text of an article: kept in the browser at every key, on the server a moment after the last one, and found again wherever it is newer.
import * as drafts from "baton-console/drafts.js";

const KEEP_AFTER = 1500;
const PATIENCE = 8000;

// What an editor writes of a language; questions stand one on a line.
const FIELDS = ["title", "body", "questions"];
export const written = (from) => Object.fromEntries(FIELDS.map((field) => [field, from[field] ?? ""]));
export const same = (one, other) => FIELDS.every((field) => (one[field] ?? "") === (other[field] ?? ""));

export default {
  data: () => ({ texts: {}, kept: null, waiting: false, restored: false, others: [] }),
  computed: {
    text() {
      return this.texts[this.code];
    },
    dirty() {
      return !!this.saved && this.isDirty(this.code);
    },
    tooLong() {
      return !!this.text && this.text.body.length > this.most.body;
    },
    writing() {
      return this.others.filter(({ language }) => language === this.code);
    },
  },
  created() {
    this.copied = {};
    this.keeps = 0;
  },
  unmounted() {
    clearTimeout(this.keepTimer);
    clearTimeout(this.patience);
  },
  methods: {
    key(code) {
      return drafts.key(this.me.id, `article.${this.article}.${code}`);
    },
    isDirtyAgainst(saved, code) {
      return !!this.texts[code] && !same(this.texts[code], saved.languages[code]);
    },
    isDirty(code) {
      return this.isDirtyAgainst(this.saved, code);
    },
    // The newer of what this browser and the server have kept, unless it says nothing new.
    found(code, copy, saved) {
      const local = drafts.load(this.key(code));
      const newer = local && copy ? ((local.typed ?? 0) >= copy.typed ? local : copy) : (local ?? copy);
      this.copied[code] = !!copy;
      return newer && !same(newer, saved) ? { ...written(newer), expected: newer.expected } : null;
    },
    keep() {
      for (const code of this.languages) {
        drafts.save(this.key(code), this.saved && this.isDirty(code) ? { ...this.texts[code], typed: Date.now() } : null);
      }
      clearTimeout(this.keepTimer);
      this.keepTimer = setTimeout(this.keepThere, KEEP_AFTER);
    },
    keepThere() {
      if (!this.saved || this.tooLong || this.busy) return;
      if (this.dirty) {
        this.copied[this.code] = true;
        this.ask("keep", { language: this.code, number: ++this.keeps, ...this.text });
        clearTimeout(this.patience);
        this.patience = setTimeout(() => (this.waiting = true), PATIENCE);
      } else if (this.copied[this.code]) {
        this.copied[this.code] = false;
        this.ask("forget", { language: this.code });
      }
    },
    on_kept({ language, number, at, newest, others }) {
      this.others = others;
      if (number !== this.keeps) return;
      clearTimeout(this.patience);
      this.waiting = false;
      this.kept = at;
      if (language === this.code && newest > this.text.expected && !this.conflict) this.compare();
    },
    compare() {
      this.ask("compare", { language: this.code, ...this.text });
    },
  },
};
