// Pictures in the editor: chosen among the attached PNG and JPEG files of the page, always with a description.
import { NodeSelection } from "prosemirror-state";
import { make } from "./common.js";
import { schema } from "./schema.js";
import { t } from "./words.js";

const { nodes } = schema;
const ATTACHED = /\/files\/(\d+)\/[^?#]+\.(?:png|jpe?g)$/i;
let dialogs = 0;

/** Where the browser gets a picture; the page says it for number 0. */
const addressOf = (file) => (document.querySelector("rich-text[data-pictures]")?.dataset.pictures ?? "/pictures/0").replace(/0$/, file);

/** How a picture looks in the editor: as on the page, with its description below. */
export class PictureView {
  constructor({ attrs: { file, alt } }) {
    this.dom = make("figure", { contenteditable: "false" }, make("img", { src: addressOf(file), alt }), make("figcaption", { "aria-hidden": "true" }, t("説明：{alt}", { alt })));
  }

  ignoreMutation() {
    return true;
  }
}

/** The attached pictures a page links to: [{file, name}]. */
function attached() {
  const links = [...document.querySelectorAll(".uploads a[href]")];
  return links.flatMap((link) => {
    const found = ATTACHED.exec(link.getAttribute("href"));
    return found ? [{ file: found[1], name: link.textContent.trim() }] : [];
  });
}

const chosen = ({ selection }) => (selection instanceof NodeSelection && selection.node.type === nodes.picture ? selection.node : null);

export const isPicture = (state) => !!chosen(state);

/** Put a picture in, or give the chosen one another file or description. */
export function askPicture(state, dispatch, view) {
  if (dispatch) open(view, chosen(state)?.attrs);
  return true;
}

function open(view, now) {
  const files = attached();
  const help = `picture-help-${(dialogs += 1)}`;
  const choice = make("select", {}, ...files.map(({ file, name }) => make("option", { value: file, selected: file === now?.file }, name)));
  const alt = make("input", { type: "text", value: now?.alt ?? "", required: true, maxlength: "300", "aria-describedby": help });
  const fields = files.length
    ? [
        make("div", { class: "field" }, make("label", {}, t("図にするファイル"), choice)),
        make("div", { class: "field" }, make("label", {}, t("図の説明"), alt), make("p", { class: "help", id: help }, t("図が見えない人に読み上げられ、検索の対象にもなります。"))),
      ]
    : [make("p", {}, t("図にする画像（PNG・JPEG）がありません。先に添付してください。新しい報告では、一度保存すると入れられます。"))];
  const yes = make("button", { class: "button main", value: "yes" }, t("決定"));
  const no = make("button", { class: "button", value: "", formnovalidate: true }, t("やめる"));
  const dialog = make("dialog", { "aria-label": t("図") }, make("form", { method: "dialog" }, ...fields, make("div", { class: "buttons" }, ...(files.length ? [yes, no] : [no]))));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "yes") put(view, { file: choice.value, alt: alt.value.trim() });
    view.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function put(view, attrs) {
  if (!attrs.alt) return;
  const { tr } = view.state;
  view.dispatch(tr.replaceSelectionWith(nodes.picture.create(attrs)).scrollIntoView());
}
