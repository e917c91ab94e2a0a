// <rich-text>: ProseMirror over a textarea. The textarea stays the form's field; it is rewritten only when a person changes
// something, so an untouched document is sent back byte for byte.
import { baseKeymap, chainCommands, exitCode } from "prosemirror-commands";
import { history, redo, undo } from "prosemirror-history";
import { InputRule, inputRules, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { liftListItem, sinkListItem, splitListItem } from "prosemirror-schema-list";
import { EditorState } from "prosemirror-state";
import { goToNextCell, tableEditing } from "prosemirror-tables";
import { EditorView } from "prosemirror-view";
import { BlockView } from "./block-view.js";
import { make, newId, readCookie, setCookie } from "./common.js";
import { isPlain, parsePlainSlice, parseValue, toHtml, toPlain } from "./markup.js";
import { confirmDialog } from "./page.js";
import { cleanPaste } from "./paste.js";
import { PictureView } from "./picture.js";
import { schema } from "./schema.js";
import { bold, Toolbar } from "./toolbar.js";
import { t } from "./words.js";

const { bullet_list: bullets, ordered_list: numbers, list_item: item, hard_break: lineBreak } = schema.nodes;

const breakLine = chainCommands(exitCode, (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(lineBreak.create()).scrollIntoView());
  return true;
});

const keys = {
  "Mod-z": undo,
  "Mod-y": redo,
  "Mod-Shift-z": redo,
  "Mod-b": bold,
  Enter: splitListItem(item),
  "Shift-Enter": breakLine,
  Tab: chainCommands(goToNextCell(1), sinkListItem(item)),
  "Shift-Tab": chainCommands(goToNextCell(-1), liftListItem(item)),
};

// Both spaces count: after ・ a Japanese input method types the wide one.
const rules = [
  wrappingInputRule(/^[・•\-*][ \u3000]$/, bullets),
  wrappingInputRule(/^(?:1|１|①)[.．)）、]?[ \u3000]$/, numbers),
  new InputRule(/^＃[ \u3000]$/, (state, _, start, end) => state.tr.delete(start, end).setBlockType(start, start, schema.nodes.heading)),
];

