// A list that opens while one writes: colleagues after "@", macros after "/". The arrows choose, Enter takes, Escape closes.
export default {
  props: { items: Array, at: Number, title: String, t: Object },
  emits: ["take", "point"],
  template: `
    <ul id="b-picker" class="b-picker" role="listbox" :aria-label="title">
      <li v-for="(item, n) in items" :id="'b-picker-' + n" :key="item.id" role="option" :aria-selected="n === at" @mousedown.prevent="$emit('take', item)" @mousemove="$emit('point', n)">
        <b>{{ item.title }}</b><span v-if="item.text" class="b-quiet">{{ item.text }}</span></li>
      <li v-if="!items.length" role="option" aria-disabled="true" aria-selected="false" class="b-quiet">{{ t.nothing_found }}</li>
    </ul>`,
};
