/*
 * Baton's chat widget: <script src="https://chat.example/widget/baton.js" async></script>
 * Apache-2.0. Nothing is sent or stored before the chat is first opened.
 * Attributes of the tag, look, and what a page may call: docs/howto/embed-the-widget.md.
 */
(() => {
"use strict";
if (customElements.get("baton-chat")) return;

const ownScript = document.currentScript;
const MESSAGE_LIMIT = 4000;
const SILENCE_MS = 40_000;
const REQUEST_MS = 20_000;
const TYPING_EVERY_MS = 3_000;
const TYPING_SHOWN_MS = 20_000;
const HIDDEN_TAB_MS = 60_000;
const ATTRIBUTES = ["server", "language", "title", "article", "identity", "greeting"].map((name) => "data-" + name);

const LANGUAGES = ["en", "zh-Hant", "zh-Hans", "pt"];
const WORDS = {
  title: ["Chat with us", "與我們對話", "与我们对话", "Fale connosco"],
  open: ["Open chat", "開啟對話", "打开对话", "Abrir conversa"],
  close: ["Close chat", "關閉對話", "关闭对话", "Fechar conversa"],
  unread: ["{0} unread", "{0} 則未讀", "{0} 条未读", "{0} por ler"],
  latest: ["New messages", "新訊息", "新消息", "Novas mensagens"],
  customer: ["You", "你", "你", "Você"],
  bot: ["Assistant", "助理", "助理", "Assistente"],
  agent: ["Customer service", "客戶服務", "客户服务", "Apoio ao cliente"],
  byBot: ["Automatic assistant", "自動助理", "自动助理", "Assistente automático"],
  byQueue: ["Waiting for a person", "正在等候專人", "正在等候人工客服", "À espera de uma pessoa"],
  byAgent: ["You are talking with {0}", "{0} 正在為你服務", "{0} 正在为你服务", "Está a falar com {0}"],
  closed: ["Conversation closed", "對話已結束", "对话已结束", "Conversa encerrada"],
  typing: ["{0} is typing", "{0} 正在輸入", "{0} 正在输入", "{0} está a escrever"],
  write: ["Write a message", "輸入訊息", "输入消息", "Escreva uma mensagem"],
  send: ["Send", "傳送", "发送", "Enviar"],
  sending: ["Sending", "傳送中", "发送中", "A enviar"],
  sent: ["Sent", "已傳送", "已发送", "Enviada"],
  failed: ["Not sent", "未能傳送", "未能发送", "Não enviada"],
  source: ["Source: ", "來源：", "来源：", "Fonte: "],
  attach: ["Attach a file", "附加檔案", "添加附件", "Anexar um ficheiro"],
  replies: ["Suggested replies", "建議回覆", "建议回复", "Respostas sugeridas"],
  offline: ["No connection. Your words are kept and sent later.", "連線中斷，內容會保留並稍後傳送。", "连接中断，内容会保留并稍后发送。", "Sem ligação. O que escrever segue mais tarde."],
};

/** The first BCP 47 tag that there are words for: ["fr", "zh-MO"] -> "zh-Hant"; else "en". */
function pickLanguage(tags) {
  for (const tag of tags) {
    const [language, ...rest] = String(tag).toLowerCase().split(/[-_]/);
    if (language === "en" || language === "pt") return language;
    const traditional = !rest.includes("hans") && ["hant", "tw", "hk", "mo"].some((part) => rest.includes(part));
    if (language === "zh") return traditional ? "zh-Hant" : "zh-Hans";
  }
  return "en";
}

const fill = (words, value) => words.replace("{0}", () => value);

/** Ms before another try: 1 s doubling to 30 s, half of it random. */
const backoff = (failures) => Math.min(30_000, 1000 * 2 ** Math.min(failures, 5)) * (0.5 + Math.random() / 2);

const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The page's address, without its personal parts. */
const here = () => location.href.split(/[?#]/)[0];

const lengthOf = (text) => [...text].length;

/** Trimmed, without what cannot be stored: NUL, halves of surrogate pairs. */
const clean = (text) => text.replace(/\p{Surrogate}|\0/gu, "\ufffd").trim();

/** The http(s) address in full; null for any other scheme. */
function safeUrl(address, base) {
  try {
    const { href } = new URL(address, base);
    return /^https?:/.test(href) ? href : null;
  } catch {
    return null;
  }
}

/** Text as [{text, url?}]: http(s) addresses apart, without the punctuation that ends a sentence. */
function splitLinks(text) {
  const parts = [];
  let done = 0;
  for (const { 0: run, index } of text.matchAll(/https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/gi)) {
    const found = run.replace(/[.,;:!?'*)\]]+$/, (tail) => (tail[0] === ")" && run.includes("(") ? ")" : ""));
    const url = safeUrl(found);
    if (!url) continue;
    parts.push({ text: text.slice(done, index) }, { text: found, url });
    done = index + found.length;
  }
  return [...parts, { text: text.slice(done) }].filter((part) => part.text);
}

/** A node: h("p.note", {lang: "pt", onclick: f}, "text", child). Data never becomes markup. */
function h(name, properties, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  node.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties || {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child));
  return node;
}

function icon(d) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}

/** JSON in localStorage, else in memory. */
class Store {
  constructor(prefix) {
    this.prefix = prefix;
    this.memory = new Map();
  }

  get(key) {
    if (this.memory.has(key)) return this.memory.get(key);
    try {
      return JSON.parse(localStorage.getItem(this.prefix + key));
    } catch {
      return null;
    }
  }

  set(key, value) {
    this.memory.delete(key);
    try {
      localStorage.setItem(this.prefix + key, JSON.stringify(value));
    } catch {
      this.memory.set(key, value);
    }
  }

  remove(key) {
    this.memory.delete(key);
    try {
      localStorage.removeItem(this.prefix + key);
    } catch {} // nothing there
  }

  /** Keys that begin with start. */
  keys(start) {
    let stored = [];
    try {
      stored = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix)).map((key) => key.slice(this.prefix.length));
    } catch {} // blocked
    return [...new Set([...stored, ...this.memory.keys()])].filter((key) => key.startsWith(start));
  }
}

/** Status 0: no usable answer, try again. */
class ApiError extends Error {
  constructor(status, message, retryAfter, field) {
    super(message);
    Object.assign(this, { status, retryAfter, field });
  }

  get isFinal() {
    return this.status >= 400 && this.status < 500 && ![401, 408, 425, 429].includes(this.status);
  }
}

/** HTTP with Baton. A session that is gone is replaced, and the call repeated once. */
class Api {
  constructor(server, store, chat) {
    Object.assign(this, { server, store, chat });
  }

  async token() {
    return this.store.get("token") || (await this.openSession()).token;
  }

  /** Begins the session or refreshes its texts. */
  openSession() {
    this.opening ??= this.requestSession().finally(() => (this.opening = null));
    return this.opening;
  }

  async requestSession() {
    const identity = await this.chat.identity();
    const before = this.store.get("token");
    const body = { language: this.chat.language, page: here(), identity };
    const post = (more, token) => this.send("POST", "/v1/widget/sessions", { body: { ...body, ...more }, token });
    const session = await post({}, before).catch((error) => {
      if (error.status !== 401) throw error;
      if (identity) this.chat.run("refuse", identity, error);
      return post({ identity: undefined }, identity && before);
    });
    if (!session?.token) throw new ApiError(0, "No token");
    this.store.set("token", session.token);
    const another = session.identified ? "member" : before && before !== session.token;
    if (session.identified) this.store.set("member", await this.chat.run("memberOf", identity));
    this.chat.sessionOpened({ ...session.config, language: body.language }, another);
    return session;
  }

  /** Replaces a refused session, unless another tab has done so. */
  async renew(refused) {
    if (this.store.get("token") === refused) await this.openSession();
  }

  async call(method, path, body) {
    const token = await this.token();
    const member = this.store.get("member");
    try {
      return await this.send(method, path, { body, token });
    } catch (error) {
      if (error.status !== 401) throw error;
      await this.renew(token);
      if (this.store.get("member") !== member) throw error;
      return this.send(method, path, { body, token: await this.token() });
    }
  }

  async send(method, path, { body, token }) {
    const signal = AbortSignal.timeout(body instanceof Blob ? 9 * REQUEST_MS : REQUEST_MS);
    try {
      const text = await (await this.fetch(method, path, { body, token, signal })).text();
      return text ? JSON.parse(text) : null;
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0, String(error));
    }
  }

  /** The response, or ApiError with the server's sentence. */
  async fetch(method, path, { body, token, signal }) {
    const raw = body instanceof Blob;
    const kind = body && { "Content-Type": raw ? "application/octet-stream" : "application/json" };
    const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...kind };
    const response = await fetch(this.server + path, {
      method, headers, signal, body: raw ? body : body && JSON.stringify(body), cache: "no-store", keepalive: !raw && Boolean(body),
    });
    if (response.ok) return response;
    const { message, hint, field } = await response.json().catch(() => ({}));
    throw new ApiError(response.status, [message, hint].filter(Boolean).join(" "), Number(response.headers.get("Retry-After")), field);
  }
}

