import { fill, language, reason } from "baton-console/format.js";

export default {
  props: { packet: Object, answered: Boolean, t: Object },
  data: () => ({ whole: false, chosen: null }),
  watch: {
    packet() {
      this.chosen = null;
    },
  },
  computed: {
    // Read once, it makes room: after the first answer only its top line stays, unless the agent opens it again.
    folded() {
      return this.chosen ?? this.answered;
    },
    facts() {
      const known = new Set(this.packet.slots.map((slot) => slot.value));
      return [...this.packet.slots, ...this.packet.entities.filter((entity) => !known.has(entity.value))];
    },
    mood() {
      if (this.packet.reason === "angry" || (!this.packet.angry && !this.packet.sentiment)) return "";
      return this.packet.angry ? this.t["sentiment_-2"] : this.t[`sentiment_${this.packet.sentiment}`];
    },
    moodClass() {
      return this.packet.angry || this.packet.sentiment < 0 ? "bad" : "";
    },
  },
  methods: {
    fill, language, reason,
  },
  template: `
    <section class="b-packet" :aria-label="t.packet">
      <div class="b-packet-top">
        <span class="b-tag reason" :class="packet.reason" :title="reason(packet.reason, t)">{{ packet.card.title }}</span>
        <span v-if="packet.urgency > 0" class="b-tag urgent">{{ packet.urgency > 1 ? t.very_urgent : t.urgent }}</span>
        <span v-if="mood" class="b-tag" :class="moodClass">{{ mood }}</span>
        <span class="b-tag">{{ language(packet.language) }}</span>
        <span v-for="number in packet.orders" :key="number" class="b-tag order">{{ number }}</span>
        <span v-if="packet.team" class="b-tag">{{ packet.team }}</span>
        <span class="b-grow"></span>
        <button type="button" class="b-icon small" :aria-label="folded ? t.show_more : t.show_less" :title="folded ? t.show_more : t.show_less" :aria-expanded="!folded" @click="chosen = !folded">
          <q-icon :name="folded ? 'expand_more' : 'expand_less'" /></button>
      </div>
      <template v-if="!folded">
      <p class="b-next"><q-icon name="arrow_forward" /> {{ packet.card.next }}</p>
      <p v-if="packet.card.note" class="b-summary whole" dir="auto"><q-icon name="sticky_note_2" /> {{ packet.card.note }}</p>
      <p v-if="packet.summary" class="b-summary" :class="{whole}" :title="packet.summary" dir="auto">{{ packet.summary }}</p>
      <p class="b-done"><template v-for="(one, n) in packet.card.done" :key="n"><span v-if="n"> · </span>{{ one }}</template></p>
      <dl v-if="facts.length" class="b-facts">
        <div v-for="(fact, n) in facts" :key="n"><dt>{{ fact.name }}</dt><dd>{{ fact.value }}</dd></div>
      </dl>
      <template v-if="packet.answers.length">
        <button type="button" class="b-link" :aria-expanded="whole" @click="whole = !whole">
          <q-icon :name="whole ? 'expand_less' : 'expand_more'" /> {{ fill(t.answered, {count: packet.answers.length}) }}
        </button>
        <ol v-if="whole" class="b-answers">
          <li v-for="(given, n) in packet.answers" :key="n"><b dir="auto">{{ given.question }}</b><span dir="auto">{{ given.answer }}</span><i>{{ given.article }}</i></li>
        </ol>
      </template>
      </template>
    </section>`,
};
