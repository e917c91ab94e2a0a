// The toolbar over the editor: buttons in words, arrow keys between them, a second row while the caret is in a table.
import { lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { undo } from "prosemirror-history";
import { liftListItem, wrapInList } from "prosemirror-schema-list";
import { Selection } from "prosemirror-state";
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, findTable, isInTable, mergeCells, splitCell, toggleHeaderRow } from "prosemirror-tables";
import { make } from "./common.js";
import { askPicture, isPicture } from "./picture.js";
import { schema } from "./schema.js";
import { t } from "./words.js";

const { nodes, marks } = schema;

export const bold = toggleMark(marks.strong);

const holds = (state, type, attributes = {}) => {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type === type && Object.entries(attributes).every(([name, value]) => node.attrs[name] === value)) return true;
  }
  return false;
};

const isBold = (state) => {
  const { from, to, empty, $from } = state.selection;
  return empty ? !!marks.strong.isInSet(state.storedMarks ?? $from.marks()) : state.doc.rangeHasMark(from, to, marks.strong);
};

const heading = (level) => (state, dispatch) =>
  (holds(state, nodes.heading, { level }) ? setBlockType(nodes.paragraph) : setBlockType(nodes.heading, { level }))(state, dispatch);

/** Into the list, out of it, or from one kind of list into the other. */
const list = (type, other) => (state, dispatch) => {
  if (holds(state, type)) return liftListItem(nodes.list_item)(state, dispatch);
  if (!holds(state, other)) return wrapInList(type)(state, dispatch);
  const { $from } = state.selection;
  let depth = $from.depth;
  while ($from.node(depth).type !== other) depth -= 1;
  dispatch?.(state.tr.setNodeMarkup($from.before(depth), type));
  return true;
};

const block = (kind) => (state, dispatch) => {
  if (holds(state, nodes.section, { block: kind })) return lift(state, dispatch);
  return wrapIn(nodes.section, { block: kind })(state, dispatch) || addBlock(kind)(state, dispatch);
};

/** Where nothing can be wrapped (inside a table or a heading) a new block goes below. */
const addBlock = (kind) => (state, dispatch) => {
  const position = state.selection.$from.after(1);
  const added = nodes.section.create({ block: kind }, nodes.paragraph.create());
  dispatch?.(goInto(state.tr.insert(position, added), position));
  return true;
};

const goInto = (transaction, position) => transaction.setSelection(Selection.near(transaction.doc.resolve(position + 1))).scrollIntoView();

const insertTable = (state, dispatch) => {
  if (isInTable(state)) return false;
  const cells = (type) => [1, 2, 3].map(() => type.create(null, nodes.paragraph.create()));
  const rows = [cells(nodes.table_header), cells(nodes.table_cell), cells(nodes.table_cell)].map((row) => nodes.table_row.create(null, row));
  const { $from } = state.selection;
  const isEmpty = $from.depth === 1 && !$from.parent.content.size;
  const position = isEmpty ? $from.before(1) : $from.after(1);
  const transaction = isEmpty ? state.tr.replaceWith(position, $from.after(1), nodes.table.create(null, rows)) : state.tr.insert(position, nodes.table.create(null, rows));
  // A paragraph after it, so that one can go on writing below.
  const end = position + transaction.doc.nodeAt(position).nodeSize;
  if (end === transaction.doc.content.size) transaction.insert(end, nodes.paragraph.create());
  dispatch?.(goInto(transaction, position));
  return true;
};

export class Toolbar {
  constructor(view, label) {
    this.view = view;
    this.buttons = [];
    this.element = make("div", { class: "toolbar", role: "toolbar", "aria-label": t("{label}の編集", { label }) });
    this.element.append(...this.mainButtons());
    this.tableRow = make("div", { class: "second", role: "group", "aria-label": t("表の行と列"), hidden: true }, ...this.tableButtons());
    this.element.append(this.tableRow);
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.current = this.buttons[0];
    this.update();
  }