/** text/event-stream (WHATWG HTML, 9.2.6): push() pieces, onEvent gets whole events. */
class SseParser {
  constructor(onEvent) {
    Object.assign(this, { onEvent, rest: "", id: "", type: "", data: [] });
  }

  /** A carriage return at the end waits: the next piece may begin with its line feed. */
  push(text) {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop();
    for (const line of lines) this.take(line);
  }

  take(line) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "data") this.data.push(value);
    else if (field === "event") this.type = value;
    else if (field === "id") this.id = value;
    if (line) return;
    if (this.data.length) this.onEvent({ type: this.type || "message", data: this.data.join("\n"), id: this.id });
    Object.assign(this, { type: "", data: [] });
  }
}

/** Receives by seq: the list after the cursor, then the stream. Sending never moves it. */
class Feed {
  constructor(api, chat) {
    Object.assign(this, { api, chat, cursor: 0, failures: 0 });
  }

  start() {
    this.running = true;
    this.wake?.();
    this.loop ??= this.run().finally(() => (this.loop = null));
  }

  stop() {
    this.running = false;
    this.drop();
    this.wake?.();
  }

  drop() {
    this.abort?.abort();
  }

  async run() {
    while (this.running) {
      try {
        await this.catchUp();
        await this.listen();
      } catch (error) {
        if (error.status === 401) await this.api.renew(error.token).catch(() => {});
      }
      if (!this.running) return;
      this.chat.connectionChanged(false);
      await new Promise((done) => {
        this.wake = done;
        setTimeout(done, backoff(this.failures++));
      });
    }
  }

