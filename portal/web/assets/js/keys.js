// Keys: whatever carries data-key ("/", "e", "g h") is pressed by it; "?" lists them. Single keys can be turned off (WCAG 2.1.4).
import { isComposing, isField, make, readCookie, setCookie } from "./common.js";
import { t } from "./words.js";

const PAUSE = 1500;
let typed = "";
let timer;

const areOn = () => readCookie("portal_keys") !== "off";

export function startKeys() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => event.target.closest?.("[data-show-keys]") && showKeys());
  for (const target of document.querySelectorAll("[data-key]")) {
    if (areOn() && !target.dataset.key.includes(" ")) target.setAttribute("aria-keyshortcuts", target.dataset.key);
  }
}

function onKey(event) {
  if (!areOn() || isComposing(event) || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (isField(event.target) || document.querySelector("dialog[open]") || event.key.length > 1) return;
  clearTimeout(timer);
  timer = setTimeout(() => (typed = ""), PAUSE);
  typed = `${typed} ${event.key.normalize("NFKC")}`.trim().slice(-3);
  if (typed.endsWith("?")) {
    event.preventDefault();
    typed = "";
    showKeys();
    return;
  }
  const target = find(typed) ?? find(event.key.normalize("NFKC"));
  if (!target) return;
  event.preventDefault();
  typed = "";
  press(target);
}

const find = (key) =>
  [...document.querySelectorAll("[data-key]")].find((target) => target.dataset.key === key && target.checkVisibility());

function press(target) {
  target.focus();
  if (isField(target)) target.select?.();
  else target.click();
}

const nameOf = (target) =>
  target.getAttribute("aria-label") || target.labels?.[0]?.textContent || target.textContent.trim() || target.placeholder;

function showKeys() {
  if (document.querySelector("dialog[open]")) return;
  const rows = [...document.querySelectorAll("[data-key]")].filter((target) => target.checkVisibility());
  const lines = [...rows.map((target) => [target.dataset.key, nameOf(target)]), ["?", t("この一覧")]];
  if (document.querySelector(".toolbar")) lines.push(["Alt F10", t("編集のボタンへ移る（Escで戻る）")]);
  if (document.querySelector("draft-saver")) lines.push(["Ctrl S", t("下書きを今すぐ保存する")]);
  const body = lines.map(([keys, name]) =>
    make("tr", {}, make("th", { scope: "row" }, ...keys.split(" ").flatMap((key) => [make("kbd", {}, key), " "])), make("td", {}, name)),
  );
  const toggle = make("input", { type: "checkbox", checked: areOn() });
  toggle.addEventListener("change", () => setCookie("portal_keys", toggle.checked ? "on" : "off"));
  const dialog = make(
    "dialog",
    { "aria-labelledby": "portal-keys" },
    make("h2", { id: "portal-keys" }, t("キー操作")),
    make("table", { class: "keys" }, make("tbody", {}, ...body)),
    make("label", { class: "choice" }, toggle, t("1文字のキー操作を使う")),
    make("form", { method: "dialog", class: "buttons" }, make("button", { class: "button", autofocus: true }, t("閉じる"))),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
