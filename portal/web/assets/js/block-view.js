// How 決定事項 and 課題 look while being edited: the kind, 担当 and 期限 above the text.
import { isComposing, make } from "./common.js";
import { parseDay, writeDay } from "./dates.js";
import { t } from "./words.js";

export class BlockView {
  constructor(node, view, position) {
    Object.assign(this, { node, view, position });
    this.owner = this.field("owner", t("担当"));
    this.due = this.field("due", t("期限"));
    this.title = make("strong", {});
    this.head = make("div", { class: "block-head", contenteditable: "false" }, this.title, this.owner.label, this.due.label);
    this.contentDOM = make("div", {});
    this.dom = make("section", {}, this.head, this.contentDOM);
    this.show();
  }

  field(name, title) {
    const input = make("input", { type: "text", autocomplete: "off" });
    const label = make("label", {}, title, input);
    input.addEventListener("change", () => this.set(name, input.value.trim()));
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || isComposing(event)) return;
      event.preventDefault(); // Enter must not send the form
      this.set(name, input.value.trim());
      this.view.focus();
    });
    return { input, label };
  }

  set(name, typed) {
    const value = name === "due" ? (parseDay(typed).iso ?? typed) : typed;
    const position = this.position();
    if (position === undefined || this.node.attrs[name] === value) return;
    this.view.dispatch(this.view.state.tr.setNodeAttribute(position, name, value));
  }

  show() {
    const { block, owner, due } = this.node.attrs;
    this.dom.dataset.block = block;
    this.title.textContent = block === "issue" ? t("課題") : t("決定事項");
    this.owner.input.value = owner;
    this.due.input.value = /^\d{4}-\d\d-\d\d$/.test(due) ? writeDay(due) : due;
  }

  update(node) {
    if (node.type !== this.node.type) return false;
    this.node = node;
    this.show();
    return true;
  }

  // The head is ours: the editor neither handles its events nor reads its changes as typing.
  stopEvent(event) {
    return this.head.contains(event.target);
  }

  ignoreMutation(mutation) {
    return mutation.type !== "selection" && !this.contentDOM.contains(mutation.target);
  }
}
