import Dialog from "baton-console/dialog.js";

export default {
  components: { Dialog },
  props: { meta: Object, me: Object, t: Object },
  emits: ["transfer", "close"],
  data: () => ({ to: "", note: "" }),
  computed: {
    people() {
      return this.meta.people.filter((person) => person.id !== this.me.id);
    },
  },
  methods: {
    send() {
      const [kind, id] = this.to.split(":");
      if (id) this.$emit("transfer", { [kind]: id, note: this.note });
    },
  },
  template: `
    <Dialog :title="t.transfer" :t="t" @close="$emit('close')">
      <form @submit.prevent="send">
        <label class="b-field">{{ t.transfer_to }}<select v-model="to" required data-first>
          <option value="" disabled>{{ t.choose_one }}</option>
          <optgroup v-if="meta.teams.length" :label="t.teams"><option v-for="team in meta.teams" :key="team.id" :value="'team:' + team.id">{{ team.name }}</option></optgroup>
          <optgroup v-if="people.length" :label="t.people"><option v-for="person in people" :key="person.id" :value="'to:' + person.id">{{ person.name }}</option></optgroup>
        </select></label>
        <label class="b-field">{{ t.transfer_note }}<textarea v-model="note" rows="3" maxlength="2000"></textarea></label>
        <p class="b-quiet">{{ t.transfer_hint }}</p>
        <div class="b-row-of"><span class="b-grow"></span><button class="b-btn primary" :disabled="!to">{{ t.transfer }}</button></div>
      </form>
    </Dialog>`,
};