  async catchUp() {
    for (let asked = -1; asked < this.cursor; ) {
      asked = this.cursor;
      const token = await this.api.token();
      const page = await this.api.call("GET", `/v1/widget/messages?after=${asked}`);
      if (token !== this.api.store.get("token")) throw new ApiError(0, "Replaced");
      for (const message of page.messages) {
        this.chat.keep(message);
        this.cursor = Math.max(this.cursor, message.seq);
      }
      this.chat.stateChanged(page.state);
    }
    this.chat.renderLog();
  }

  async listen() {
    const token = await this.api.token();
    const abort = (this.abort = new AbortController());
    const { signal } = abort;
    let timer = setTimeout(() => abort.abort(), REQUEST_MS);
    try {
      const response = await this.api.fetch("GET", `/v1/widget/stream?after=${this.cursor}`, { token, signal });
      this.chat.connectionChanged(true);
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      const parser = new SseParser((event) => signal.aborted || this.receive(event));
      for (let part = {}; !part.done; part = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE_MS);
        if (!part.value) continue;
        this.failures = 0;
        parser.push(decoder.decode(part.value, { stream: true }));
      }
    } catch (error) {
      throw Object.assign(error, { token });
    } finally {
      clearTimeout(timer);
    }
  }

  receive({ type, data, id }) {
    const value = JSON.parse(data);
    if (type === "message" || type === "update") this.chat.received(value);
    if (type === "typing") this.chat.typingChanged(value);
    if (type === "state") this.chat.stateChanged(value);
    this.cursor = Math.max(this.cursor, Number(id) || 0);
  }
}

/** Own messages, until confirmed: survive reloads, sent in order. */
class Outbox {
  constructor(api, store, chat) {
    Object.assign(this, { api, store, chat, failures: 0, notBefore: 0 });
  }

  items() {
    return this.store.keys("out:").map((key) => this.store.get(key)).sort((a, b) => a.order - b.order);
  }

  add(text, more) {
    const last = this.items().at(-1)?.order || 0;
    this.save({ client_id: newId(), text, ...more, order: Math.max(Date.now(), last + 1) });
  }

  save(item) {
    this.store.set(`out:${item.client_id}`, item);
    this.chat.renderLog();
    this.flush();
  }

  async flush() {
    if (this.busy || Date.now() < this.notBefore) return;
    this.busy = true;
    clearTimeout(this.timer);
    let item;
    while ((item = this.items().find(({ refused }) => refused === undefined)) && (await this.deliver(item)));
    this.busy = false;
  }

  /** One attempt. True: go on with the next. */
  async deliver(item) {
    const { order, refused, files = [], ...body } = item;
    try {
      if (files.some((file) => file.waiting)) return await this.chat.run("sendFirst", files);
      const reply = await this.api.call("POST", "/v1/widget/messages", { ...body, files: files.map(({ id }) => id) });
      if (!reply?.message?.id) throw new ApiError(0, "No message");
      this.failures = 0;
      this.chat.say("");
      if (this.store.get(`out:${body.client_id}`)) this.chat.received(reply.message);
      this.chat.wake();
      return true;
    } catch (error) {
      const left = this.store.get(`out:${body.client_id}`);
      if (!left) return true; // logged out meanwhile
      if (error.isFinal) this.save({ ...left, refused: error.message });
      else this.later(error);
      return error.isFinal;
    }
  }

  later({ status, message, retryAfter }) {
    const delay = retryAfter * 1000 || backoff(this.failures++);
    if (status === 429) {
      this.notBefore = Date.now() + delay - 5;
      this.chat.say(message);
    }
    this.timer = setTimeout(() => this.flush(), delay);
  }
}

