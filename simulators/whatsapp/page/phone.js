"use strict";
const $ = (id) => document.getElementById(id);
let me = null, version = -1, replyTo = null, shownTyping = null;
const shown = new Map(); // id of a message -> what it looked like, and its node

function tell(words) {
  if ($("trouble").textContent !== words) $("trouble").textContent = words;
}

async function send(path, options) {
  const response = await fetch(path, options).catch(() => null);
  const found = response && (await response.json().catch(() => null));
  if (!response || !response.ok) tell((found && found.error) || (response ? `The simulator answered ${response.status}.` : "The simulator does not answer."));
  return found || {};
}

const post = (path, data) => send(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) });

const made = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
};

function ticks(message) {
  const signs = { accepted: "✓", sent: "✓", delivered: "✓✓", read: "✓✓", played: "✓✓", failed: "!" };
  return made("span", { textContent: " " + (signs[message.state] || ""), className: message.state === "read" ? "blue" : "", title: message.state });
}

function textOf(message) {
  const of = message[message.type] || {};
  if (message.type === "text") return of.body;
  if (message.type === "interactive") return of.body ? of.body.text : ((of.button_reply || of.list_reply || {}).title || "");
  if (message.type === "button") return of.text;
  if (message.type === "template") return `Template ${of.name}\n` +
    (of.components || []).flatMap((c) => (c.parameters || []).map((p) => p.text || p.payload || "")).join(", ");
  if (message.type === "location") return `📍 ${of.name || ""} ${of.latitude}, ${of.longitude}`;
  if (message.type === "reaction") return null;
  return of.caption || "";
}

function choices(message) {
  const interactive = message.interactive || {};
  const action = interactive.action || {};
  const box = made("div", { className: "choices" });
  const tap = (id) => () => post("/sim/tap", { phone: me, message: message.id, reply: id }).then(look).catch(() => {});
  for (const { reply } of action.buttons || []) box.append(made("button", { type: "button", textContent: reply.title, onclick: tap(reply.id) }));
  for (const section of action.sections || [])
    for (const row of section.rows)
      box.append(made("button", { type: "button", onclick: tap(row.id) }, row.title, row.description ? made("span", { textContent: row.description }) : null));
  if (interactive.type === "cta_url") {
    const url = action.parameters.url;
    box.append(made("a", { href: /^https?:/.test(url) ? url : "#", target: "_blank", rel: "noopener", textContent: action.parameters.display_text }));
  }
  if (interactive.type === "location_request_message") box.append(made("button", { type: "button", textContent: "Send location", onclick: sendPlace }));
  for (const component of (message.template || {}).components || [])
    for (const parameter of component.parameters || [])
      if (component.type === "button" && parameter.payload)
        box.append(made("button", { type: "button", textContent: parameter.payload, onclick: tap(parameter.payload) }));
  return box.childElementCount ? box : null;
}

function file(message) {
  const of = message[message.type] || {};
  if (!["image", "sticker", "video", "audio", "document"].includes(message.type) || !of.id) return null;
  const source = `/sim/file/${of.id}`;
  if (message.type === "image" || message.type === "sticker") return made("img", { src: source, alt: of.caption || message.type });
  if (message.type === "audio") return made("audio", { src: source, controls: true });
  return made("a", { href: source, textContent: `📄 ${of.filename || message.type}`, target: "_blank", rel: "noopener" });
}

function tools(message) {
  const box = made("div", { className: "tools" });
  box.append(made("button", { type: "button", title: "Reply", textContent: "↩", onclick: () => reply(message) }));
  if (!message.out)
    for (const emoji of ["👍", "❤️"])
      box.append(made("button", { type: "button", title: `React ${emoji}`, textContent: emoji,
        onclick: () => post("/sim/react", { phone: me, message: message.id, emoji: message.reaction === emoji ? "" : emoji }) }));
  else if (message.type === "text")
    box.append(made("button", { type: "button", title: "Delete", textContent: "🗑", onclick: () => post("/sim/delete", { message: message.id }) }));
  return box;
}

function bubble(message, all) {
  const text = textOf(message);
  if (text === null || ["revoke", "edit"].includes(message.type)) return null;
  const quoted = message.context && all.find((m) => m.id === message.context.id);
  const node = made("li", { className: [message.out ? "mine" : "", message.deleted ? "gone" : "", message.state === "failed" ? "failed" : ""].join(" ") });
  node.dataset.id = message.id;
  node.append(...[
    tools(message),
    quoted ? made("span", { className: "quote", textContent: (textOf(quoted) || quoted.type).slice(0, 80) }) : null,
    message.deleted ? "You deleted this message" : file(message),
    message.deleted ? null : made("span", { textContent: text || "" }),
    choices(message),
    message.reaction ? made("span", { className: "smile", textContent: message.reaction }) : null,
    made("small", {}, new Date(message.at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }), message.out ? ticks(message) : null),
  ].filter((c) => c !== null));
  return node;
}

