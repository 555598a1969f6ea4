// How times, money and names are written. Everything here returns plain text.
const { reactive } = Vue;

// The language of the interface: the frame writes it into the page.
const locale = () => document.documentElement.lang || [];

export const ticker = reactive({ now: Date.now() });
setInterval(() => (ticker.now = Date.now()), 1000);

export const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

export const time = (ms) => new Date(ms).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
export const date = (ms) => new Date(ms).toLocaleDateString(locale(), { day: "numeric", month: "short", year: "numeric" });
export const whole = (ms) => new Date(ms).toLocaleString(locale());
export const dayKey = (ms) => new Date(ms).toDateString();

export function day(ms, t) {
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  if (dayKey(ms) === dayKey(Date.now())) return t.today;
  if (dayKey(ms) === yesterday.toDateString()) return t.yesterday;
  return new Date(ms).toLocaleDateString(locale(), { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

// 0:07, 12:40, 3 h 05, 2 d: short enough for a line of the inbox, and visibly ticking while it matters.
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  if (hours >= 1) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}

export function ago(ms, now, t) {
  const minutes = Math.floor((now - ms) / 60000);
  if (minutes < 1) return t.just_now;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  return new Date(ms).toLocaleDateString(locale(), { day: "numeric", month: "short" });
}

export function money(cents, currency) {
  try {
    return new Intl.NumberFormat(locale(), { style: "currency", currency }).format(cents / 100);
  } catch {
    return `${(cents / 100).toFixed(2)} ${currency}`;
  }
}

const CHANNELS = { web: "Web", whatsapp: "WhatsApp", email: "E-mail" };
export const channel = (name) => CHANNELS[name] ?? words(name);
export const words = (name) => {
  const text = (name ?? "").replaceAll("_", " ");
  return text.slice(0, 1).toUpperCase() + text.slice(1);
};

const names = {};
export function language(code) {
  if (!code) return "";
  const shown = document.documentElement.lang || "en";
  try {
    return (names[shown] ??= new Intl.DisplayNames([shown], { type: "language" })).of(code);
  } catch {
    return code;
  }
}
export const reason = (name, t) => t[`reason_${name}`] ?? words(name);