  mainButtons() {
    return [
      this.button(t("見出し"), heading(2), (state) => holds(state, nodes.heading, { level: 2 })),
      this.button(t("小見出し"), heading(3), (state) => holds(state, nodes.heading, { level: 3 })),
      this.button(t("太字"), bold, isBold),
      this.button(t("・箇条書き"), list(nodes.bullet_list, nodes.ordered_list), (state) => holds(state, nodes.bullet_list)),
      this.button(t("1. 番号"), list(nodes.ordered_list, nodes.bullet_list), (state) => holds(state, nodes.ordered_list)),
      this.button(t("表"), insertTable),
      this.button(t("図"), askPicture, isPicture),
      this.button(t("決定事項"), block("decision"), (state) => holds(state, nodes.section, { block: "decision" })),
      this.button(t("課題"), block("issue"), (state) => holds(state, nodes.section, { block: "issue" })),
      this.button(t("元に戻す"), undo),
    ];
  }

  tableButtons() {
    return [
      this.button(t("行を追加"), addRowAfter),
      this.button(t("行を削除"), deleteRow),
      this.button(t("列を追加"), addColumnAfter),
      this.button(t("列を削除"), deleteColumn),
      this.button(t("見出し行"), toggleHeaderRow),
      this.button(t("セルを結合"), mergeCells),
      this.button(t("結合を解除"), splitCell),
      this.button(t("表題"), (state, dispatch) => isInTable(state) && (!dispatch || this.askCaption())),
      this.button(t("表を削除"), deleteTable),
    ];
  }

  button(name, command, isOn) {
    const element = make("button", { type: "button", tabindex: "-1", ...(isOn && { "aria-pressed": "false" }) }, name);
    element.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays where it is
    element.addEventListener("click", () => {
      command(this.view.state, this.view.dispatch, this.view);
      if (!document.querySelector("dialog[open]")) this.view.focus();
    });
    this.buttons.push({ element, command, isOn });
    return element;
  }

  /** Show what the caret stands in. Disabled ones stay reachable, so that arrow keys do not jump about. */
  update() {
    const { state } = this.view;
    this.tableRow.hidden = !isInTable(state);
    for (const { element, command, isOn } of this.buttons) {
      if (isOn) element.setAttribute("aria-pressed", String(isOn(state)));
      element.setAttribute("aria-disabled", String(!this.isHidden(element) && !command(state)));
    }
    if (this.isHidden(this.current.element)) this.current = this.buttons[0];
    for (const { element } of this.buttons) element.tabIndex = element === this.current.element ? 0 : -1;
  }

  isHidden(element) {
    return this.tableRow.hidden && this.tableRow.contains(element);
  }

  focus() {
    this.current.element.focus();
    return true;
  }

  onKey(event) {
    const shown = this.buttons.filter(({ element }) => !this.isHidden(element));
    const index = shown.findIndex(({ element }) => element === document.activeElement);
    const goal = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (event.key === "Escape") this.view.focus();
    if (goal === undefined) return;
    event.preventDefault();
    this.current = shown[(goal + shown.length) % shown.length];
    this.update();
    this.focus();
  }

  askCaption() {
    const found = findTable(this.view.state.selection.$from);
    const input = make("input", { type: "text", value: found.node.attrs.caption, name: "caption" });
    const dialog = make(
      "dialog",
      { "aria-label": t("表題") },
      make(
        "form",
        { method: "dialog" },
        make("div", { class: "field" }, make("label", {}, t("表題"), input)),
        make("div", { class: "buttons" }, make("button", { class: "button main", value: "yes" }, t("決定")), make("button", { class: "button", value: "" }, t("やめる"))),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue === "yes") this.view.dispatch(this.view.state.tr.setNodeAttribute(found.pos, "caption", input.value.trim()));
      this.view.focus();
    });
    // The editor may stand inside a form; a dialog of its own must not.
    document.body.append(dialog);
    dialog.showModal();
    return true;
  }
}
