// Drafts live in the browser, so that neither a reload, a lost connection nor an ended session takes them away.
const PREFIX = "baton.draft.";

export const key = (staff, of) => `${PREFIX}${staff}.${of}`;

export function load(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

export function save(name, draft) {
  try {
    if (draft) localStorage.setItem(name, JSON.stringify(draft));
    else localStorage.removeItem(name);
  } catch {
    // Storage may be full or forbidden: writing goes on, only the copy is missing.
  }
}

export const all = (staff) => Object.keys(localStorage).filter((name) => name.startsWith(`${PREFIX}${staff}.`));

export const forget = (staff) => all(staff).forEach((name) => localStorage.removeItem(name));
