/** The demo shop page: one language at a time, and questions handed to the chat. */
import { WORDS } from "./words.js";

const KEY = "lantern-court-language";
const NAMES = { "zh-Hant": "燈籠里", "zh-Hans": "灯笼里", pt: "Pátio das Lanternas", en: "Lantern Court" };

/** English stands in the page itself; it is the fallback for every text. */
const english = new Map();
for (const node of document.querySelectorAll("[data-t]")) english.set(node.dataset.t, node.textContent);
for (const node of document.querySelectorAll("[data-label]")) english.set(node.dataset.label, node.getAttribute("aria-label"));

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(language) {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // The browser keeps nothing; the address still says the language.
  }
}

/** Language of a browser tag such as zh-MO, or undefined when the page does not speak it. */
function spoken(tag) {
  const lower = String(tag).toLowerCase();
  if (/^(zh-(hant|tw|hk|mo)|yue)/.test(lower)) return "zh-Hant";
  if (lower.startsWith("zh")) return "zh-Hans";
  return ["en", "pt"].find((language) => lower.startsWith(language));
}

function firstLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  return [asked, remembered(), ...navigator.languages].map((tag) => tag && spoken(tag)).find(Boolean) || "en";
}

const text = (language, key) => WORDS[language]?.[key] ?? WORDS.en[key] ?? english.get(key);

function show(language) {
  document.documentElement.lang = language;
  document.title = NAMES[language];
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = text(language, node.dataset.t);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", text(language, node.dataset.label));
  for (const link of document.querySelectorAll("[data-help]")) link.href = `/help/${language}/${link.dataset.help}`;
  for (const link of document.querySelectorAll(".languages a")) {
    if (link.lang === language) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const button of document.querySelectorAll(".card button")) {
    button.setAttribute("aria-label", `${button.textContent}: ${button.parentElement.querySelector("h3").textContent}`);
  }
}

document.querySelector(".languages").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  remember(link.lang);
  history.replaceState(null, "", `?lang=${link.lang}${location.hash}`);
  show(link.lang);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-ask]");
  if (button) document.querySelector("baton-chat")?.open(text(document.documentElement.lang, button.dataset.ask));
});

show(firstLanguage());
