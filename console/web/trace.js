// How the bot came to what it said: the steps of its turn in order, slots before and after, passages.
export default {
  props: { trace: Object, t: Object },
  computed: {
    steps() {
      return (this.trace?.steps ?? []).map((step) => ({ ...step, name: this.t[`why_${step.kind}`] ?? this.t.why_step }));
    },
  },
  methods: {
    percent: (share) => (share == null ? "" : `${Math.round(share * 100)} %`),
    changed: (slot) => slot.before !== slot.after,
  },
  template: `
    <section class="b-trace" :aria-label="t.why_show">
      <p v-if="!trace" class="b-quiet">{{ t.why_gone }}</p>
      <dl v-if="steps.length" class="b-steps">
        <div v-for="(step, n) in steps" :key="n" :class="step.kind">
          <dt>{{ step.name }}</dt>
          <dd v-if="step.understood"><b>{{ step.understood.intent }}</b> {{ percent(step.understood.confidence) }}
            <span v-for="(entity, i) in step.understood.entities" :key="i" class="b-tag" dir="auto">{{ entity[0] }}: {{ entity[1] }}</span></dd>
          <dd v-else-if="step.decision"><b>{{ step.decision.action }}</b> {{ step.decision.policy }} {{ percent(step.decision.confidence) }}
            <span v-if="step.decision.why" class="b-quiet" dir="auto">{{ step.decision.why }}</span></dd>
          <dd v-else dir="auto">{{ step.text }}</dd>
        </div>
      </dl>
      <table v-if="trace?.slots.length">
        <caption>{{ t.why_slots }}</caption>
        <thead><tr><th scope="col">{{ t.why_slot }}</th><th scope="col">{{ t.why_before }}</th><th scope="col">{{ t.why_after }}</th></tr></thead>
        <tbody><tr v-for="slot in trace.slots" :key="slot.name" :class="{changed: changed(slot)}">
          <th scope="row">{{ slot.name }}</th><td dir="auto">{{ slot.before || "–" }}</td><td dir="auto">{{ slot.after || "–" }}</td></tr></tbody>
      </table>
      <table v-if="trace?.passages.length">
        <caption>{{ t.why_passages }}</caption>
        <tbody><tr v-for="(found, n) in trace.passages" :key="n"><th scope="row">{{ found.article }}</th><td>{{ found.passage }}</td><td>{{ percent(found.confidence) }}</td></tr></tbody>
      </table>
    </section>`,
};
