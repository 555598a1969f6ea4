// What holds for all languages of an article. Only what was changed here is sent.
import { language, whole } from "baton-console/format.js";

const local = (ms) => {
  if (!ms) return "";
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};
const asForm = (article) => ({
  category: article.category, tags: article.tags.join(", "), audience: article.audience, owner: article.owner, source: article.source,
  reviewBy: article.reviewBy, expiresAt: local(article.expiresAt),
});

export default {
  props: { saved: Object, people: Array, categories: Array, tags: Array, languages: Array, busy: Boolean, t: Object },
  emits: ["change"],
  data() {
    return { form: asForm(this.saved) };
  },
  computed: {
    changed() {
      const before = asForm(this.saved);
      return Object.fromEntries(Object.entries(this.form).filter(([name, value]) => value !== before[name]));
    },
    owners() {
      const known = this.people.some(({ id }) => id === this.saved.owner);
      return !this.saved.owner || known ? this.people : [...this.people, { id: this.saved.owner, name: this.saved.ownerName }];
    },
  },
  watch: {
    saved(now, before) {
      const [fresh, old] = [asForm(now), asForm(before)];
      for (const name of Object.keys(fresh)) if (this.form[name] === old[name]) this.form[name] = fresh[name];
    },
  },
  methods: {
    language, whole,
    send() {
      const changes = { ...this.changed };
      if ("expiresAt" in changes) changes.expiresAt = changes.expiresAt ? new Date(changes.expiresAt).getTime() : null;
      this.$emit("change", changes);
    },
  },
  template: `
    <form class="b-details" @submit.prevent="send">
      <label>{{ t.category }}<input v-model="form.category" maxlength="100" list="b-categories"></label>
      <datalist id="b-categories"><option v-for="name in categories" :key="name" :value="name"></option></datalist>
      <label>{{ t.tags }}<input v-model="form.tags" :title="t.tags_hint" :placeholder="t.tags_hint" list="b-tags"></label>
      <label>{{ t.audience }}<select v-model="form.audience"><option value="public">{{ t.audience_public }}</option><option value="internal">{{ t.audience_internal }}</option></select></label>
      <label>{{ t.owner }}<select v-model="form.owner"><option value="">{{ t.nobody }}</option><option v-for="person in owners" :key="person.id" :value="person.id">{{ person.name }}</option></select></label>
      <label>{{ t.source }}<select v-model="form.source"><option v-for="code in languages" :key="code" :value="code">{{ language(code) }}</option></select></label>
      <label>{{ t.review_by }}<input v-model="form.reviewBy" type="date" min="2000-01-01" max="2200-12-31"></label>
      <label>{{ t.expires_at }}<input v-model="form.expiresAt" type="datetime-local" min="2000-01-01T00:00" max="2200-12-31T23:59"></label>
      <p class="b-quiet">{{ t.expires_hint }}</p>
      <button class="b-btn" :class="{primary: Object.keys(changed).length}" :disabled="busy || !Object.keys(changed).length">{{ t.save_details }}</button>
    </form>`,
};
