import { date, fill, language, whole } from "baton-console/format.js";

export default {
  props: { me: Object, languages: Array, t: Object },
  emits: ["command"],
  data: () => ({ state: null, edits: {}, said: "", trouble: "" }),
  mounted() {
    this.ask("load");
  },
  computed: {
    used() {
      const { generator: name, requests, tokens, cost } = this.state;
      return name ? fill(this.t.generator_on, { name, requests, tokens: tokens.toLocaleString("en"), cost }) : this.t.generator_off;
    },
  },
  methods: {
    date, language, whole,
    ask(kind, data = {}) {
      Object.assign(this, { trouble: "", said: "" });
      this.$emit("command", { kind, ...data });
    },
    receive(kind, data) {
      if (kind === "state") this.show(data);
      if (kind === "saved") this.said = data.what === "strict" ? this.t[this.state.strict ? "strict_now_on" : "strict_now_off"] : fill(this.t.category_saved, { name: data.what });
      if (kind === "failed") this.fail(data.message);
      if (kind === "expired") window.dispatchEvent(new Event("baton-expired"));
      if (kind === "saved") delete this.edits[data.what];
      if (kind === "saved") this.show(this.state);
    },
    show(state) {
      this.state = state;
      for (const one of state.categories) this.edits[one.name] ??= { titles: { ...one.titles }, strict: one.strict, place: one.place };
    },
    fail(message) {
      this.trouble = message;
      if (this.$refs.strict && this.state) this.$refs.strict.checked = this.state.strict;
    },
    fill_label: (one, code) => `${one.name}: ${language(code)}`,
    changed(one) {
      const { titles, strict, place } = this.edits[one.name];
      return JSON.stringify([titles, strict, place]) !== JSON.stringify([one.titles, one.strict, one.place]);
    },
    save(one) {
      const { titles, strict, place } = this.edits[one.name];
      this.ask("save", { name: one.name, titles: { ...titles }, strict, place: Number(place) });
    },
  },
  template: `
    <main class="b-page">
      <p v-if="!state" class="b-empty">{{ t.loading }}</p>
      <template v-else>
        <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
        <p role="status" class="b-state" v-show="said">{{ said }}</p>
        <h1>{{ t.help }}</h1>
        <p class="b-links">{{ t.help_public }} <template v-for="code in languages" :key="code"><a :href="'/help/' + code" target="_blank" rel="noopener">{{ language(code) }}</a> </template></p>
        <h2>{{ t.strict_mode }}</h2>
        <p><label><input ref="strict" type="checkbox" :checked="state.strict" @change="ask('strict', { on: $event.target.checked })"> {{ t.strict_all }}</label>
          <span v-if="state.by" class="b-quiet">&ensp;{{ t.by }}: {{ state.by }}</span></p>
        <p class="b-quiet">{{ t.strict_hint }} {{ used }}</p>
        <h2>{{ t.categories }}</h2>
        <div class="b-table">
          <table>
            <thead><tr><th scope="col">{{ t.category }}</th><th v-for="code in languages" :key="code" scope="col">{{ language(code) }}</th>
              <th scope="col">{{ t.place }}</th><th scope="col">{{ t.strict }}</th><th scope="col"><span class="b-sr">{{ t.help_save }}</span></th></tr></thead>
            <tbody>
              <tr v-for="one in state.categories" :key="one.name">
                <th scope="row">{{ one.name }}</th>
                <td v-for="code in languages" :key="code"><input v-model="edits[one.name].titles[code]" :lang="code" maxlength="120" :placeholder="code === 'zh-Hans' ? one.simplified : ''" :aria-label="fill_label(one, code)"></td>
                <td><input v-model="edits[one.name].place" type="number" min="0" max="10000" :aria-label="t.place + ': ' + one.name"></td>
                <td><input v-model="edits[one.name].strict" type="checkbox" :aria-label="t.strict + ': ' + one.name"></td>
                <td><button type="button" class="b-btn primary" :disabled="!changed(one)" :aria-label="t.help_save + ': ' + one.name" @click="save(one)">{{ t.help_save }}</button></td>
              </tr>
            </tbody>
          </table>
          <p v-if="!state.categories.length" class="b-empty">{{ t.no_categories }}</p>
        </div>
        <h2>{{ t.comments }}</h2>
        <div class="b-table">
          <table v-if="state.comments.length">
            <thead><tr><th scope="col">{{ t.article }}</th><th scope="col">{{ t.helped }}</th><th scope="col">{{ t.comment_text }}</th><th scope="col">{{ t.when }}</th></tr></thead>
            <tbody>
              <tr v-for="(one, n) in state.comments" :key="n">
                <td><a :href="'/console/articles/' + encodeURIComponent(one.article) + '?language=' + one.language">{{ one.article }}</a> <span class="b-quiet">{{ one.language }}, {{ one.version }}</span></td>
                <td>{{ one.helped ? t.helped_yes : t.helped_no }}</td>
                <td class="b-comment" dir="auto">{{ one.text }}</td>
                <td :title="whole(one.at)">{{ date(one.at) }}</td>
              </tr>
            </tbody>
          </table>
          <p v-else class="b-empty">{{ t.no_comments }}</p>
        </div>
      </template>
    </main>`,
};
