import { asking } from "baton-console/board.js";
import { ago, fill, language, ticker, whole } from "baton-console/format.js";

const STATES = ["conflict", "changed", "new", "skipped", "gone", "unchanged"];
const HOURS = [0, 1, 6, 24, 168];
const WORKING = ["asked", "reading", "approved", "applying"];

export default {
  props: { me: Object, languages: Array, endings: Array, t: Object },
  mixins: [asking],
  data() {
    return {
      sources: null, from: "file", address: "", file: null, sending: false, more: false, wish: this.blank(), trouble: "", opened: null, state: "",
      items: [], moreItems: false, limit: 100, differences: {}, states: STATES, hours: HOURS,
    };
  },
  computed: {
    now: () => ticker.now,
    accepted() {
      return this.endings.join(",");
    },
    openSource() {
      return this.sources?.find((one) => one.run?.id === this.opened);
    },
    storing() {
      const { counts } = this.openSource.run;
      return (counts.new ?? 0) + (counts.changed ?? 0);
    },
  },
  mounted() {
    this.ask("load");
  },
  methods: {
    ago, fill, language, whole,
    blank: () => ({ language: "", category: "", audience: "public", encoding: "", question: "", answer: "", publish: true, single: false }),
    on_state({ sources }) {
      const before = this.openSource?.run;
      this.sources = sources;
      const run = this.openSource?.run;
      if (this.opened && !run) this.opened = null;
      if (run && before && (run.state !== before.state || run.endedAt !== before.endedAt)) this.list();
      const waiting = sources.find((one) => one.id === this.added && one.run && !WORKING.includes(one.run.state));
      if (waiting) {
        this.added = null;
        this.open(waiting.run);
      }
    },
    on_added({ source }) {
      Object.assign(this, { added: source, address: "", file: null, sending: false });
      if (this.$refs.file) this.$refs.file.value = "";
    },
    on_items({ run, items, more }) {
      if (run !== this.opened) return;
      Object.assign(this, { items, moreItems: more });
    },
    on_difference({ number, lines }) {
      this.differences = { ...this.differences, [number]: lines };
    },
    on_failed({ message }) {
      Object.assign(this, { trouble: message, sending: false });
    },
    on_expired() {
      window.dispatchEvent(new Event("baton-expired"));
    },
    add() {
      if (this.from === "address") {
        this.ask("add", { address: this.address, ...this.wish });
        return;
      }
      if (this.file) this.upload();
    },
    async upload() {
      Object.assign(this, { trouble: "", sending: true });
      const headers = { "X-File-Name": encodeURIComponent(this.file.name), "X-Options": encodeURIComponent(JSON.stringify(this.wish)) };
      try {
        const answer = await fetch("/console/imports/upload", { method: "POST", body: this.file, headers, credentials: "same-origin" });
        const said = await answer.json();
        if (answer.ok) this.on_added(said);
        else this.on_failed({ message: [said.message, said.hint].filter(Boolean).join(" ") });
      } catch {
        this.on_failed({ message: this.t.imp_upload_lost });
      }
    },
    chosen(event) {
      this.file = event.target.files[0] ?? null;
    },
    open(run) {
      Object.assign(this, { opened: run.id, state: "", items: [], differences: {}, limit: 100 });
      this.list();
      this.$nextTick(() => this.$refs.review?.focus());
    },
    list() {
      this.ask("open", { id: this.opened, state: this.state, limit: this.limit });
    },
    show(state) {
      Object.assign(this, { state, limit: 100 });
      this.list();
    },
    showMore() {
      this.limit *= 2;
      this.list();
    },
    compare(item) {
      if (this.differences[item.number]) {
        const { [item.number]: _, ...rest } = this.differences;
        this.differences = rest;
      } else this.ask("difference", { number: item.number });
    },
    decide(item, take) {
      this.ask("decide", { id: this.opened, number: item.number, take, state: this.state, limit: this.limit });
    },
    setTime(source, every, unasked) {
      this.ask("schedule", { id: source.id, every: Number(every), unasked });
    },
    remove(source) {
      if (confirm(fill(this.t.imp_remove_sure, source))) this.ask("remove", { id: source.id });
    },
    working: (run) => WORKING.includes(run?.state),
    says(run) {
      if (run.state === "failed") return run.error;
      const said = fill(this.t[`imp_run_${run.state}`], run);
      return ["reading", "applying"].includes(run.state) && run.total ? `${said} ${run.done} / ${run.total}` : said;
    },
    sums(run) {
      return STATES.filter((name) => run.counts[name]).map((name) => [name, run.counts[name]]);
    },
    every(hours) {
      return this.t[`imp_every_${hours}`] ?? fill(this.t.imp_every_other, { hours });
    },
    choices(source) {
      return source.every && !HOURS.includes(source.every) ? [...HOURS, source.every] : HOURS;
    },
    where: (item) => (item.article ? `/console/articles/${encodeURIComponent(item.article)}?language=${item.language}` : null),
    decidable(item) {
      return this.openSource?.run.state === "ready" && ["new", "changed", "conflict"].includes(item.state);
    },
  },
  template: `
    <main class="b-page b-imports">
      <form class="b-import-new" @submit.prevent="add">
        <h1>{{ t.imp_bring }}</h1>
        <div class="b-tabs" role="tablist" :aria-label="t.imp_bring">
          <button v-for="name in ['file', 'address']" :key="name" type="button" role="tab" :aria-selected="from === name" @click="from = name">{{ t['imp_from_' + name] }}</button>
        </div>
        <label v-if="from === 'file'">{{ t.imp_file }}<input ref="file" type="file" :accept="accepted" @change="chosen"><span class="b-quiet">{{ t.imp_file_hint }}</span></label>
        <label v-else>{{ t.imp_address }}<input v-model="address" type="url" required maxlength="2000" placeholder="https://"><span class="b-quiet">{{ t.imp_address_hint }}</span></label>
        <div class="b-import-wishes">
          <label>{{ t.language }}<select v-model="wish.language"><option value="">{{ t.imp_told }}</option><option v-for="code in languages" :key="code" :value="code">{{ language(code) }}</option></select></label>
          <label>{{ t.category }}<input v-model="wish.category" maxlength="100"></label>
          <label>{{ t.audience }}<select v-model="wish.audience"><option value="public">{{ t.audience_public }}</option><option value="internal">{{ t.audience_internal }}</option></select></label>
          <label>{{ t.imp_then }}<select v-model="wish.publish"><option :value="true">{{ t.imp_publish }}</option><option :value="false">{{ t.imp_drafts }}</option></select></label>
        </div>
        <label v-if="from === 'address'" class="b-check"><input v-model="wish.single" type="checkbox"> {{ t.imp_single }}</label>
        <details v-else><summary>{{ t.imp_more }}</summary><div class="b-import-wishes">
          <label>{{ t.imp_question }}<input v-model="wish.question" maxlength="200"></label>
          <label>{{ t.imp_answer }}<input v-model="wish.answer" maxlength="200"></label>
          <label>{{ t.imp_encoding }}<input v-model="wish.encoding" maxlength="40" placeholder="utf-8, big5, gb18030, windows-1252"></label></div></details>
        <p class="b-import-go"><button class="b-btn primary" :disabled="sending || (from === 'file' && !file)"><q-icon name="preview" /> {{ sending ? t.imp_sending : t.imp_preview }}</button>
          <span class="b-quiet">{{ t.imp_preview_hint }}</span><span class="b-grow"></span>
          <a class="b-btn" href="/console/imports/export.zip" download><q-icon name="download" /> {{ t.imp_export }}</a></p>
      </form>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>

      <h2>{{ t.imp_sources }}</h2>
      <p v-if="sources && !sources.length" class="b-empty">{{ t.imp_no_sources }}</p>
      <p v-if="!sources" class="b-empty">{{ t.loading }}</p>
      <ul class="b-sources">
        <li v-for="source in sources ?? []" :key="source.id" class="b-source" :data-id="source.id">
          <div class="b-source-top"><b>{{ source.location }}</b> <span class="b-tag">{{ t['imp_kind_' + source.kind] }}</span>
            <span v-if="!source.publish" class="b-tag">{{ t.imp_drafts }}</span><span class="b-grow"></span>
            <template v-if="source.kind !== 'upload'">
              <label class="b-quiet">{{ t.imp_again }} <select :value="source.every ?? 0" @change="setTime(source, $event.target.value, source.unasked)"><option v-for="hours in choices(source)" :key="hours" :value="hours">{{ every(hours) }}</option></select></label>
              <label v-if="source.every" class="b-check"><input type="checkbox" :checked="source.unasked" @change="setTime(source, source.every, $event.target.checked)"> {{ t.imp_unasked }}</label>
              <button v-if="source.kind !== 'files'" type="button" class="b-btn" :disabled="working(source.run) || source.run?.state === 'ready'" @click="ask('read', {id: source.id})">{{ t.imp_read_now }}</button>
            </template>
            <button type="button" class="b-icon" :aria-label="t.imp_remove" :title="t.imp_remove" @click="remove(source)"><q-icon name="delete" /></button></div>
          <div v-if="source.run" class="b-run" :class="source.run.state" role="status">
            <p>{{ says(source.run) }} <span class="b-quiet" :title="whole(source.run.askedAt)">{{ source.run.scheduled ? t.imp_by_schedule : source.run.by }}, {{ ago(source.run.endedAt ?? source.run.askedAt, now, t) }}</span></p>
            <progress v-if="working(source.run)" :max="source.run.total || null" :value="source.run.total ? source.run.done : null" :aria-label="t.imp_progress"></progress>
            <span v-for="[name, count] in sums(source.run)" :key="name" class="b-tag" :class="'item-' + name">{{ count }} {{ t['imp_' + name] }}</span>
            <button v-if="!working(source.run) && sums(source.run).length" type="button" class="b-btn" :class="{primary: source.run.state === 'ready'}" :aria-expanded="opened === source.run.id" @click="open(source.run)">{{ source.run.state === 'ready' ? t.imp_review : t.imp_look }}</button>
            <button v-if="working(source.run) && source.run.mine" type="button" class="b-btn" @click="ask('drop', {id: source.run.id})">{{ t.imp_stop }}</button></div>
        </li>
      </ul>

      <section v-if="openSource" ref="review" class="b-review" tabindex="-1" :aria-label="t.imp_found">
        <div class="b-review-top"><h2>{{ openSource.location }}</h2><span class="b-grow"></span>
          <template v-if="openSource.run.state === 'ready'"><button type="button" class="b-btn primary" @click="ask('approve', {id: opened})">{{ t.imp_approve }}</button>
            <button type="button" class="b-btn" @click="ask('drop', {id: opened})">{{ t.imp_drop }}</button></template>
          <button type="button" class="b-icon" :aria-label="t.close" @click="opened = null"><q-icon name="close" /></button></div>
        <div class="b-tabs" role="tablist" :aria-label="t.status"><button type="button" role="tab" :aria-selected="!state" @click="show('')">{{ t.view_all }}</button>
          <button v-for="[name, count] in sums(openSource.run)" :key="name" type="button" role="tab" :aria-selected="state === name" @click="show(name)">{{ t['imp_' + name] }} <span class="b-count">{{ count }}</span></button></div>
        <div class="b-table"><table>
          <thead><tr><th scope="col">{{ t.imp_store }}</th><th scope="col">{{ t.status }}</th><th scope="col">{{ t.title }}</th><th scope="col">{{ t.language }}</th><th scope="col">{{ t.imp_lines }}</th><th scope="col">{{ t.why }}</th></tr></thead>
          <tbody v-for="item in items" :key="item.number"><tr>
            <td><input v-if="decidable(item)" type="checkbox" :checked="item.taken" :aria-label="fill(t.imp_store_this, item)" @change="decide(item, $event.target.checked)"><span v-else-if="item.outcome && item.outcome !== 'kept'" class="b-tag" :class="item.outcome">{{ t['imp_' + item.outcome] }}</span></td>
            <td><span class="b-tag" :class="'item-' + item.state">{{ t['imp_' + item.state] }}</span></td>
            <td><a v-if="where(item) && item.state !== 'new'" :href="where(item)">{{ item.title }}</a><b v-else-if="item.title">{{ item.title }}</b><span class="b-quiet">{{ item.key }}</span></td>
            <td>{{ item.language ? language(item.language) : '' }}</td>
            <td class="b-lines"><span v-if="item.added" class="b-plus">+{{ item.added }}</span> <span v-if="item.removed" class="b-minus">−{{ item.removed }}</span>
              <button v-if="['new', 'changed', 'conflict'].includes(item.state)" type="button" class="b-link" :aria-expanded="!!differences[item.number]" @click="compare(item)">{{ differences[item.number] ? t.imp_hide : t.imp_show }}</button></td>
            <td>{{ item.reason }} <span v-for="note in item.notes" :key="note" class="b-quiet">{{ note }}</span> <span v-for="name in item.state === 'new' ? [] : item.changes.filter((one) => one !== 'text')" :key="name" class="b-quiet">{{ t['imp_change_' + name] }}</span></td></tr>
            <tr v-if="differences[item.number]"><td colspan="6"><div class="b-difference"><div v-for="(line, place) in differences[item.number]" :key="place" :class="line.kind"><span class="b-sr">{{ t['imp_line_' + line.kind] }}</span>{{ line.kind === 'gap' ? '…' : line.text || ' ' }}</div></div></td></tr></tbody></table>
          <p v-if="!items.length" class="b-empty">{{ t.imp_nothing }}</p>
          <button v-if="moreItems" type="button" class="b-btn b-more" @click="showMore">{{ t.more }}</button></div>
      </section>
    </main>`,
};
