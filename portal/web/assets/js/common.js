// Small things several elements share. No state.

/** The content of a <meta>, or "". */
export const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

/** True while an input method is composing: keys and input then belong to it (229 is what some browsers send instead). */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

/** True where typed letters belong to a field. */
export const isField = (element) =>
  element.isContentEditable || !!element.closest?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select");

/** Build an element from attributes (true = empty attribute, false/null = none) and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export const readCookie = (name) =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

/** Remember a harmless preference for a year; the server reads it too. */
export function setCookie(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
}

/** Tell screen readers something once, politely. */
export function announce(text) {
  let region = document.getElementById("portal-announce");
  if (!region) {
    region = make("div", { id: "portal-announce", class: "seen-by-reader", role: "status" });
    document.body.append(region);
  }
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50);
}

/** Fold width, kana and case, for comparing what people type with what is listed. */
export const fold = (text) =>
  text.normalize("NFKC").toLowerCase().replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60)).trim();

let count = 0;
/** An id nothing else on the page has. */
export const newId = (stem) => `${stem}-auto-${++count}`;

/** Headers every writing request carries. */
export const writeHeaders = (more = {}) => ({ "X-CSRFToken": meta("csrf-token"), Accept: "application/json", ...more });

/** Read a JSON answer, or {} when it is none. */
export async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}
