// The panel beside a Chatwoot conversation: what Chatwoot says of it, asked of Baton with the agent's own token.
(() => {
  "use strict";
  const { origin, account } = document.body.dataset;
  const KEY = "baton-token", EVERY = 3000;
  const at = (id) => document.getElementById(id);
  const words = globalThis.batonWords[document.documentElement.lang] || globalThis.batonWords.en;
  let conversation = null, timer = null, shown = "", path = "";
  const seen = new Set();

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
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 1500);
  }

  function pressed(text, then) {
    const button = element("button", text);
    button.type = "button";
    button.addEventListener("click", () => then(button));
    return button;
  }

  function copyable(text) {
    const item = element("li", text);
    const row = element("span", "");
    row.className = "row";
    row.append(pressed(words.copy, (button) => copy(text, button)));
    item.append(row);
    return item;
  }

  const watch = new IntersectionObserver((entries) => { // a hidden panel shows nobody anything
    const fresh = entries.filter((e) => e.isIntersecting && !seen.has(e.target.dataset.id)).map((e) => e.target.dataset.id);
    if (!fresh.length) return;
    for (const id of fresh) seen.add(id);
    record("shown", { ids: fresh });
  });

  function suggestion(one) {
    const item = one.internal ? element("li", one.text) : copyable(one.text);
    const note = one.internal ? words.internal : one.title;
    const row = item.querySelector(".row") || item.appendChild(Object.assign(element("span", ""), { className: "row" }));
    if (note) item.insertBefore(element("small", note), row);
    const [button] = row.children;
    if (button) button.addEventListener("click", () => record(one.id, { became: "taken" }));
    const away = pressed(words.dismiss, async () => { await record(one.id, { became: "dismissed" }); refresh(); });
    away.className = "quiet";
    row.append(away);
    item.dataset.id = one.id;
    watch.observe(item);
    return item;
  }

  async function record(what, body) {
    try {
      await ask(`${path}/suggestions/${encodeURIComponent(what)}`, body);
    } catch (error) {
      say(error.message);
    }
  }

  function action(one) {
    const values = Object.entries(one.arguments).map(([name, value]) => `${name.replaceAll("_", " ")}: ${value}`);
    const lacking = one.missing.length ? [`${words.missing}: ${one.missing.join(", ")}`] : [];
    const item = element("li", one.action.replaceAll("_", " "));
    item.append(element("small", [...values, ...lacking, one.refusal || ""].filter(Boolean).join(" · ")));
    return item;
  }

  function show(found) {
    const fresh = JSON.stringify(found, (name, value) => (name === "state" ? undefined : value));
    if (fresh === shown) return; // nothing new: the focus stays where it is
    shown = fresh;
    watch.disconnect();
    const { known, help } = found;
    const order = help.order ? [[words.order, `${help.order.number}, ${help.order.status}`]] : [];
    const holder = known.holder === known.handler ? words[known.holder] : known.holder;
    const lines = [[words.name, known.name], [words.email, known.email], [words.phone, known.phone], [words.language, known.language], [words.holder, holder], ...order];
    fill("known", lines.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
    fill("summary", help.summary.map((line) => element("li", line.text)));
    fill("suggestions", help.suggestions.map(suggestion));
    fill("questions", help.questions.map((one) => copyable(one.text)));
    fill("actions", help.actions.map(action));
    say(help.suggestions.length ? "" : words.none);
  }

  async function ask(where, body) {
    const headers = { Authorization: `Bearer ${token}` };
    const sent = body ? { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) } : { headers };
    const answer = await fetch(where, sent);
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    const told = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(told.message || `${words.answered} ${answer.status}`), { status: answer.status });
  }

  async function refresh() {
    clearTimeout(timer);
    at("enter").hidden = Boolean(token);
    if (!token) { say(words.ask_token); return; }
    if (conversation === null) return;
    const wanted = conversation;
    try {
      const known = await ask(`/v1/outside/chatwoot/${encodeURIComponent(account)}/${encodeURIComponent(wanted)}`);
      const there = `/v1/conversations/${known.conversation_id}`;
      const help = await ask(`${there}/assist`);
      if (wanted !== conversation) return;
      path = there;
      show({ known, help });
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

  for (const one of document.querySelectorAll("[data-word]")) one.textContent = words[one.dataset.word];
  say(words.waiting);
  if (!token) refresh();
  parent.postMessage("chatwoot-dashboard-app:fetch-info", origin);
})();
