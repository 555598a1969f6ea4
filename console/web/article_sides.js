// The languages of an article, which translations are older than the source, and one of them to read beside.
import Diff from "baton-console/article_diff.js";
import { fill, language } from "baton-console/format.js";

export default {
  components: { Diff },
  props: { saved: Object, code: String, languages: Array, side: Object, t: Object },
  emits: ["read", "go", "still_right"],
  computed: {
    rows() {
      return this.languages.map((name) => ({ name, state: this.state(name), outdated: this.saved.outdated.includes(name) }));
    },
  },
  methods: {
    fill, language,
    state(name) {
      const found = this.saved.languages[name];
      const said = [found.published && this.t.status_published, found.review ? this.t.status_in_review : found.draft && this.t.status_draft].filter(Boolean);
      if (said.length) return said.join(", ");
      return name === "zh-Hans" && this.saved.languages["zh-Hant"]?.published ? this.t.from_traditional : this.t.status_none;
    },
    read(name) {
      this.$emit("read", name, name === this.saved.source ? this.saved.languages[this.code].translatedFrom : null);
    },
  },
  template: `
    <div class="b-sides">
      <table><thead><tr><th scope="col">{{ t.language }}</th><th scope="col">{{ t.status }}</th><th></th></tr></thead>
        <tbody><tr v-for="row in rows" :key="row.name" :class="{here: row.name === code}">
          <th scope="row">{{ language(row.name) }} <span v-if="row.name === saved.source" class="b-tag">{{ t.source_tag }}</span></th>
          <td>{{ row.state }} <span v-if="row.outdated" class="b-tag warn">{{ t.outdated }}</span></td>
          <td><button v-if="row.name !== code && saved.languages[row.name].newest" type="button" class="b-link" @click="read(row.name)">{{ t.read_beside }}</button>
            <button v-if="row.outdated" type="button" class="b-link" @click="$emit('still_right', row.name)">{{ t.still_right }}</button></td></tr></tbody></table>
      <section v-if="side" :aria-label="language(side.language)" :data-side="side.language">
        <h3>{{ language(side.language) }} · {{ fill(t.version, side) }}</h3>
        <template v-if="side.since"><h4>{{ fill(t.changed_since, side) }}</h4><Diff :lines="side.lines" :t="t" /></template>
        <div class="b-prose" :lang="side.language"><h1>{{ side.title }}</h1><div v-html="side.html"></div></div>
      </section>
    </div>`,
};
