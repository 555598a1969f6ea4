/* The help centre's own script: titles while one types, and "was this helpful" without a new page. Everything works without it. */
(() => {
"use strict";
const WAIT_MS = 120;

/** The search box as a combobox (WAI-ARIA 1.2): the list is chosen from with arrows and Enter, or with the pointer. */
function suggestTitles(form) {
  const input = form.querySelector("input");
  const list = Object.assign(document.createElement("ul"), { className: "suggestions", id: "suggestions", hidden: true });
  const told = Object.assign(document.createElement("span"), { className: "sr" });
  let timer, asking, chosen = -1;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.querySelector("label").textContent);
  told.setAttribute("role", "status");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) input.setAttribute(name, value);
  form.append(list, told);

  function show(found) {
    chosen = -1;
    list.replaceChildren(...found.map(({ title, url }, at) => {
      const item = Object.assign(document.createElement("li"), { id: `suggestion-${at}`, textContent: title });
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.addEventListener("pointerdown", (event) => event.preventDefault());
      item.addEventListener("click", () => location.assign(url));
      item.url = url;
      return item;
    }));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function choose(at) {
    const items = [...list.children];
    chosen = items.length ? (at + items.length + 1) % (items.length + 1) : -1; // one place is the box itself
    items.forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)));
    if (chosen >= 0 && chosen < items.length) {
      input.setAttribute("aria-activedescendant", items[chosen].id);
      items[chosen].scrollIntoView({ block: "nearest" });
    } else {
      chosen = -1;
      input.removeAttribute("aria-activedescendant");
    }
  }

  async function ask() {
    const typed = input.value;
    asking?.abort();
    if (!typed.trim()) return show([]);
    asking = new AbortController();
    try {
      const response = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q: typed })}`, { signal: asking.signal });
      if (!response.ok) return show([]);
      const { articles } = await response.json();
      if (input.value !== typed || document.activeElement !== input) return undefined;
      show(articles);
      told.textContent = form.dataset.found.replace("{n}", String(articles.length));
    } catch (error) {
      if (error.name !== "AbortError") show([]);
    }
    return undefined;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      event.preventDefault();
      choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? list.children.length - 1 : chosen - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].url);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show([]);
    }
  });
  input.addEventListener("blur", () => {
    clearTimeout(timer);
    show([]);
  });
}

/** Sends an answer and says thanks in place of the form. */
function askWhetherItHelped(section) {
  const vote = section.querySelector("[data-vote]");
  const comment = section.querySelector("[data-comment]");
  const thanks = section.querySelector("[data-thanks]");

  async function send(form, more) {
    const body = new URLSearchParams(new FormData(form));
    for (const [name, value] of Object.entries(more)) body.set(name, value);
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
  }

  vote.addEventListener("submit", (event) => {
    event.preventDefault();
    const helped = event.submitter?.value || "no";
    send(vote, { helped }).then(() => {
      vote.hidden = true;
      comment.hidden = false;
      comment.elements.helped.value = helped;
      thanks.textContent = thanks.dataset.voted;
      comment.elements.comment.focus();
    }, () => (thanks.textContent = section.dataset.failed));
  });
  comment.addEventListener("submit", (event) => {
    event.preventDefault();
    send(comment, {}).then(() => {
      comment.hidden = true;
      thanks.textContent = thanks.dataset.commented;
    }, () => (thanks.textContent = section.dataset.failed));
  });
}

const form = document.querySelector("form[role=search]");
const section = document.getElementById("helpful");
if (form) suggestTitles(form);
if (section) askWhetherItHelped(section);
})();