export class RichText extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    if (!this.area || this.foot) return; // moved within the page: everything is already there
    this.foot = make("div", { class: "editor-foot" });
    this.note = make("span", { role: "status" });
    this.switcher = make("button", { type: "button", class: "button link" });
    this.switcher.addEventListener("click", () => this.change());
    this.foot.append(this.note, this.switcher);
    this.append(this.foot);
    this.area.id ||= newId("text");
    this.area.form?.addEventListener("formdata", ({ formData }) => this.giveTo(formData));
    this.addEventListener("click", () => this.note.replaceChildren());
    const doc = parseValue(this.area.value);
    if (readCookie("portal_plain") === "1" && isPlain(doc)) this.showArea();
    else this.showEditor(doc);
  }

  // ---- the two faces

  showEditor(doc = parseValue(this.area.value)) {
    this.frame = make("div", { class: "editor" });
    this.area.before(this.frame);
    const id = this.area.id;
    this.area.id = `${id}-text`;
    this.area.hidden = true;
    this.view = new EditorView({ mount: this.frame.appendChild(make("div", { id })) }, this.viewOptions(doc));
    this.toolbar = new Toolbar(this.view, this.label());
    this.frame.prepend(this.toolbar.element);
    this.labels ??= [...document.querySelectorAll(`label[for="${id}"]`)];
    this.onLabel ??= () => this.view?.focus();
    this.labels.forEach((label) => label.addEventListener("click", this.onLabel));
    this.switcher.textContent = t("かんたん入力に切り替える");
  }

  showArea() {
    if (this.view) {
      this.area.id = this.view.dom.id;
      this.view.destroy();
      this.view = null;
      this.frame.remove();
    }
    this.area.hidden = false;
    this.switcher.textContent = t("見出しや表を使う入力に切り替える");
  }

  async change() {
    if (!this.view) {
      setCookie("portal_plain", "0");
      this.showEditor();
      this.view.focus();
      return;
    }
    const { doc } = this.view.state;
    const question = t("かんたん入力では文字だけを残します。見出し・表・太字・決定事項の枠はなくなります。");
    if (!isPlain(doc) && !(await confirmDialog(question, { yes: t("文字だけにする") }))) return;
    setCookie("portal_plain", "1");
    const wasPlain = isPlain(doc);
    this.write(toPlain(doc), { quietly: wasPlain });
    this.showArea();
    this.area.focus();
  }

  // ---- the editor

  viewOptions(doc) {
    return {
      state: EditorState.create({ doc, plugins: [inputRules({ rules }), keymap({ ...keys, "Alt-F10": () => this.toolbar.focus() }), keymap(baseKeymap), history(), tableEditing()] }),
      attributes: () => this.describe(),
      editable: () => !this.area.readOnly && !this.area.disabled,
      nodeViews: { section: (node, view, position) => new BlockView(node, view, position), picture: (node) => new PictureView(node) },
      dispatchTransaction: (transaction) => this.apply(transaction),
      transformPastedHTML: (html) => this.clean(html),
      handlePaste: (_, event) => this.refusePictures(event.clipboardData),
      clipboardTextParser: (text) => parsePlainSlice(text),
      // The caret stays clear of the sticky toolbar above and the save bar below.
      scrollThreshold: { top: 130, bottom: 130, left: 0, right: 0 },
      scrollMargin: { top: 140, bottom: 140, left: 5, right: 5 },
      handleDOMEvents: { blur: () => this.flush() },
    };
  }

  label() {
    const label = this.area.labels?.[0] ?? document.querySelector(`label[for="${this.area.id.replace(/-text$/, "")}"]`);
    const text = [...(label?.childNodes ?? [])].filter((node) => !node.classList?.contains("required")).map((node) => node.textContent);
    return text.join("").trim() || this.area.getAttribute("aria-label") || t("本文");
  }

  describe() {
    const described = this.area.getAttribute("aria-describedby");
    return {
      class: "prose",
      role: "textbox",
      "aria-multiline": "true",
      "aria-label": this.label(),
      ...(described && { "aria-describedby": described }),
      ...(this.area.required && { "aria-required": "true" }),
      ...(this.area.getAttribute("aria-invalid") === "true" && { "aria-invalid": "true" }),
    };
  }

  apply(transaction) {
    const { view } = this;
    view.updateState(view.state.apply(transaction));
    this.toolbar.update();
    if (!transaction.docChanged) return;
    this.stale = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), 500);
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Writing the HTML of a long text on every key would be felt, so the textarea follows a little later or when it is asked for. */
  flush() {
    clearTimeout(this.timer);
    if (!this.stale || !this.view) return;
    this.stale = false;
    this.area.value = toHtml(this.view.state.doc);
  }

  giveTo(formData) {
    if (!this.isConnected) return; // a removed row may come back; until then its name may be another row's
    this.flush();
    if (this.area.name && formData.has(this.area.name) && formData.getAll(this.area.name).length === 1) formData.set(this.area.name, this.area.value);
  }

  write(value, { quietly = false } = {}) {
    clearTimeout(this.timer);
    this.stale = false;
    this.area.value = value;
    if (!quietly) this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Put another text in (a kept copy); 元に戻す brings the old one back. */
  setValue(value) {
    if (!this.view) return this.write(value);
    const { state } = this.view;
    this.view.dispatch(state.tr.replaceWith(0, state.doc.content.size, parseValue(value).content));
    this.write(value);
  }

  clean(html) {
    const { html: kept, pictures } = cleanPaste(html);
    if (pictures) this.tellOfPictures();
    return kept;
  }

  /** A screenshot on the clipboard has no text at all; the browser would put an image in. */
  refusePictures(clipboard) {
    const isPicture = !!clipboard?.files.length && !clipboard.getData("text/html") && !clipboard.getData("text/plain");
    if (isPicture) this.tellOfPictures();
    return isPicture;
  }

  tellOfPictures() {
    this.note.textContent = t("図や写真は貼り付けられません。添付してから、「図」で入れてください。");
  }
}