const STYLE = `
:host{all:initial;position:fixed;z-index:2147483000;right:20px;bottom:20px;color:var(--ink);
--accent:var(--baton-accent,#1d5b52);--on-accent:var(--baton-on-accent,#fff);
--paper:#fdfcfa;--ink:#1f2322;--soft:#5a605d;--line:#e2dfd8;--fill:#f1efea;--bad:#b3261e;
font:15px/1.5 var(--baton-font,system-ui,sans-serif)}
@media (prefers-color-scheme:dark){:host{color-scheme:dark;--paper:#1a1d1c;--ink:#eeece6;--soft:#a9afab;
--line:#3a403d;--fill:#272c2a;--bad:#ff9a8f}}
*{box-sizing:border-box;margin:0}
[hidden]{display:none!important}
button{font:inherit;color:inherit;cursor:pointer;min-height:44px;border:0;background:none}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
textarea:focus-visible{outline-width:2px;outline-offset:-1px}
svg{width:24px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.launcher,.icon{display:grid;place-items:center;border-radius:12px;width:44px}
.launcher{position:relative;width:60px;height:60px;border-radius:22px 22px 6px;box-shadow:0 0 0 2px #fff,0 6px 20px #0005}
.launcher,.send,.customer .bubble{background:var(--accent);color:var(--on-accent);border-color:var(--accent);text-align:start}
.launcher svg{width:32px}
.badge{position:absolute;top:-8px;right:-8px;min-width:26px;border-radius:13px;background:#b3261e;color:#fff;border:2px solid;font:700 13px/22px sans-serif}
dialog{position:fixed;inset:auto 20px 20px auto;width:380px;height:min(600px,100dvh - 40px);max-width:none;max-height:none;
padding:0;border:1px solid var(--line);border-radius:var(--baton-radius,18px);background:var(--paper);color:inherit;overflow:hidden;box-shadow:0 18px 50px #0004}
dialog[open]{display:flex;flex-direction:column}
header{display:flex;align-items:center;padding:14px 8px 10px 18px;border-bottom:1px solid var(--line);background:linear-gradient(100deg,var(--accent) 64%,#0000 64.3%) 0 0 / 100% 5px no-repeat}
header div,.field{flex:1;min-width:0}
h2{font-size:17px;line-height:1.3}
small,header p,.note,.row.system,.disclosure,.sources,.typing{font-size:13px;color:var(--soft)}
header p::before{content:"";display:inline-block;width:9px;height:9px;margin-right:7px;border-radius:9px;border:2px solid}
header .agent::before{background:#2f9e62}
.icon:hover,.pill:hover{background:var(--fill)}
.note:not(:empty){padding:8px 18px;background:var(--fill);color:var(--ink)}
.scroll,.row{position:relative}
.scroll{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:14px 16px 8px}
.disclosure{text-align:center;margin:0 24px}
.row{display:flex;flex-direction:column;align-items:flex-start;margin-top:4px}
.first{margin-top:14px}
.row.customer{align-items:flex-end;text-align:end}
.day{align-self:center;margin-bottom:8px}
.day::first-letter{text-transform:uppercase}
.who{font-size:13px;font-weight:600;margin:0 4px 3px}
.bubble{max-width:86%;padding:9px 14px;border:1px solid var(--fill);border-radius:16px;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--fill)}
.tail .bubble{border-bottom-left-radius:4px}
.agent .bubble{background:none;border-color:var(--soft)}
.customer.tail .bubble{border-radius:16px 16px 4px}
.row.system .bubble{align-self:center;background:none;border:0;padding:4px;text-align:center}
a{color:inherit;text-underline-offset:3px}
.sources{padding:0 4px;line-height:26px}
.meta{margin:0 4px;min-height:2px}
.bad{color:var(--bad)}
.quick{display:flex;flex-wrap:wrap;gap:8px;margin-top:8px}
.pill{padding:4px 18px;border-radius:22px;border:1.5px solid var(--soft);background:var(--paper);font-weight:600;text-align:start}
.latest{align-self:center;position:relative;margin:-54px 0 10px}
textarea{display:block;width:100%;min-height:44px;max-height:140px;resize:none;padding:10px 12px;font:inherit;font-size:16px;color:inherit;border:1.5px solid #858a87;border-radius:14px;background:none}
::placeholder{color:var(--soft);opacity:1}
.typing{min-height:26px;padding:8px 4px 0}
.typing:not(:empty)::before{content:"● ● ●";margin-right:8px;font-size:9px;animation:beat 1s infinite alternate}
@keyframes beat{from{opacity:.2}}
.write{display:flex;align-items:flex-end;gap:8px;padding:10px 12px max(12px,env(safe-area-inset-bottom));border-top:1px solid var(--line)}
.icon.send{background:var(--accent)}
.send[aria-disabled=true]{opacity:.5}
@media (max-width:640px),(max-height:420px){dialog{inset:var(--top,0) 0 auto;width:100%;height:var(--height,100dvh);border:0;border-radius:0}}
@media (prefers-reduced-motion){*{animation:none!important}}`;

