import { asking, filtering } from "baton-console/board.js";
import { ago, fill, language, ticker, whole, words } from "baton-console/format.js";

const STATUSES = ["open", "taught", "dismissed"];
const REASONS = ["out_of_scope", "not_understood", "no_knowledge", "handoff"];
const percent = (share) => (share === null || share === undefined ? "" : `${(100 * share).toFixed(1)} %`);

export default {
  props: { me: Object, languages: Array, t: Object },
  mixins: [asking, filtering],
  data() {
    const asked = new URLSearchParams(location.search);
    const filter = Object.fromEntries(["text", "language", "reason"].map((name) => [name, asked.get(name) ?? ""]));
    return {
      filter: { status: STATUSES.includes(asked.get("status")) ? asked.get("status") : "open", ...filter },
      sentences: [], intents: [], more: false, limit: 50, loaded: false, edits: {}, chosen: {}, clashes: {}, state: null, seen: null, said: null,
      trouble: "", fineTune: false, showModels: false, statuses: STATUSES, reasons: REASONS,
    };
  },
  computed: {
    run() {
      return this.state?.run;
    },
    running() {
      return ["asked", "running"].includes(this.run?.state);
    },
    live() {
      return this.state?.models.find((model) => model.active);
    },
    fresh() {
      return this.state && this.seen !== null && this.state.changed !== this.seen;
    },
    spoken() {
      return this.state ? [...new Set([...this.languages, ...this.state.languages])] : this.languages;
    },
    now: () => ticker.now,
  },
  methods: {
    ago, fill, language, percent, whole, words,
    list() {
      const used = Object.entries(this.filter).filter(([name, value]) => value && !(name === "status" && value === "open"));
      history.replaceState(history.state, "", location.pathname + (used.length ? `?${new URLSearchParams(used)}` : ""));
      this.seen = null;
      this.ask("list", { limit: this.limit, ...this.filter });
    },
    showMore() {
      this.limit *= 2;
      this.list();
    },
    on_list(data) {
      Object.assign(this, data, { loaded: true });
      this.seen = this.state?.changed ?? null;
      for (const one of data.sentences) this.edits[one.id] ??= { text: one.text, language: one.language };
    },
    on_state(data) {
      this.state = data;
      this.seen ??= data.changed;
    },
    on_decided({ sentence, clashes }) {
      delete this.clashes[sentence.id];
      delete this.edits[sentence.id];
      delete this.chosen[sentence.id];
      this.said = { sentence, clashes };
      if (sentence.status !== this.filter.status) this.sentences = this.sentences.filter((one) => one.id !== sentence.id);
      this.list();
    },
    on_clash(data) {
      this.clashes[data.id] = data;
    },
    on_failed({ message }) {
      this.trouble = message;
    },
    on_expired() {
      window.dispatchEvent(new Event("baton-expired"));
    },
    teach(sentence, intent, sure = false) {
      if (intent) this.ask("teach", { id: sentence.id, intent: intent.trim(), sure, ...this.edits[sentence.id] });
    },
    isNew(id) {
      const name = (this.chosen[id] ?? "").trim();
      return name && !this.intents.includes(name);
    },
    saidNow() {
      const { sentence } = this.said;
      const key = { taught: "taught_as", dismissed: "dismissed_now", open: "reopened_now" }[sentence.status];
      return fill(this.t[key], sentence);
    },
    undo(sentence) {
      this.said = null;
      this.ask("undo", { id: sentence.id });
    },
    runSays() {
      const { state, by, step, error, fell, model } = this.run;
      const left = state === "done" && !this.state.models.find((one) => one.id === model)?.active && fell;
      return fill(this.t[left ? "run_left" : `run_${state}`], { name: by, step: step || "…", error });
    },
    scoreName(name) {
      return name === "overall" ? this.t.score_overall : name === "*" ? this.t.any : language(name);
    },
    rollBack() {
      if (confirm(this.t.rollback_sure)) this.ask("rollback");
    },
    activate(model) {
      if (confirm(fill(this.t.activate_sure, model))) this.ask("activate", { model: model.id });
    },
    why(sentence) {
      const tags = sentence.reasons.map((name) => [name, this.t[`why_${name}`]]);
      if (sentence.handedOff && !sentence.reasons.includes("handoff")) tags.push(["handoff", this.t.why_handoff]);
      return tags;
    },
  },
  template: `
    <main class="b-page b-learning">
      <section class="b-model" :aria-label="t.live_model">
        <div class="b-model-top">
          <span class="b-quiet">{{ t.live_model }}</span>
          <b v-if="live">{{ live.id }}</b><b v-else>{{ state ? t.no_model : t.loading }}</b>
          <span v-if="live" class="b-quiet">{{ fill(t.model_of, live) }} · {{ live.by }} · <time :title="whole(live.at)">{{ ago(live.at, now, t) }}</time></span>
          <span v-if="state && state.untrained" class="b-tag warn">{{ fill(t.untrained, {count: state.untrained}) }}</span>
          <span class="b-grow"></span>
          <button type="button" class="b-btn" :aria-expanded="showModels" @click="showModels = !showModels">{{ t.models }}</button>
          <label class="b-check"><input v-model="fineTune" type="checkbox" :disabled="running"> {{ t.fine_tune }}</label>
          <button type="button" class="b-btn primary b-retrain" :disabled="running || !state" :title="t.retrain_hint" @click="ask('train', {fineTune})"><q-icon name="model_training" /> {{ t.retrain }}</button>
        </div>
        <div v-if="run" class="b-run" :class="run.state" role="status">
          <p>{{ runSays() }} <span v-if="run.endedAt" class="b-quiet" :title="whole(run.endedAt)">{{ ago(run.endedAt, now, t) }}</span></p>
          <progress v-if="running" max="100" :value="run.percent" :aria-label="t.retrain">{{ run.percent }} %</progress>
          <table v-if="run.lines.length && !running"><caption>{{ t['scores_' + run.kind] }}</caption><tbody>
            <tr v-for="line in run.lines" :key="line.name"><th scope="row">{{ scoreName(line.name) }}</th><td>{{ percent(line.old) }}</td><td aria-hidden="true">{{ line.old === null ? '' : '→' }}</td>
              <td :class="{worse: line.old !== null && line.new < line.old - .0005, better: line.old !== null && line.new > line.old + .0005}">{{ percent(line.new) }}</td></tr></tbody></table>
          <p v-if="run.state === 'held'" class="b-buttons"><button type="button" class="b-btn danger" @click="ask('decide', {id: run.id, use: true})">{{ t.use_anyway }}</button>
            <button type="button" class="b-btn" @click="ask('decide', {id: run.id, use: false})">{{ t.keep_old }}</button></p>
        </div>
        <div v-if="showModels && state" class="b-table">
          <table><thead><tr><th scope="col">{{ t.model }}</th><th scope="col">{{ t.trained }}</th><th scope="col">{{ t.by }}</th><th scope="col">{{ t.scores_held_out }}</th><th scope="col"></th></tr></thead>
            <tbody><tr v-for="model in state.models" :key="model.id"><td>{{ model.id }} <span v-if="model.fineTuned" class="b-tag">fine-tuned</span></td><td>{{ whole(model.at) }}</td><td>{{ model.by }}</td>
              <td>{{ percent(model.heldOut) }}</td>
              <td><span v-if="model.active" class="b-tag good">{{ t.is_live }}</span><span v-else-if="model.removed" class="b-tag">{{ t.removed }}</span>
                <button v-else type="button" class="b-link" @click="activate(model)">{{ t.make_live }}</button></td></tr></tbody></table>
          <button type="button" class="b-btn b-more" :disabled="state.models.length < 2" @click="rollBack">{{ t.rollback }}</button>
        </div>
      </section>

      <div class="b-filters">
        <div class="b-tabs" role="tablist" :aria-label="t.status">
          <button v-for="name in statuses" :key="name" type="button" role="tab" :aria-selected="filter.status === name" @click="filter.status = name">{{ t['learn_' + name] }}
            <span v-if="state" class="b-count">{{ state.counts[name] }}</span></button>
        </div>
        <span class="b-grow"></span>
        <input v-model="filter.text" type="search" :placeholder="t.learn_search" :aria-label="t.learn_search">
        <label>{{ t.language }} <select v-model="filter.language"><option value="">{{ t.any }}</option><option v-for="code in spoken" :key="code" :value="code">{{ language(code) }}</option></select></label>
        <label>{{ t.why }} <select v-model="filter.reason"><option value="">{{ t.any }}</option><option v-for="name in reasons" :key="name" :value="name">{{ t['why_' + name] }}</option></select></label>
      </div>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
      <p v-if="said" class="b-said-now" role="status">{{ saidNow() }} <button v-if="said.sentence.status !== 'open'" type="button" class="b-link" @click="undo(said.sentence)">{{ t.undo }}</button>
        <span v-for="clash in said.clashes" :key="clash.place" class="b-near">{{ fill(t.near_others, clash) }}</span></p>
      <p v-if="fresh" class="b-said-now" role="status">{{ t.learn_new }} <button type="button" class="b-link" @click="list">{{ t.learn_show }}</button></p>

      <datalist id="b-intents"><option v-for="name in intents" :key="name" :value="name"></option></datalist>
      <ul class="b-sentences">
        <li v-for="one in sentences" :key="one.id" class="b-sentence" :data-id="one.id">
          <div class="b-sentence-top">
            <span v-for="[name, text] in why(one)" :key="name" class="b-tag reason" :class="name">{{ text }}</span>
            <span v-if="one.answered" class="b-tag">{{ t.why_answered }}</span>
            <span class="b-quiet">{{ one.count > 1 ? fill(t.said_times, one) : t.said_once }} · <time :title="whole(one.lastAt)">{{ ago(one.lastAt, now, t) }}</time></span>
            <span class="b-grow"></span>
            <span v-if="one.status !== 'open'" class="b-quiet">{{ fill(one.status === 'taught' ? t.taught_by : t.dismissed_by, {intent: one.intent, name: one.by}) }}</span>
          </div>
          <div v-if="one.status === 'open' && edits[one.id]" class="b-sentence-text">
            <input v-model="edits[one.id].text" :lang="edits[one.id].language" maxlength="500" :aria-label="t.sentence">
            <select v-model="edits[one.id].language" :aria-label="t.language"><option v-for="code in spoken" :key="code" :value="code">{{ language(code) }}</option></select>
          </div>
          <p v-else class="b-sentence-said" :lang="one.language">{{ one.text }} <span class="b-quiet">{{ language(one.language) }}</span></p>
          <div v-if="one.status === 'open'" class="b-sentence-choices">
            <span class="b-guesses" role="group" :aria-label="t.guesses">
              <button v-for="guess in one.guess.slice(0, 4)" :key="guess.intent" type="button" class="b-btn b-guess" @click="teach(one, guess.intent)">{{ guess.intent }} <span class="b-quiet">{{ guess.percent }} %</span></button></span>
            <form class="b-other" @submit.prevent="teach(one, chosen[one.id])">
              <input v-model="chosen[one.id]" list="b-intents" maxlength="130" :placeholder="t.other_intent" :aria-label="t.other_intent" autocapitalize="off" spellcheck="false">
              <button class="b-btn" :disabled="!(chosen[one.id] ?? '').trim()">{{ isNew(one.id) ? t.teach_new : t.teach }}</button></form>
            <button type="button" class="b-btn b-useless" @click="ask('dismiss', {id: one.id})">{{ t.not_useful }}</button>
          </div>
          <div v-else class="b-sentence-choices"><button type="button" class="b-btn" @click="undo(one)">{{ t.undo }}</button></div>
          <div v-if="clashes[one.id]" class="b-state loud b-conflict" role="alert"><span>{{ clashes[one.id].message }}</span>
            <button type="button" class="b-btn" @click="teach(one, clashes[one.id].intent, true)">{{ t.teach_anyway }}</button>
            <button type="button" class="b-btn" @click="delete clashes[one.id]">{{ t.cancel }}</button></div>
        </li>
      </ul>
      <p v-if="!sentences.length" class="b-empty">{{ !loaded ? t.loading : filter.status === 'open' && !filter.text && !filter.language && !filter.reason ? t.learn_empty_open : t.learn_empty }}</p>
      <button v-if="more" type="button" class="b-btn b-more" @click="showMore">{{ t.more }}</button>
    </main>`,
};
