// The versions of one language: look at one, compare two, restore one.
import { fill, whole } from "baton-console/format.js";

export default {
  props: { versions: Array, open: Number, busy: Boolean, t: Object },
  emits: ["look", "compare", "restore"],
  data: () => ({ before: null }),
  watch: {
    versions() {
      this.before = null;
    },
  },
  methods: { fill, whole },
  template: `
    <div class="b-versions">
      <p v-if="!versions.length" class="b-quiet">{{ t.no_versions }}</p>
      <ol><li v-for="(version, place) in versions" :key="version.version" :class="{open: open === version.version}">
        <button type="button" class="b-version" :aria-pressed="open === version.version" @click="$emit('look', version.version)">
          <span><b>{{ fill(t.version, version) }}</b> <span class="b-tag" :class="'status-' + version.status">{{ t['version_' + version.status] }}</span></span>
          <span class="b-quiet">{{ version.editor }} · {{ whole(version.at) }}</span></button>
        <span class="b-version-does">
          <button v-if="versions[place + 1]" type="button" class="b-link" @click="$emit('compare', versions[place + 1].version, version.version)">{{ t.what_changed }}</button>
          <button v-if="place" type="button" class="b-link" :disabled="busy" @click="$emit('compare', version.version, versions[0].version)">{{ t.against_newest }}</button>
          <button v-if="place" type="button" class="b-link" :disabled="busy" @click="$emit('restore', version.version)">{{ t.restore }}</button></span></li></ol>
    </div>`,
};
