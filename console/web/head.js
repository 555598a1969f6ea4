import { channel, fill, whole } from "baton-console/format.js";
import { Due } from "baton-console/rows.js";

const ICONS = { take: "front_hand", release: "undo", hand_back: "smart_toy", resolve: "check_circle", snooze: "snooze", wake: "alarm_on", transfer: "swap_horiz" };
const BRIEF = ["snooze", "transfer", "release", "hand_back"]; // shown as signs only, with their names for those who cannot see them

export default {
  components: { Due },
  props: { open: Object, actions: Array, mine: Boolean, busy: Boolean, side: Boolean, labels: Array, mergeable: Boolean, me: Object, t: Object },
  emits: ["act", "dialog", "leave", "side", "unlabel"],
  computed: {
    holder() {
      const { row } = this.open;
      if (row.status === "resolved") return this.t.is_resolved;
      if (row.status === "snoozed") return fill(this.t.sleeps_until, { time: whole(row.snoozedUntil) });
      if (row.handler !== "agent") return this.t[`held_by_${row.handler}`];
      return this.mine ? this.t.held_by_you : fill(this.t.held_by, { name: row.agentName });
    },
    dot() {
      return this.mine ? "online" : this.open.row.status === "resolved" ? "" : this.open.row.handler;
    },
    shown() {
      return this.labels.filter((label) => this.open.row.labels.includes(label.id));
    },
    colleagues() {
      const names = (list) => list.map((one) => one.name).join(", ");
      const write = this.open.colleagues.filter((one) => one.writes);
      const look = this.open.colleagues.filter((one) => !one.writes);
      return [write.length && fill(this.t.also_writes, { names: names(write) }), look.length && fill(this.t.also_looks, { names: names(look) })].filter(Boolean);
    },
    loud() {
      return this.open.colleagues.some((one) => one.writes);
    },
  },
  methods: {
    channel,
    icon: (action) => ICONS[action],
    brief: (action) => BRIEF.includes(action),
    label(action) {
      return action === "take" && this.open.row.handler === "bot" ? this.t.take_over : this.t[action];
    },
  },
  template: `
    <header class="b-head">
      <button type="button" class="b-icon b-back" :aria-label="t.back" @click="$emit('leave')"><q-icon name="arrow_back" /></button>
      <div class="b-title"><h1>{{ open.row.name || t.visitor }}</h1><p><span class="b-dot" :class="dot" aria-hidden="true"></span>{{ holder }} · {{ channel(open.row.channel) }}</p></div>
      <Due v-if="open.row.dueAt && open.row.status === 'open'" :row="open.row" :t="t" />
      <span v-for="label in shown" :key="label.id" class="b-label" :class="label.colour">{{ label.title }}<button type="button" :aria-label="t.take_label_off + ': ' + label.title" @click="$emit('unlabel', label.id)">×</button></span>
      <span class="b-grow"></span>
      <button type="button" class="b-icon" :aria-label="t.labels" :title="t.labels" @click="$emit('dialog', 'labels')"><q-icon name="label" /></button>
      <button v-if="mergeable" type="button" class="b-icon" :aria-label="t.merge" :title="t.merge" @click="$emit('dialog', 'merge')"><q-icon name="merge" /></button>
      <template v-for="action in actions" :key="action">
        <button v-if="brief(action)" type="button" class="b-icon" :disabled="busy" :aria-label="label(action)" :title="t[action + '_hint'] || label(action)" @click="$emit('act', action)"><q-icon :name="icon(action)" /></button>
        <button v-else type="button" class="b-btn" :class="{primary: action === 'take'}" :disabled="busy" :title="t[action + '_hint'] || label(action)" @click="$emit('act', action)"><q-icon :name="icon(action)" /> {{ label(action) }}</button>
      </template>
      <button type="button" class="b-icon b-show-side" :aria-label="t.show_customer" :title="t.show_customer" :aria-expanded="side" @click="$emit('side')"><q-icon name="person" /></button>
      <p v-for="(line, n) in colleagues" :key="n" class="b-colleagues" :class="{loud}" role="status"><q-icon :name="loud ? 'edit' : 'visibility'" /> {{ line }}</p>
    </header>`,
};
