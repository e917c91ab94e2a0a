// <row-list name="attendees">: rows that can be added, removed (and brought back), moved and filled from a spreadsheet.
import { announce, make } from "./common.js";
import { t } from "./words.js";

const NUMBERED = ["name", "id", "for", "list", "aria-describedby", "aria-labelledby", "aria-controls"];
const CONTROLS = "input:not([type=hidden], [type=date][aria-hidden]), select, textarea";

export class RowList extends HTMLElement {
  connectedCallback() {
    this.rows = this.querySelector("[data-rows]");
    this.template = this.querySelector("template");
    if (!this.rows || !this.template || this.message) return;
    for (const row of this.all) if (row.hasAttribute("data-spare")) row.remove();
    // As plain buttons they can never be what Enter in a field presses.
    this.disarm(this);
    this.message = make("p", { class: "help", role: "status" });
    this.append(this.message);
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("paste", (event) => this.onPaste(event));
  }

  disarm(part) {
    for (const button of part.querySelectorAll("[data-act]")) button.type = "button";
  }

  get all() {
    return [...this.rows.querySelectorAll(":scope > [data-row]")];
  }

  get limit() {
    return Number(this.dataset.max) || Infinity;
  }

  onClick(event) {
    const button = event.target.closest("[data-act]");
    if (!button || button.closest("row-list") !== this) return;
    event.preventDefault();
    const row = button.closest("[data-row]");
    const act = button.dataset.act;
    if (act === "add") this.add();
    else if (act === "remove") this.remove(row);
    else this.move(row, act, button);
  }

  /** Append an empty row and go there. */
  add() {
    const row = this.append_();
    if (!row) return;
    this.changed(t("{number}行目を追加しました。", { number: this.all.length }));
    row.querySelector(CONTROLS)?.focus();
  }

  append_() {
    if (this.all.length >= this.limit) {
      this.say(t("行は{limit}行までです。", { limit: this.limit }));
      return null;
    }
    const row = document.importNode(this.template.content, true).querySelector("[data-row]");
    this.disarm(row);
    this.rows.append(row);
    this.renumber(this.all.length - 1); // only the new one, or 300 pasted rows would be felt
    return row;
  }

  /** Make sure that at least `count` rows exist (for putting a kept copy back). */
  ensure(count) {
    while (this.all.length < count && this.append_());
  }

  remove(row) {
    const index = this.all.indexOf(row);
    row.remove();
    this.renumber();
    this.changed(t("{number}行目を削除しました。", { number: index + 1 }));
    const undo = make("button", { type: "button", class: "button link" }, t("削除を取り消す"));
    undo.addEventListener("click", () => this.bringBack(row, index));
    this.message.append(" ", undo);
    (this.all[index] ?? this.all.at(-1))?.querySelector(CONTROLS)?.focus() ?? this.querySelector("[data-act=add]")?.focus();
  }

  bringBack(row, index) {
    this.rows.insertBefore(row, this.all[index] ?? null);
    this.renumber();
    this.changed(t("{number}行目を元に戻しました。", { number: index + 1 }));
    row.querySelector(CONTROLS)?.focus();
  }

  move(row, act, button) {
    const other = act === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!other?.matches("[data-row]")) return;
    if (act === "up") other.before(row);
    else other.after(row);
    this.renumber();
    this.changed(t("{number}行目に移しました。", { number: this.all.indexOf(row) + 1 }));
    button.focus();
  }

  renumber(first = 0) {
    const stem = this.getAttribute("name").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    // Ids may have something before the name (f-attendees-0-name).
    const pattern = new RegExp(`(^|[\\s-])${stem}-(?:\\d+|__)(?=-|\\s|$)`, "g");
    this.all.slice(first).forEach((row, offset) => {
      const index = first + offset;
      const renamed = `$1${this.getAttribute("name")}-${index}`;
      for (const element of [row, ...row.querySelectorAll("*")]) {
        for (const name of element.tagName === "BUTTON" ? [...NUMBERED, "value"] : NUMBERED) {
          const old = element.getAttribute(name);
          if (old) element.setAttribute(name, old.replace(pattern, renamed));
        }
      }
    });
  }

  changed(message) {
    this.say(message);
    this.rows.dispatchEvent(new Event("input", { bubbles: true }));
  }

  say(message) {
    this.message.textContent = message;
  }

  /** Cells copied from a spreadsheet fill the rows from here on; one plain cell is an ordinary paste. */
  onPaste(event) {
    const start = event.target.closest?.(CONTROLS);
    const row = start?.closest("[data-row]");
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!row || !start.matches("input, textarea") || !/\t/.test(text.trimEnd())) {
      if (!row || !start.matches("input") || !/\n./.test(text)) return;
    }
    event.preventDefault();
    this.fill(this.all.indexOf(row), [...row.querySelectorAll(CONTROLS)].indexOf(start), readCells(text));
  }

  fill(first, column, lines) {
    const room = Math.min(lines.length, this.limit - first);
    this.ensure(first + room);
    lines.slice(0, room).forEach((cells, index) => {
      const controls = [...this.all[first + index].querySelectorAll(CONTROLS)];
      cells.forEach((cell, offset) => controls[column + offset] && put(controls[column + offset], cell.trim()));
    });
    this.changed(t("{count}行を貼り付けました。", { count: room }));
    if (room < lines.length) announce(t("行は{limit}行までです。", { limit: this.limit }));
  }
}

function put(control, text) {
  if (control.type === "checkbox") control.checked = !/^(?:|0|×|無|なし|-)$/.test(text);
  else if (control.tagName === "SELECT") {
    const option = [...control.options].find((one) => one.text.trim() === text || one.value === text);
    if (option) control.value = option.value;
  } else control.value = text;
}

/** Split what a spreadsheet puts on the clipboard; cells with line breaks or tabs come quoted. */
export function readCells(text) {
  const lines = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r?\n|$)/gy;
  for (let match; (match = cell.exec(text)); ) {
    lines.at(-1).push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] === "" || cell.lastIndex >= text.length) break;
    if (match[3] !== "\t") lines.push([]);
  }
  return lines;
}
