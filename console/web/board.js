// What pages that ask the server and are told have in common, as mixins.
const SEARCH_AFTER = 200;

// `ask` sends a command and forgets the last trouble; what comes back is taken by the method `on_KIND`.
export const asking = {
  emits: ["command"],
  methods: {
    ask(kind, data = {}) {
      this.trouble = "";
      this.$emit("command", { kind, ...data });
    },
    receive(kind, data) {
      this[`on_${kind}`]?.(data);
    },
  },
};

// A list under `filter`, asked for with `list` once typing rests.
export const filtering = {
  watch: {
    filter: {
      deep: true,
      handler() {
        clearTimeout(this.timer);
        this.timer = setTimeout(this.list, SEARCH_AFTER);
      },
    },
  },
  mounted() {
    this.list();
  },
};
