import Dialog from "baton-console/dialog.js";
import { whole } from "baton-console/format.js";

const at = (days, hour) => {
  const when = new Date();
  when.setDate(when.getDate() + days);
  when.setHours(hour, 0, 0, 0);
  return when.getTime();
};

export default {
  components: { Dialog },
  props: { t: Object },
  emits: ["snooze", "close"],
  data: () => ({ own: "" }),
  computed: {
    offers() {
      const monday = ((8 - new Date().getDay()) % 7) || 7;
      return [
        { name: this.t.snooze_hour, until: Date.now() + 3600000 },
        { name: this.t.snooze_later, until: Date.now() + 3 * 3600000 },
        { name: this.t.snooze_tomorrow, until: at(1, 9) },
        { name: this.t.snooze_monday, until: at(monday, 9) },
      ];
    },
    chosen() {
      const time = this.own ? new Date(this.own).getTime() : 0;
      return time > Date.now() ? time : 0;
    },
  },
  methods: { whole },
  template: `
    <Dialog :title="t.snooze" :t="t" @close="$emit('close')">
      <p class="b-quiet">{{ t.snooze_hint }}</p>
      <ul class="b-offers"><li v-for="offer in offers" :key="offer.name"><button type="button" class="b-btn" @click="$emit('snooze', offer.until)">{{ offer.name }} <span class="b-quiet">{{ whole(offer.until) }}</span></button></li></ul>
      <div class="b-row-of"><label class="b-field">{{ t.snooze_own }}<input v-model="own" type="datetime-local"></label>
        <button type="button" class="b-btn primary" :disabled="!chosen" @click="$emit('snooze', chosen)">{{ t.snooze }}</button></div>
    </Dialog>`,
};
