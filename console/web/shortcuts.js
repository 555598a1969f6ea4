import Dialog from "baton-console/dialog.js";

// What the keys do. Those with one letter can be switched off in the settings.
export const KEYS = {
  j: "next", ArrowDown: "next", k: "previous", ArrowUp: "previous", "/": "search", "?": "help", r: "reply", n: "note", t: "take", e: "resolve", b: "hand_back",
  p: "release", z: "snooze", l: "labels", x: "transfer", m: "merge", u: "undo", f: "filters", i: "notifications", ",": "settings",
};
const SHOWN = [
  ["Ctrl K", "palette"], ["?", "help"], ["/", "search"], ["j ↓", "next"], ["k ↑", "previous"], ["Enter r", "reply"], ["n", "note"], ["Ctrl Enter", "send"], ["u", "undo"],
  ["Alt 1–3", "suggestion"], ["t", "take"], ["p", "release"], ["b", "hand_back"], ["e", "resolve"], ["z", "snooze"], ["l", "labels"], ["x", "transfer"], ["m", "merge"],
  ["f", "filters"], ["1–8", "views"], ["i", "notifications"], [",", "settings"], ["Esc", "leave"],
];

export default {
  components: { Dialog },
  props: { t: Object },
  emits: ["close"],
  data: () => ({ shown: SHOWN }),
  template: `
    <Dialog :title="t.shortcuts" :t="t" @close="$emit('close')">
      <dl class="b-keys"><div v-for="[keys, name] in shown" :key="name"><dt><kbd>{{ keys }}</kbd></dt><dd>{{ t['key_' + name] }}</dd></div></dl>
      <p class="b-quiet">{{ t.shortcuts_hint }}</p>
    </Dialog>`,
};
