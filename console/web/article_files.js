// Attachments and images: sent with the login of the browser, put into the text as Markdown.
import { fill } from "baton-console/format.js";

const UNITS = ["B", "kB", "MB"];

export default {
  props: { article: String, files: Array, most: Object, t: Object },
  emits: ["insert", "remove", "refresh"],
  data: () => ({ sending: "", trouble: "" }),
  methods: {
    fill,
    size(bytes) {
      const unit = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : 2;
      return `${(bytes / 1000 ** unit).toFixed(unit && 1)} ${UNITS[unit]}`;
    },
    chosen(event) {
      this.send([...event.target.files]);
      event.target.value = "";
    },
    async send(files) {
      this.trouble = "";
      for (const file of files) {
        this.sending = file.name;
        const problem = file.size > this.most.file ? fill(this.t.file_too_large, { name: file.name, most: this.size(this.most.file) }) : await this.post(file);
        if (problem) this.trouble = problem;
      }
      this.sending = "";
      this.$emit("refresh");
    },
    // Returns what went wrong, if something did.
    async post(file) {
      try {
        const answer = await fetch(`/console/article-files/${encodeURIComponent(this.article)}`, {
          method: "POST", body: file, headers: { "X-File-Name": encodeURIComponent(file.name), "Content-Type": "application/octet-stream" },
        });
        if (answer.status === 401) window.dispatchEvent(new Event("baton-expired"));
        if (answer.ok) return "";
        const said = await answer.json();
        return [said.message, said.hint].filter(Boolean).join(" ");
      } catch {
        return fill(this.t.file_not_sent, { name: file.name });
      }
    },
    remove(file) {
      if (confirm(fill(this.t.remove_sure, file))) this.$emit("remove", file.id);
    },
  },
  template: `
    <div class="b-files" @dragover.prevent @drop.prevent="send([...$event.dataTransfer.files])">
      <label class="b-btn">{{ t.attach }}<input type="file" class="b-sr" multiple :accept="most.kinds.map((kind) => '.' + kind).join(',')" @change="chosen"></label>
      <p class="b-quiet">{{ fill(t.attach_hint, {most: size(most.file), kinds: most.kinds.join(', ')}) }}</p>
      <p v-if="sending" role="status">{{ fill(t.sending_file, {name: sending}) }}</p>
      <p v-if="trouble" class="b-state loud" role="alert">{{ trouble }}</p>
      <p v-if="!files.length" class="b-quiet">{{ t.no_files }}</p>
      <ul><li v-for="file in files" :key="file.id">
        <a :href="file.url" target="_blank" rel="noopener"><img v-if="file.image" :src="file.url" alt="" loading="lazy"><span>{{ file.name }}</span></a>
        <span class="b-quiet">{{ size(file.size) }}</span>
        <span class="b-buttons"><button type="button" class="b-btn" @click="$emit('insert', file.markdown)">{{ t.insert_file }}</button>
          <button type="button" class="b-btn danger" :aria-label="fill(t.remove_file, file)" :title="fill(t.remove_file, file)" @click="remove(file)"><q-icon name="delete" /></button></span></li></ul>
    </div>`,
};
