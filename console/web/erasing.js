import Dialog from "baton-console/dialog.js";
import { date, fill } from "baton-console/format.js";

// Below the customer: all that is stored given out as a file, or erased for good, by who may.
export default {
  components: { Dialog },
  props: { contact: Object, standing: Object, may: Boolean, t: Object },
  emits: ["look", "erase"],
  data: () => ({ asking: false, orders: false }),
  watch: {
    "contact.id"() {
      this.asking = false;
    },
  },
  methods: {
    date, fill,
    begin() {
      Object.assign(this, { asking: true, orders: false });
      this.$emit("look");
    },
    erase() {
      this.asking = false;
      this.$emit("erase", { contact: this.contact.id, orders: this.orders });
    },
  },
  template: `
    <p v-if="contact.erasedAt" class="b-quiet">{{ fill(t.erase_gone, {date: date(contact.erasedAt)}) }}</p>
    <template v-else-if="may">
      <h3>{{ t.erase_title }}</h3>
      <p><a class="b-btn small" :href="'/console/contacts/' + contact.id + '/export.zip'" download>{{ t.erase_export }}</a>
        <button type="button" class="b-btn small" @click="begin">{{ t.erase_open }}</button></p>
      <Dialog v-if="asking" :title="fill(t.erase_dialog, {name: contact.name || t.visitor})" :t="t" @close="asking = false">
        <template v-if="standing">
          <p>{{ fill(t.erase_what, standing) }}</p>
          <p v-if="standing.open_conversations || standing.open_requests"><span class="b-tag warn">{{ fill(t.erase_under_way, standing) }}</span></p>
          <p v-if="standing.orders"><label><input type="checkbox" v-model="orders"> {{ fill(t.erase_orders, standing) }}</label></p>
          <p><b>{{ t.erase_warning }}</b></p>
          <p><button type="button" class="b-btn" @click="erase">{{ t.erase_sure }}</button></p>
        </template>
      </Dialog>
    </template>`,
};