const PHONE = matchMedia("(max-width: 640px), (max-height: 420px)");

class BatonChat extends HTMLElement {
  static observedAttributes = ATTRIBUTES;

  connectedCallback() {
    if (!this.api) this.build();
    const listening = (this.listening = new AbortController());
    const on = (target, type, handler) => target?.addEventListener(type, handler, { signal: listening.signal });
    on(window, "online", () => this.wake());
    on(window, "offline", () => this.feed.drop());
    on(window, "storage", (event) => event.key === this.store.prefix + "token" && this.run("tokenChanged", event));
    on(document, "visibilitychange", () => this.visibilityChanged());
    on(PHONE, "change", () => this.isOpen && this.show());
    this.pageLanguage = new MutationObserver(() => this.languageChanged());
    this.pageLanguage.observe(document.documentElement, { attributeFilter: ["lang"] });
    this.relabel();
    if (this.store.get("open")) this.show();
    else if (this.dataset.greeting) this.greet(this.dataset.greeting);
    this.wake();
  }

  disconnectedCallback() {
    this.listening.abort();
    this.pageLanguage.disconnect();
    this.feed.stop();
  }

  attributeChangedCallback() {
    if (this.api) this.languageChanged();
  }

  get language() {
    return pickLanguage([this.dataset.language, document.documentElement.lang, ...navigator.languages]);
  }

  get files() {
    return this.store.get("files") || [];
  }

  get isOpen() {
    return this.panel.open;
  }

  word(key, value) {
    return fill(WORDS[key][LANGUAGES.indexOf(this.language)], value);
  }