function reply(message) {
  replyTo = message ? message.id : null;
  $("replying").hidden = !message;
  $("replying").firstElementChild.textContent = message ? (textOf(message) || message.type).slice(0, 80) : "";
  $("text").focus();
}

// Only what changed is drawn anew: what has the focus keeps it, what plays goes on, and a screen reader hears what is new.
function draw(messages) {
  const list = $("chat"), atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  let before = null;
  for (const message of messages) {
    const quoted = message.context && messages.find((m) => m.id === message.context.id);
    const visible = { ...message, state: message.out && message.state, acked: null, acked_at: null };
    const print = JSON.stringify([visible, quoted]), known = shown.get(message.id);
    let node = known?.node;
    if (!known || known.print !== print) {
      node = bubble(message, messages);
      if (known?.node && node) known.node.replaceWith(node);
      shown.set(message.id, { print, node });
    }
    if (!node) continue;
    if (!node.isConnected) before ? before.after(node) : list.prepend(node);
    before = node;
  }
  if (atEnd) list.scrollTop = list.scrollHeight;
}

async function look() {
  if (me) {
    const chat = await fetch(`/sim/chat/${encodeURIComponent(me)}`).then((r) => r.json());
    if (chat.typing !== shownTyping) $("typing").textContent = (shownTyping = chat.typing) ? "typing …" : "";
    if (chat.silent) tell("Nobody takes the webhooks. Is Baton running? They are sent again.");
    else if ($("trouble").textContent.startsWith("Nobody takes")) tell("");
    if (chat.version !== version) {
      version = chat.version;
      draw(chat.messages);
      if (document.visibilityState === "visible" && chat.messages.some((m) => !m.out && ["accepted", "sent", "delivered"].includes(m.state)))
        await post("/sim/read", { phone: me });
    }
  }
}

async function watch() {
  await look().catch(() => tell("The simulator does not answer."));
  setTimeout(watch, 400);
}

function be(phone) {
  me = phone;
  version = -1;
  shown.clear();
  $("chat").replaceChildren();
  tell("");
  reply(null);
}

const sendPlace = () => post("/sim/say", { phone: me, message: { type: "location", location: { latitude: 22.2819, longitude: 114.1582, name: "Central" } } });

async function people() {
  const known = await fetch("/sim/customers").then((r) => r.json());
  $("who").replaceChildren(...known.map((c) => made("option", { value: c.phone, textContent: c.name, selected: c.phone === me })));
  if (!me && known.length) me = known[0].phone;
}

async function begin() {
  const config = await fetch("/sim/config").then((r) => r.json());
  $("business").textContent = "+" + config.display_phone;
  $("hook").textContent = config.hook_url ? `Webhooks go to ${config.hook_url}` : "No webhook address is set.";
  await people();
  if (!me) { await post("/sim/customers", { phone: "85291234567", name: "Ada Example" }); await people(); }
  watch();
}

$("who").onchange = (event) => be(event.target.value);
$("unreply").onclick = () => reply(null);
$("place").onclick = sendPlace;
$("form").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  const answered = replyTo;
  $("text").value = "";
  tell("");
  reply(null);
  await post("/sim/say", { phone: me, text, reply_to: answered });
  await look().catch(() => {});
};
$("file").onchange = async (event) => {
  const chosen = event.target.files[0];
  if (!chosen) return;
  const data = new FormData();
  const family = chosen.type.split("/")[0];
  data.append("phone", me); data.append("file", chosen);
  data.append("kind", ["image", "video", "audio"].includes(family) ? family : "document");
  data.append("caption", $("text").value); $("text").value = "";
  await send("/sim/file", { method: "POST", body: data });
  event.target.value = "";
};
$("new").onsubmit = async (event) => {
  event.preventDefault();
  const data = new FormData(event.target);
  const phone = data.get("phone");
  await post("/sim/customers", { phone, name: data.get("name"), hidden: data.has("hidden") });
  event.target.reset();
  be(phone);
  await people();
};
$("behaves").onsubmit = async (event) => {
  event.preventDefault();
  const data = new FormData(event.target), share = (name) => Number(data.get(name)) / 100, slow = Number(data.get("latency"));
  await post("/sim/config", { latency: [slow, slow], hook_repeat: share("hook_repeat"), hook_reorder: share("hook_reorder"),
    fail_after: share("fail_after"), window_hours: Number(data.get("window_hours")) });
  $("done").textContent = "Set.";
};
$("fails").onsubmit = async (event) => {
  event.preventDefault();
  const data = new FormData(event.target), code = Number(data.get("code"));
  await post("/sim/fail", { count: 1, code, status: code === 190 ? 401 : 400, later: data.has("later") });
  $("done").textContent = `The next send fails with ${code}.`;
};
$("check").onclick = async () => {
  const found = await post("/sim/handshake", {});
  $("hook").textContent = found.verified ? "The webhook answers as it should." : `The webhook does not answer as it should (${found.status || found.error}).`;
};
begin();
