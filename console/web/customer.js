import { ago, channel, date, fill, language, money, ticker, words } from "baton-console/format.js";
import Erasing from "baton-console/erasing.js";
import Known from "baton-console/known.js";

const Order = {
  props: { order: Object, first: Boolean, t: Object },
  methods: {
    date, fill, money, words,
    when(shipment) {
      if (shipment.delivered) return fill(this.t.delivered_on, { date: date(shipment.delivered) });
      return shipment.expected ? fill(this.t.expected, { date: date(shipment.expected) }) : "";
    },
  },
  template: `
    <details class="b-order" :open="first">
      <summary><b>{{ order.number }}</b><span class="b-tag" :class="'order-' + order.status">{{ words(order.status) }}</span>
        <span class="b-grow"></span><span>{{ money(order.total, order.currency) }}</span></summary>
      <p class="b-quiet">{{ fill(t.placed, {date: date(order.placedAt)}) }}</p>
      <ul class="b-items" :aria-label="t.items">
        <li v-for="(item, n) in order.items" :key="n"><span>{{ item.quantity }} × {{ item.title }}</span><span>{{ money(item.price * item.quantity, order.currency) }}</span></li>
      </ul>
      <ul v-if="order.shipments.length" class="b-parcels" :aria-label="t.shipments">
        <li v-for="(parcel, n) in order.shipments" :key="n"><q-icon name="local_shipping" /><span>{{ parcel.carrier }} {{ parcel.number }}<br>
          <b>{{ words(parcel.status) }}</b> <span class="b-quiet">{{ when(parcel) }}</span></span></li>
      </ul>
    </details>`,
};

export default {
  components: { Erasing, Known, Order },
  props: { contact: Object, orders: Array, requests: Array, others: Array, known: Array, links: Array, standing: Object, mayErase: Boolean, t: Object },
  emits: ["open", "decide", "look", "erase"],
  computed: {
    fresh() {
      return new Set(this.orders.slice(0, 1).map((order) => order.number));
    },
  },
  methods: { channel, language, words, since: (ms, t) => ago(ms, ticker.now, t) },
  template: `
    <aside class="b-side" :aria-label="t.customer">
      <h2>{{ contact.name || t.visitor }}</h2>
      <p><span class="b-tag" :class="contact.verified ? 'good' : 'warn'"><q-icon :name="contact.verified ? 'verified_user' : 'help_outline'" /> {{ contact.verified ? t.verified : t.not_verified }}</span></p>
      <dl class="b-about">
        <template v-if="contact.email"><dt>{{ t.email }}</dt><dd>{{ contact.email }}</dd></template>
        <template v-if="contact.phone"><dt>{{ t.phone }}</dt><dd>{{ contact.phone }}</dd></template>
        <template v-if="contact.language"><dt>{{ t.language }}</dt><dd>{{ language(contact.language) }}</dd></template>
        <template v-for="(fact, n) in contact.attributes" :key="n"><dt>{{ fact.name }}</dt><dd>{{ fact.value }}</dd></template>
      </dl>
      <Known :known="known" :links="links" :t="t" @decide="$emit('decide', $event)" />
      <h3>{{ t.orders }}</h3>
      <p v-if="!orders.length" class="b-quiet">{{ t.no_orders }}</p>
      <Order v-for="order in orders" :key="order.number" :order="order" :first="fresh.has(order.number)" :t="t" />
      <h3>{{ t.requests }}</h3>
      <p v-if="!requests.length" class="b-quiet">{{ t.no_requests }}</p>
      <details v-for="request in requests" :key="request.reference" class="b-order">
        <summary><b>{{ request.reference }}</b><span class="b-tag">{{ words(request.kind) }}</span><span class="b-grow"></span><span>{{ words(request.status) }}</span></summary>
        <p class="b-quiet">{{ request.order }} {{ since(request.at, t) }}</p>
        <dl class="b-about"><template v-for="(fact, n) in request.details" :key="n"><dt>{{ fact.name }}</dt><dd>{{ fact.value }}</dd></template></dl>
      </details>
      <h3>{{ t.others }}</h3>
      <p v-if="!others.length" class="b-quiet">{{ t.no_others }}</p>
      <ul class="b-others">
        <li v-for="other in others" :key="other.id"><button type="button" @click="$emit('open', other.id)">
          <span>{{ other.preview }}</span><span class="b-quiet">{{ channel(other.channel) }} · {{ words(other.status) }} · {{ since(other.updatedAt, t) }}</span></button></li>
      </ul>
      <Erasing :contact="contact" :standing="standing" :may="mayErase" :t="t" @look="$emit('look')" @erase="$emit('erase', $event)" />
    </aside>`,
};
