import { admin, shell } from "baton-console/admin.js";
import { language } from "baton-console/format.js";

const percent = (share) => (share === null || share === undefined ? "" : `${(100 * share).toFixed(1)} %`);

export default {
  mixins: [admin],
  data: () => ({ state: null, fineTune: false, shown: null }),
  computed: {
    run() {
      return this.state?.run;
    },
    running() {
      return this.run && ["asked", "running"].includes(this.run.state);
    },
    live() {
      return this.state?.models.find((one) => one.active);
    },
  },
  methods: {
    language, percent,
    on_state(data) {
      Object.assign(this, { state: data, loaded: true });
    },
    runSays() {
      const { state, by, step, error, fell, model } = this.run;
      const left = state === "done" && !this.state.models.find((one) => one.id === model)?.active && fell;
      return this.fill(this.t[left ? "run_left" : `run_${state}`], { name: by, step: step || "…", error });
    },
    scoreName(name) {
      return ["overall", "*"].includes(name) ? this.t.adm_overall : language(name);
    },
    of(model) {
      return this.fill(this.t.adm_trained_from, { ...model, languages: model.languages.map(language).join(", ") });
    },
    activate(model) {
      if (confirm(this.fill(this.t.activate_sure, model))) this.ask("activate", { model: model.id });
    },
    rollBack() {
      if (confirm(this.t.rollback_sure)) this.ask("rollback");
    },
  },
  template: shell(`
    <p class="b-quiet">{{ t.adm_bot_hint }}</p>
    <p v-if="!loaded" class="b-empty">{{ t.loading }}</p>
    <template v-else>
      <section class="b-model" :aria-label="t.adm_live">
        <div class="b-model-top"><span class="b-quiet">{{ t.adm_live }}</span><b v-if="live">{{ live.id }}</b><b v-else>{{ t.no_model }}</b>
          <span v-if="live" class="b-quiet">{{ of(live) }}</span>
          <span v-if="state.untrained" class="b-tag warn">{{ fill(t.untrained, {count: state.untrained}) }}</span><span class="b-grow"></span>
          <label class="b-check"><input v-model="fineTune" type="checkbox" :disabled="running"> {{ t.fine_tune }}</label>
          <button type="button" class="b-btn b-rollback" :disabled="state.models.length < 2" @click="rollBack">{{ t.rollback }}</button>
          <button type="button" class="b-btn primary b-train" :disabled="running" :title="t.retrain_hint" @click="ask('train', {fineTune})">{{ t.retrain }}</button></div>
        <div v-if="run" class="b-run" :class="run.state" role="status">
          <p>{{ runSays() }} <span v-if="run.endedAt" class="b-quiet" :title="whole(run.endedAt)">{{ ago(run.endedAt, now, t) }}</span></p>
          <progress v-if="running" max="100" :value="run.percent" :aria-label="t.retrain">{{ run.percent }} %</progress>
          <table v-if="run.lines.length && !running"><caption>{{ t['scores_' + run.kind] }}</caption><tbody>
            <tr v-for="line in run.lines" :key="line.name"><th scope="row">{{ scoreName(line.name) }}</th><td>{{ percent(line.old) }}</td><td aria-hidden="true">{{ line.old === null ? '' : '→' }}</td>
              <td :class="{worse: line.old !== null && line.new < line.old - .0005, better: line.old !== null && line.new > line.old + .0005}">{{ percent(line.new) }}</td></tr></tbody></table>
          <p v-if="run.state === 'held'" class="b-buttons"><button type="button" class="b-btn danger" @click="ask('decide', {id: run.id, use: true})">{{ t.use_anyway }}</button>
            <button type="button" class="b-btn" @click="ask('decide', {id: run.id, use: false})">{{ t.keep_old }}</button></p>
        </div>
      </section>
      <div class="b-table" tabindex="0" role="region" :aria-label="t.adm_bot"><table>
        <thead><tr><th scope="col">{{ t.adm_version }}</th><th scope="col">{{ t.trained }}</th><th scope="col">{{ t.by }}</th><th scope="col">{{ t.adm_held_out }}</th><th scope="col">{{ t.adm_cross }}</th><th scope="col">{{ t.adm_actions }}</th></tr></thead>
        <tbody v-for="model in state.models" :key="model.id">
          <tr><th scope="row">{{ model.id }} <span v-if="model.fineTuned" class="b-tag">fine-tuned</span><span class="b-quiet">{{ of(model) }}</span></th><td>{{ whole(model.at) }}</td><td>{{ model.by }}</td>
            <td class="b-number">{{ percent(model.heldOut) || t.adm_no_figures }}</td><td class="b-number">{{ percent(model.crossValidated['*']) || Object.values(model.crossValidated).map(percent).join(', ') || t.adm_no_figures }}</td>
            <td class="b-row-actions"><span v-if="model.active" class="b-tag good">{{ t.is_live }}</span><span v-else-if="model.removed" class="b-tag">{{ t.removed }}</span>
              <button v-else type="button" class="b-link b-activate" :aria-label="t.make_live + ' ' + model.id" @click="activate(model)">{{ t.make_live }}</button>
              <button type="button" class="b-link" :aria-expanded="shown === model.id" :aria-label="t.adm_figures + ' ' + model.id" @click="shown = shown === model.id ? null : model.id">{{ t.adm_figures }}</button></td></tr>
          <tr v-if="shown === model.id"><td colspan="6" class="b-inside"><dl class="b-about">
            <template v-for="(share, name) in model.heldOutBy" :key="'h' + name"><dt>{{ t.adm_held_out }}: {{ scoreName(name) }}</dt><dd>{{ percent(share) }}</dd></template>
            <template v-for="(share, name) in model.crossValidated" :key="'c' + name"><dt>{{ t.adm_cross }}: {{ scoreName(name) }}</dt><dd>{{ percent(share) }}</dd></template></dl></td></tr>
        </tbody></table></div>
    </template>`),
};