  build() {
    const { origin } = new URL(this.dataset.server || ownScript?.src || "", location.href);
    this.store = new Store(`baton:${origin}:`);
    this.api = new Api(origin, this.store, this);
    this.feed = new Feed(this.api, this);
    this.outbox = new Outbox(this.api, this.store, this);
    Object.assign(this, { messages: new Map(), rows: new Map(), epoch: 0, state: {}, readSent: 0, typedAt: 0 });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.buildLauncher(), this.buildPanel());
  }

  buildLauncher() {
    this.badge = h("span.badge");
    const mark = icon("M5 19V7q0-2.5 2.5-2.5h9Q19 4.5 19 7v6q0 2.5-2.5 2.5H9zM9 12.5l6-5");
    return (this.launcher = h("button.launcher", { "aria-haspopup": "dialog", onclick: () => this.open() }, mark, this.badge));
  }

  buildPanel() {
    this.heading = h("h2", { id: "title" });
    this.handler = h("p", { role: "status" });
    this.closer = h("button.icon", { onclick: () => this.close() }, icon("M6 6l12 12M18 6L6 18"));
    this.note = h("p.note", { role: "status" });
    this.disclosure = h("p.disclosure");
    this.greeting = h("div.row.bot.first.tail");
    this.log = h("div", { role: "log", "aria-live": "polite", "aria-labelledby": "title" }, this.disclosure, this.greeting);
    this.typing = h("div.typing", { role: "status" });
    this.scroller = h("div.scroll", { tabindex: 0, role: "group", "aria-labelledby": "title", onscroll: () => this.atEnd() && this.toEnd() }, this.log, this.typing);
    this.latest = h("button.pill.latest", { onclick: () => this.toEnd() });
    return (this.panel = h("dialog", { role: "dialog", "aria-labelledby": "title", onkeydown: (event) => this.keyPressed(event), oncancel: (event) => event.target === this.panel && this.cancelled(event) },
      h("header", { role: "none" }, h("div", {}, this.heading, this.handler), this.closer), this.note, this.scroller, this.latest, this.buildComposer()));
  }

  buildComposer() {
    this.input = h("textarea", { rows: 1, id: "text", enterkeyhint: "send", "aria-describedby": "count", oninput: () => this.inputChanged() });
    this.input.value = this.store.get("draft") || "";
    this.label = h("label.sr", { for: "text" });
    this.count = h("small", { id: "count", role: "status" });
    this.sender = h("button.icon.send", {}, icon("M12 19V5M5.5 11.5L12 5l6.5 6.5"));
    this.attacher = h("button.icon", { type: "button", onclick: () => this.choose() }, icon("M20 11l-8 8a5 5 0 0 1-7-7l8-8a3 3 0 0 1 5 5l-8 8"));
    this.chooser = h("input", { type: "file", multiple: "", hidden: "", onchange: () => this.run("chosen") });
    this.tray = h("div.tray");
    if (this.files.length) this.run("tray");
    return h("form.write", { onsubmit: (event) => this.submitted(event) }, this.attacher, this.chooser, h("div.field", {}, this.tray, this.label, this.input, this.count), this.sender);
  }

  /** At once, as a chooser opens only just after a press. */
  choose() {
    this.chooser.accept = this.store.get("config")?.files?.kinds.map((kind) => "." + kind) || "";
    this.run("tellLimit");
    this.chooser.click();
  }

  /** Connects for an open chat, a known visitor, unsent words. What runs stays so. */
  wake() {
    if (!this.isOpen && !this.store.get("token") && !this.outbox.items().length) return;
    if (!this.fresh) this.api.openSession().catch(() => {});
    this.feed.start();
    this.outbox.flush();
  }

  visibilityChanged() {
    clearTimeout(this.hiddenTimer);
    if (document.hidden) this.hiddenTimer = setTimeout(() => this.feed.stop(), HIDDEN_TAB_MS);
    else this.wake();
    this.markRead();
  }

  open(draft) {
    if (!this.isOpen) this.opener = document.activeElement;
    if (draft) this.input.value = draft;
    this.store.set("open", true);
    this.show();
    this.wake();
    this.input.focus();
    this.inputChanged();
  }

  close() {
    this.store.set("open", false);
    this.panel.close();
    this.launcher.hidden = false;
    this.launcher.focus();
    if (this.opener !== document.body) this.opener?.focus();
    this.showUnread();
  }

  /** Who is logged in on the page: a signed identity, or a function that gets a fresh one. "": nobody. */
  async identify(given) {
    this.given = given;
    await this.api.opening?.catch(() => {});
    this.fresh = false;
    this.wake();
  }

  /** The identity to exchange now, if any. */
  identity() {
    const { given = this.dataset.identity } = this;
    return given === undefined ? given : this.run("identity", given);
  }

  greet(...said) {
    return this.run("greet", ...said);
  }

  /** Ends the session. */
  async logout() {
    this.given = "";
    if (this.isOpen) this.close();
    return this.run("logout");
  }

  /** Beside the page on a large screen; on a phone in place of it, and modal. */
  show() {
    this.panel.close();
    this.launcher.hidden = true;
    this.panel.ariaModal = PHONE.matches;
    if (PHONE.matches) this.panel.showModal();
    else this.panel.setAttribute("open", "");
    if (PHONE.matches) this.run("fit").catch(() => {});
    this.toEnd();
    this.markRead();
  }

  keyPressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") this.cancelled(event);
    if (event.key === "Enter" && !event.shiftKey && event.target === this.input) this.submitted(event);
  }

  cancelled(event) {
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }

  languageChanged() {
    this.relabel();
    if (this.files.length) this.run("tray").catch(() => {});
    this.fresh = false;
    this.wake();
  }

  relabel() {
    const config = this.store.get("config");
    const { title, disclosure, greeting, asks } = config?.language === this.language ? config : {};
    this.panel.lang = this.launcher.lang = this.language;
    this.heading.textContent = this.dataset.title || title || this.word("title");
    this.disclosure.textContent = disclosure || "";
    this.greeting.hidden = !greeting;
    this.greeting.replaceChildren(h("div.bubble", {}, ...this.linked(greeting || "")));
    if (asks || this.asked) this.run("ask", asks).catch(() => {});
    this.closer.ariaLabel = this.word("close");
    this.sender.ariaLabel = this.word("send");
    this.attacher.ariaLabel = this.attacher.title = this.word("attach");
    this.label.textContent = this.input.placeholder = this.word("write");
    this.latest.textContent = this.word("latest");
    this.stateChanged(this.state);
    this.inputChanged();
    this.renderLog();
  }

  /** Another visitor's messages count anew and stand below. */
  sessionOpened(config, another) {
    this.fresh = config.language === this.language;
    this.store.set("config", config);
    if (another) {
      if (another === "member") this.messages.clear();
      this.epoch += 1;
      this.readSent = 0;
      this.store.set("read", 0);
      this.feed.cursor = 0;
      this.feed.drop();
    }
    this.relabel();
    if (!this.fresh) setTimeout(() => this.wake());
  }

  stateChanged(state) {
    const waited = this.state?.handler === "queue";
    this.state = state || {};
    if (this.log && waited !== (this.state.handler === "queue")) this.renderLog();
    const { handler = "bot", agent_name: name, status } = this.state;
    const key = status === "resolved" ? "closed" : { queue: "byQueue", agent: "byAgent" }[handler] || "byBot";
    this.handler.textContent = this.word(key, name || this.word("agent"));
    this.handler.className = handler;
  }

  connectionChanged(on) {
    clearTimeout(this.offlineTimer);
    if (!on) return (this.offlineTimer = setTimeout(() => this.say(this.word("offline")), 2000));
    this.say("");
    this.wake();
    return this.run("connected").catch(() => {});
  }

  say(text) {
    const end = this.atEnd();
    this.note.textContent = text;
    if (end) this.toEnd();
  }

  typingChanged({ author, name, on }) {
    const end = this.atEnd();
    clearTimeout(this.typingTimer);
    this.typing.textContent = on ? this.word("typing", name || this.word(author)) : "";
    if (on) this.typingTimer = setTimeout(() => this.typingChanged({}), TYPING_SHOWN_MS);
    if (end) this.toEnd();
  }

  received(message) {
    if (message.author !== "customer") this.typingChanged({});
    this.keep(message);
    this.renderLog();
  }

  keep(message) {
    this.store.remove(`out:${message.client_id}`);
    const key = message.client_id || message.id;
    this.messages.set(key, { key, message, epoch: this.messages.get(key)?.epoch ?? this.epoch, order: message.seq });
  }

  entries() {
    const pending = this.outbox.items().filter((item) => !this.messages.has(item.client_id)).map((item) => ({
      key: item.client_id, message: { author: "customer", text: item.text, files: item.files, at: item.order }, item, epoch: Infinity, order: item.order,
    }));
    return [...this.messages.values(), ...pending].sort((a, b) => (a.epoch === b.epoch ? a.order - b.order : a.epoch - b.epoch));
  }

  renderLog() {
    const end = this.atEnd();
    const { size } = this.rows;
    const entries = this.entries();
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, row] of this.rows) if (!keys.has(key) && this.rows.delete(key)) row.remove();
    const rating = entries.filter(({ message }) => message.rating_id).pop();
    const callback = this.state?.handler === "queue" && entries.filter(({ message }) => message.callback).pop();
    let next = this.greeting.nextElementSibling;
    entries.forEach((entry, at) => {
      const row = this.rowOf(entry, { asksRating: entry === rating, asksAddress: entry === callback });
      if (row === next) next = next.nextElementSibling;
      else this.log.insertBefore(row, next);
      this.decorate(row, entry, { before: entries[at - 1], after: entries[at + 1] });
    });
    if (end) this.toEnd();
    else if (this.rows.size > size) this.latest.hidden = false;
    this.showUnread();
    this.markRead();
  }

  rowOf({ key, message }, { asksRating, asksAddress }) {
    const row = this.rows.get(key) || h("div");
    const { text, buttons = [], citations = [], files = [], author, author_name: given } = message;
    const print = JSON.stringify([this.language, asksRating, asksAddress, text, buttons, citations, files]);
    this.rows.set(key, row);
    if (row.print === print) return row;
    const name = author === "system" ? "" : (author !== "customer" && given) || this.word(author);
    Object.assign(row, { print, meta: h("small.meta"), state: "", day: h("small.day"), who: h("div.who", { "aria-hidden": true }, name) });
    row.quick = h("div.quick", { role: "group", "aria-label": this.word("replies") }, ...buttons.map((button) => this.quickReply(button)));
    const shown = files.length ? [this.place("shown", files, author)] : [];
    const bubble = h("div.bubble", {}, h("span.sr", {}, name && `${name}: `), ...this.linked(text || ""));
    const forms = [asksRating && this.place("rating", message.rating_id), asksAddress && this.place("callback", message.id), message.prove && this.place("offer")].filter(Boolean);
    bubble.hidden = !text;
    row.replaceChildren(row.day, row.who, bubble, ...shown, ...citations.map((citation) => this.source(citation)), row.meta, ...forms, row.quick);
    return row;
  }

  /** What depends on the neighbours; only the last message has quick replies. */
  decorate(row, { message, item }, { before, after }) {
    const { author, at, buttons, delivery } = message;
    const date = (entry) => entry && new Date(entry.message.at).toDateString();
    const mark = (entry) => entry && [date(entry), entry.message.author, entry.message.author_name].join();
    const [first, tail] = [before, after].map((entry) => mark(entry) !== mark({ message }));
    const day = date(before) === date({ message }) ? "" : this.dayName(new Date(at));
    row.className = `row ${author}${first ? " first" : ""}${tail ? " tail" : ""}`;
    if (row.day.textContent !== day) row.day.textContent = day;
    row.day.hidden = !day;
    row.who.hidden = !first || !/bot|agent/.test(author);
    row.quick.hidden = after || !buttons?.length;
    const state = item?.refused !== undefined || delivery === "failed" ? "failed" : item ? "sending" : tail && "sent";
    if (row.state === state) return;
    row.state = state;
    row.meta.replaceChildren(...(state && author !== "system" ? this.meta(message, { state, item }) : []));
  }

  dayName(date) {
    const days = Math.round((new Date(date).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86_400_000);
    if (days > -2) return new Intl.RelativeTimeFormat(this.language, { numeric: "auto" }).format(days, "day");
    return date.toLocaleDateString(this.language, { weekday: "long", day: "numeric", month: "long" });
  }

  meta({ author, at }, { state, item }) {
    const time = h("time", {}, new Date(at).toLocaleTimeString(this.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
    if (author !== "customer") return [time];
    const failed = state === "failed";
    return [time, " · ", h(failed ? "span.bad" : "span", {}, this.word(state)), failed && item ? this.place("failed", item) : ""];
  }

  /** The second file; after a failure under another address, as browsers remember failures. */
  more() {
    const address = new URL("more.js", ownScript?.src || `${this.api.server}/widget/`);
    address.search = this.failedLoads || "";
    return (this.loading ??= import(address).then(
      ({ More }) => new More(this, { h, icon, clean, newId, WORDS, MESSAGE_LIMIT }),
      (error) => {
        this.loading = null;
        this.failedLoads = (this.failedLoads || 0) + 1;
        throw error;
      },
    ));
  }

  /** Calls a method of more.js. */
  run(name, ...args) {
    return this.more().then((more) => more[name](...args));
  }

  /** Where a part of more.js will stand. */
  place(part, ...values) {
    const spot = h("div");
    const put = async () => {
      const more = await this.more().catch(() => setTimeout(() => spot.isConnected && put(), 3000) && null);
      const end = this.atEnd();
      if (more) spot.replaceWith(more[part](...values));
      if (end) this.toEnd();
    };
    put();
    return spot;
  }

  linked(text) {
    return splitLinks(text).map((part) => (part.url ? this.link(part.text, part.url) : part.text));
  }

  link(text, href) {
    return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
  }

  source({ title, url }) {
    const address = safeUrl(url, this.api.server);
    return h("div.sources", {}, this.word("source"), address ? this.link(title, address) : title);
  }

  quickReply({ title, payload }) {
    const choose = () => {
      (PHONE.matches ? this.scroller : this.input).focus();
      this.send(title, { payload });
    };
    return h("button.pill", { onclick: choose }, title);
  }

  inputChanged() {
    const { value, style, scrollHeight } = this.input;
    const length = lengthOf(value);
    const tooLong = length > MESSAGE_LIMIT;
    style.height = "auto";
    if (scrollHeight) style.height = `${this.input.scrollHeight + 3}px`;
    this.input.ariaInvalid = tooLong;
    this.sender.ariaDisabled = tooLong || !(clean(value) || this.files.length);
    this.count.className = tooLong ? "bad" : "";
    if (length < MESSAGE_LIMIT * 0.9) this.count.textContent = "";
    else this.run("counted");
    if (value !== (this.store.get("draft") || "")) this.store.set("draft", value);
    if (length) this.tellTyping();
  }

  tellTyping() {
    if (this.shadowRoot.activeElement !== this.input || !this.store.get("token") || Date.now() - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = Date.now();
    this.api.call("POST", "/v1/widget/typing", { on: true }).catch(() => {});
  }

  submitted(event) {
    event.preventDefault();
    const text = clean(this.input.value);
    this.input.focus();
    const { files } = this;
    if (!(text || files.length) || lengthOf(text) > MESSAGE_LIMIT) return;
    this.input.value = "";
    this.store.remove("files");
    this.tray.replaceChildren();
    this.inputChanged();
    this.send(text, { files });
  }

  send(text, more) {
    this.outbox.add(text, { ...more, language: this.language, page: { url: here(), title: document.title.slice(0, 300), article: this.dataset.article } });
    this.wake();
    this.toEnd();
  }

  atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 60;
  }

  toEnd() {
    this.latest.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  theirs() {
    return [...this.messages.values()].filter(({ epoch, message }) => epoch === this.epoch && message.author !== "customer");
  }

  showUnread() {
    const read = this.store.get("read") || 0;
    const count = this.isOpen ? 0 : this.theirs().filter(({ message }) => message.author !== "system" && message.seq > read).length;
    this.badge.hidden = !count;
    this.badge.textContent = count;
    this.launcher.ariaLabel = this.word("open") + (count ? `, ${this.word("unread", count)}` : "");
  }

  /** Only what is seen counts as read. */
  markRead() {
    const seq = Math.max(0, ...this.theirs().map(({ order }) => order));
    if (!this.isOpen || document.hidden || seq <= this.readSent) return;
    this.readSent = seq;
    this.store.set("read", seq);
    this.api.call("POST", "/v1/widget/read", { seq }).catch(() => (this.readSent = 0));
  }
}

customElements.define("baton-chat", BatonChat);

/** One chat on the page; it follows the attributes of the script tag. */
function install() {
  const chat = document.querySelector("baton-chat") || h("baton-chat");
  const copy = () => ATTRIBUTES.forEach((name) => ownScript?.hasAttribute(name) && chat.setAttribute(name, ownScript.getAttribute(name)));
  copy();
  if (ownScript) new MutationObserver(copy).observe(ownScript, { attributeFilter: ATTRIBUTES });
  if (!chat.isConnected) document.body.append(chat);
  window.baton = chat;
}

if (document.body) install();
else document.addEventListener("DOMContentLoaded", install);
})();
