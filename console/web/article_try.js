// A question as a customer would ask it: what is found and said now, and with the text on this page published.
import { fill } from "baton-console/format.js";

const percent = (share) => `${Math.round(share * 100)} %`;

export default {
  props: { article: String, code: String, internal: Boolean, tried: Object, trying: Boolean, t: Object },
  emits: ["ask"],
  data() {
    return { question: "", audience: this.internal ? "internal" : "public" };
  },
  computed: {
    sides() {
      return this.tried ? [["before", this.tried.before], ["after", this.tried.after]].filter(([, found]) => found) : [];
    },
  },
  methods: {
    fill, percent,
    ask() {
      if (this.question.trim() && !this.trying) this.$emit("ask", { question: this.question, audience: this.audience });
    },
  },
  template: `
    <div class="b-try">
      <form @submit.prevent="ask">
        <label>{{ t.try_question }}<input v-model="question" maxlength="2000" :lang="code" :placeholder="t.try_hint"></label>
        <label>{{ t.try_as }}<select v-model="audience"><option value="public">{{ t.try_customer }}</option><option value="internal">{{ t.try_agent }}</option></select></label>
        <button class="b-btn primary" :disabled="trying || !question.trim()">{{ trying ? t.trying : t.try_go }}</button>
      </form>
      <div class="b-trials"><section v-for="[name, found] in sides" :key="name" :aria-label="t['try_' + name]" :data-side="name">
        <h3>{{ t['try_' + name] }}</h3>
        <p class="b-said-then" :class="{none: found.said === null}">{{ found.said ?? t.try_abstains }}</p>
        <p class="b-quiet">{{ fill(t.try_sure, {confidence: percent(found.confidence), threshold: percent(found.threshold)}) }}</p>
        <div v-if="found.turn" class="b-turned"><h4>{{ t.try_turn }}</h4>
          <p v-for="(text, place) in found.turn.messages" :key="place" class="b-said-then b-bot-says" :lang="code">{{ text }}</p>
          <p v-if="found.turn.buttons.length" class="b-quiet">{{ fill(t.try_buttons, {buttons: found.turn.buttons.join(' · ')}) }}</p>
          <p v-if="found.turn.handoff" class="b-quiet">{{ fill(t.try_handoff, {reason: found.turn.handoff}) }}</p>
          <p v-if="found.turn.would_do.length" class="b-quiet">{{ fill(t.try_would_do, {names: found.turn.would_do.join(', ')}) }}</p>
          <p class="b-quiet">{{ fill(t.try_intent, {intent: found.turn.intent || '–', confidence: percent(found.turn.confidence)}) }}</p></div>
        <ol><li v-for="hit in found.hits" :key="hit.passage" :class="{own: hit.article === article}">
          <a :href="'/console/articles/' + encodeURIComponent(hit.article)">{{ hit.path.join(' › ') }}</a> <span class="b-lang">{{ hit.language }}</span>
          <span class="b-quiet">{{ fill(t.try_scores, {score: hit.score.toFixed(3), confidence: percent(hit.confidence)}) }}</span></li></ol>
        <p v-if="!found.hits.length" class="b-quiet">{{ t.try_nothing }}</p>
      </section></div>
    </div>`,
};
