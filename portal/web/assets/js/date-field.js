// <date-field>: one text input that takes every spelling; the echo shows how it was read, the button opens the browser's calendar.
import { make, newId } from "./common.js";
import { parseDay, writeDay } from "./dates.js";
import { t } from "./words.js";

export class DateField extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    if (!this.input || this.output) return;
    this.input.id ||= newId("day");
    this.output = make("output", { for: this.input.id });
    const row = make("div", { class: "date-row" });
    this.input.replaceWith(row);
    row.append(this.input);
    if ("showPicker" in HTMLInputElement.prototype) row.append(this.calendar());
    row.append(this.output);
    this.input.addEventListener("input", (event) => event.isComposing || this.soon());
    this.input.addEventListener("compositionend", () => this.soon());
    this.input.addEventListener("change", () => this.echo());
    this.echo();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.echo(), 400);
  }

  /** Show how the text was read. A field the server has already marked keeps the server's words only. */
  echo() {
    clearTimeout(this.timer);
    const typed = this.input.value.trim();
    const { iso, problem } = typed ? parseDay(typed) : {};
    const isMarked = this.input.getAttribute("aria-invalid") === "true" && this.input.value === this.input.defaultValue;
    const shown = iso ? writeDay(iso) : isMarked ? "" : (problem ?? "");
    if (this.output.textContent !== shown) this.output.textContent = shown;
    this.output.classList.toggle("unclear", !iso);
  }

  calendar() {
    const picker = make("input", { type: "date", tabindex: "-1", "aria-hidden": "true" });
    const button = make("button", { type: "button", class: "button slim" }, t("カレンダー"));
    button.addEventListener("click", () => {
      picker.value = parseDay(this.input.value).iso ?? "";
      picker.showPicker();
    });
    // The picker's own events stay inside: only the text field is part of the form.
    picker.addEventListener("input", (event) => event.stopPropagation());
    picker.addEventListener("change", (event) => {
      event.stopPropagation();
      if (picker.value) this.take(picker.value);
    });
    return make("span", { class: "picker" }, button, picker);
  }

  take(iso) {
    this.input.value = writeDay(iso);
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.input.focus();
  }
}
