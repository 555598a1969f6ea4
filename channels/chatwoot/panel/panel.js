// The panel beside a Chatwoot conversation: what Chatwoot says of it, asked of Baton with the agent's own token.
(() => {
  "use strict";
  const { origin, account } = document.body.dataset;
  const KEY = "baton-token", EVERY = 3000;
  const at = (id) => document.getElementById(id);
  let conversation = null, timer = null, shown = "";

  const readToken = () => { try { return localStorage.getItem(KEY) || ""; } catch { return ""; } };
  const keepToken = (token) => { try { token ? localStorage.setItem(KEY, token) : localStorage.removeItem(KEY); } catch { /* only for now */ } };
  let token = readToken();

  const say = (text) => { at("state").textContent = text; };

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function fill(id, items) {
    const section = at(id);
    section.hidden = items.length === 0;
    section.querySelector("ul, ol, dl").replaceChildren(...items);
  }

  async function copy(text, button) {
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch { // an iframe without the permission: the old way
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = before; }, 1500);
  }

  function copyable(text, note, internal) {
    const item = element("li", text);
    if (note) item.append(element("small", note));
    if (!internal) {
      const button = element("button", "Copy");
      button.type = "button";
      button.addEventListener("click", () => copy(text, button));
      item.append(document.createElement("br"), button);
    }
    return item;
  }

  function action(one) {
    const values = Object.entries(one.arguments).map(([name, value]) => `${name.replaceAll("_", " ")}: ${value}`);
    const lacking = one.missing.length ? [`missing: ${one.missing.join(", ")}`] : [];
    const item = element("li", one.action.replaceAll("_", " "));
    item.append(element("small", [...values, ...lacking, one.refusal || ""].filter(Boolean).join(" · ")));
    return item;
  }

  function show(found) {
    const fresh = JSON.stringify(found);
    if (fresh === shown) return; // nothing new: the focus stays where it is
    shown = fresh;
    const { known, help } = found;
    const order = help.order ? [["Order", `${help.order.number}, ${help.order.status}`]] : [];
    const lines = [["Name", known.name], ["E-mail", known.email], ["Phone", known.phone], ["Language", known.language], ["Held by", known.holder], ...order];
    fill("known", lines.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
    fill("summary", help.summary.map((line) => element("li", line.text)));
    fill("suggestions", help.suggestions.map((one) => copyable(one.text, one.internal ? "For colleagues only" : one.title, one.internal)));
    fill("questions", help.questions.map((one) => copyable(one.text)));
    fill("actions", help.actions.map(action));
    say(help.suggestions.length ? "" : "No suggestion for the last message.");
  }

  async function ask(path) {
    const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
    if (answer.ok) return answer.json();
    const told = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(told.message || `Baton answered ${answer.status}`), { status: answer.status });
  }

  async function refresh() {
    clearTimeout(timer);
    at("enter").hidden = Boolean(token);
    if (!token) { say("Enter your Baton token once."); return; }
    if (conversation === null) return;
    const wanted = conversation;
    try {
      const known = await ask(`/v1/outside/chatwoot/${encodeURIComponent(account)}/${encodeURIComponent(wanted)}`);
      const help = await ask(`/v1/conversations/${known.conversation_id}/assist`);
      if (wanted === conversation) show({ known, help });
    } catch (error) {
      if (error.status === 401) { token = ""; keepToken(""); at("enter").hidden = false; }
      shown = "";
      for (const id of ["known", "summary", "suggestions", "questions", "actions"]) fill(id, []);
      say(error.message);
    }
    if (token) timer = setTimeout(refresh, EVERY);
  }

  addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== parent || typeof event.data !== "string") return;
    let told;
    try { told = JSON.parse(event.data); } catch { return; }
    const number = told && told.event === "appContext" && told.data && told.data.conversation && Number(told.data.conversation.id);
    if (!Number.isSafeInteger(number) || number <= 0) return;
    conversation = String(number);
    refresh();
  });

  at("enter").addEventListener("submit", (event) => {
    event.preventDefault();
    token = at("token").value.trim();
    at("token").value = "";
    keepToken(token);
    refresh();
  });

  if (!token) refresh();
  parent.postMessage("chatwoot-dashboard-app:fetch-info", origin);
})();
