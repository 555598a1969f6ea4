import { fill } from "baton-console/format.js";

export const MOST_BYTES = 25_000_000;

// Sends a file up; resolves to what the server keeps, or throws with what to tell the person.
export async function sendUp(file, t) {
  if (file.size > MOST_BYTES) throw new Error(fill(t.attach_too_large, { name: file.name, size: Math.ceil(file.size / 1e6), most: MOST_BYTES / 1e6 }));
  const answer = await fetch("/console/files", { method: "POST", body: file, headers: { "X-File-Name": encodeURIComponent(file.name) } }).catch(() => null);
  if (!answer) throw new Error(t.attach_not_sent);
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 401) window.dispatchEvent(new Event("baton-expired"));
  if (!answer.ok) throw new Error([told.message, told.hint].filter(Boolean).join(". ") || t.attach_not_sent);
  return told;
}

export const size = (bytes) => (bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
