"use strict";
const $ = (id) => document.getElementById(id);
const post = (path, data) =>
  fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) }).then((r) => r.json());
let me = null, version = -1, replyTo = null, shownTyping = null;

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
  const tap = (id) => () => post("/sim/tap", { phone: me, message: message.id, reply: id });
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

async function look() {
  if (me) {
    const chat = await fetch(`/sim/chat/${me}`).then((r) => r.json());
    if (chat.typing !== shownTyping) $("typing").textContent = (shownTyping = chat.typing) ? "typing …" : "";
    if (chat.version !== version) {
      version = chat.version;
      const list = $("chat");
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
      list.replaceChildren(...chat.messages.map((m) => bubble(m, chat.messages)).filter((n) => n));
      if (atEnd) list.scrollTop = list.scrollHeight;
      if (document.visibilityState === "visible" && chat.messages.some((m) => !m.out && ["accepted", "sent", "delivered"].includes(m.state)))
        await post("/sim/read", { phone: me });
    }
  }
  setTimeout(() => look().catch(() => setTimeout(look, 1500)), 400);
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
  look();
}

$("who").onchange = (event) => { me = event.target.value; version = -1; reply(null); };
$("unreply").onclick = () => reply(null);
$("place").onclick = sendPlace;
$("form").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  await post("/sim/say", { phone: me, text, reply_to: replyTo });
  reply(null);
};
$("file").onchange = async (event) => {
  const chosen = event.target.files[0];
  if (!chosen) return;
  const data = new FormData();
  const family = chosen.type.split("/")[0];
  data.append("phone", me); data.append("file", chosen);
  data.append("kind", ["image", "video", "audio"].includes(family) ? family : "document");
  data.append("caption", $("text").value); $("text").value = "";
  await fetch("/sim/file", { method: "POST", body: data });
  event.target.value = "";
};
$("new").onsubmit = async (event) => {
  event.preventDefault();
  const data = new FormData(event.target);
  me = data.get("phone"); version = -1;
  await post("/sim/customers", { phone: me, name: data.get("name"), hidden: data.has("hidden") });
  event.target.reset();
  await people();
};
$("behaves").onsubmit = async (event) => {
  event.preventDefault();
  const data = new FormData(event.target), share = (name) => Number(data.get(name)) / 100, slow = Number(data.get("latency"));
  await post("/sim/config", { latency: [slow, slow], hook_repeat: share("hook_repeat"), hook_reorder: share("hook_reorder"),
    fail_after: share("fail_after"), window_hours: Number(data.get("window_hours")) });
};
$("fails").onsubmit = async (event) => {
  event.preventDefault();
  const data = new FormData(event.target), code = Number(data.get("code"));
  await post("/sim/fail", { count: 1, code, status: code === 190 ? 401 : 400, later: data.has("later") });
};
$("check").onclick = async () => {
  const found = await post("/sim/handshake", {});
  $("hook").textContent = found.verified ? "The webhook answers as it should." : `The webhook does not answer as it should (${found.status || found.error}).`;
};
begin();
