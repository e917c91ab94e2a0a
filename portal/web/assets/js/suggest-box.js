// <suggest-box>: a combobox over one text input, from an address or a <datalist>. Nothing is asked while composing.
import { announce, fold, isComposing, make, newId } from "./common.js";
import { t } from "./words.js";

const LIMIT = 12;

export class SuggestBox extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    if (!this.input || this.list) return;
    this.source = this.readDatalist();
    this.list = make("ul", { class: "options", role: "listbox", id: newId("options"), hidden: true, "aria-label": t("候補") });
    this.input.after(this.list);
    this.prepareInput();
    this.input.addEventListener("input", (event) => event.isComposing || this.soon());
    this.input.addEventListener("compositionend", () => this.soon());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the input
    this.list.addEventListener("click", (event) => this.pick([...this.list.children].indexOf(event.target.closest("li"))));
  }

  prepareInput() {
    const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list", autocomplete: "off" };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
  }

  readDatalist() {
    const options = this.input.list?.options ?? [];
    const items = [...options].map((option) => ({ value: option.value, search: fold(`${option.value} ${option.label}`) }));
    this.input.removeAttribute("list"); // ours takes over, the browser's would show beside it
    return items;
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 200);
  }

  async ask(isWanted = false) {
    const typed = this.input.value.normalize("NFKC").trim();
    if (!typed && !isWanted) return this.close();
    const asked = (this.asked = typed);
    const items = this.dataset.url ? await this.fetchItems(typed) : this.source.filter((item) => item.search.includes(fold(typed)));
    if (asked === this.asked && document.activeElement === this.input) this.show(items.slice(0, LIMIT));
  }

  async fetchItems(typed) {
    const address = new URL(this.dataset.url, location.href);
    address.searchParams.set("q", typed);
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" } });
      const { items = [] } = response.ok ? await response.json() : {};
      return items.map((item) => (typeof item === "string" ? { value: item } : item));
    } catch {
      return []; // suggestions are a help; without the network there are none
    }
  }

  show(items) {
    this.items = items;
    this.active = -1;
    this.list.replaceChildren(
      ...items.map((item, index) => {
        const option = make("li", { role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false" }, item.label || item.value);
        if (item.note) option.append(make("small", {}, item.note));
        return option;
      }),
    );
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(!!items.length));
    this.input.removeAttribute("aria-activedescendant");
    if (items.length) announce(t("候補が{count}件あります。", { count: items.length }));
  }

  close() {
    clearTimeout(this.timer);
    this.asked = null;
    if (!this.list.hidden) this.show([]);
  }

  onKey(event) {
    if (isComposing(event)) return; // this Enter or arrow belongs to the input method
    const isOpen = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) this.ask(true);
      else this.mark(event.key === "ArrowDown" ? this.active + 1 : this.active - 1);
    } else if (isOpen && event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      this.pick(this.active);
    } else if (isOpen && event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }

  mark(index) {
    const options = [...this.list.children];
    this.active = (index + options.length) % options.length;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === this.active)));
    this.input.setAttribute("aria-activedescendant", options[this.active].id);
    options[this.active].scrollIntoView({ block: "nearest" });
  }

  pick(index) {
    const item = this.items?.[index];
    if (!item) return;
    this.close();
    if (this.hasAttribute("data-go") && item.url) return location.assign(item.url);
    this.fill(this.input, item.value);
    for (const [name, value] of Object.entries(item.fill ?? {})) {
      const field = this.input.form?.elements.namedItem(name);
      if (field instanceof HTMLElement) this.fill(field, value);
    }
    this.dispatchEvent(new CustomEvent("suggested", { bubbles: true, detail: item }));
    if (this.hasAttribute("data-submit")) this.input.form?.requestSubmit();
  }

  fill(field, value) {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    clearTimeout(this.timer);
  }
}
