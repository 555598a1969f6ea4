// By what a customer is known: addresses and numbers, proven or only said.
export default {
  props: { known: { type: Array, default: () => [] }, t: Object },
  template: `
    <dl v-if="known.length" class="b-about">
      <template v-for="one in known" :key="one.kind + one.value"><dt>{{ t[one.kind] }}</dt>
        <dd>{{ one.value }} <span class="b-quiet">{{ one.verified ? t.known_proven : t.known_said }}</span></dd></template>
    </dl>`,
};
