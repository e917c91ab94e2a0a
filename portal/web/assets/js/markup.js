// Between the textarea and the editor: reading what is there (plain text or canonical HTML) and writing canonical HTML.
import { DOMParser as Reader, DOMSerializer, Fragment, Slice } from "prosemirror-model";
import { schema } from "./schema.js";
import { t } from "./words.js";

const MARKUP = /<\/?(?:h[1-6]|p|ul|ol|li|table|caption|thead|tbody|tr|th|td|strong|em|b|i|br|a|section|figure|div|span)(?=[\s>/])/i;
const policy = globalThis.trustedTypes?.createPolicy("portal-paste", { createHTML: (html) => html });
const reader = Reader.fromSchema(schema);
const writer = DOMSerializer.fromSchema(schema);

const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^"'>])*>/gi;

/** Styles and handlers under another name: merely parsing such an attribute already breaks a strict policy. */
export const disarm = (html) =>
  html.replace(/<style[\s\S]*?<\/style\s*>/gi, "").replace(TAG, (tag) => tag.replace(/([\s/"'])(style|on[a-z]+)(\s*=)/gi, "$1data-$2$3"));

/** Parse HTML into a document of its own, where no script runs and nothing is fetched. */
export function inert(html) {
  const source = disarm(html);
  return new DOMParser().parseFromString(policy ? policy.createHTML(source) : source, "text/html").body;
}

/** Mark plain text up as the server does: a blank line ends a paragraph, lines that begin with ・ make a list. */
export function fromPlain(text) {
  const body = document.implementation.createHTMLDocument("").body;
  for (const paragraph of text.replace(/\r\n?/g, "\n").split(/\n[ \u3000\t]*\n/)) {
    let block = null;
    for (const line of paragraph.split("\n").map((one) => one.trim()).filter(Boolean)) {
      const tag = line.startsWith("・") ? "ul" : "p";
      if (block?.localName !== tag) block = body.appendChild(body.ownerDocument.createElement(tag));
      else if (tag === "p") block.append(body.ownerDocument.createElement("br"));
      if (tag === "p") block.append(line);
      else block.appendChild(body.ownerDocument.createElement("li")).append(line.slice(1).trim());
    }
  }
  return body;
}

export const parseValue = (value) => reader.parse(MARKUP.test(value) ? inert(value) : fromPlain(value));

/** What a plain text on the clipboard becomes, open at both ends so that one line joins the line it is pasted into. */
export const parsePlainSlice = (text) => Slice.maxOpen(reader.parse(fromPlain(text)).content);

/** Canonical HTML of a document; an empty one is "". */
export function toHtml(doc) {
  if (doc.childCount === 1 && doc.firstChild.isTextblock && !doc.firstChild.content.size) return "";
  const holder = document.implementation.createHTMLDocument("").body;
  holder.append(writer.serializeFragment(doc.content, { document: holder.ownerDocument }));
  holder.querySelectorAll("table").forEach(finishTable);
  holder.querySelectorAll("a[href]").forEach((link) => link.setAttribute("rel", "noopener noreferrer"));
  return holder.innerHTML;
}

/** Rows of heads at the top are the table's head; every head says what it heads. */
function finishTable(table) {
  table.querySelector("caption")?.removeAttribute("contenteditable");
  const rows = [...table.querySelectorAll(":scope > tbody > tr")];
  let count = 0;
  while (count < rows.length - 1 && [...rows[count].children].every((cell) => cell.localName === "th")) count += 1;
  if (count) {
    const head = table.ownerDocument.createElement("thead");
    head.append(...rows.slice(0, count));
    table.querySelector(":scope > tbody").before(head);
  }
  for (const cell of table.querySelectorAll("th")) cell.setAttribute("scope", cell.closest("thead") ? "col" : "row");
}

/** Whether plain text says all there is: written as plain text and read again it is the same document. */
export function isPlain(doc) {
  const filled = [];
  doc.forEach((node) => (node.isTextblock && !node.content.size) || filled.push(node)); // empty lines are dropped on saving anyway
  const meant = doc.copy(Fragment.from(filled));
  return !filled.length || parseValue(toPlain(meant)).eq(meant);
}

/** Plain text of a document, as a person would type it. */
export function toPlain(doc) {
  const blocks = [];
  doc.forEach((node) => blocks.push(linesOf(node).join("\n")));
  return blocks.join("\n\n");
}

function linesOf(node, mark = "") {
  if (node.isTextblock) return [mark + node.textBetween(0, node.content.size, "", (leaf) => (leaf.type.name === "hard_break" ? "\n" : ""))];
  if (node.type.name === "picture") return [`［${t("図")}：${node.attrs.alt}］`];
  const lines = [];
  if (node.type.name === "table_row") {
    node.forEach((cell) => lines.push(linesOf(cell).join(" ")));
    return [lines.join("\t")];
  }
  node.forEach((child, _, index) => {
    const sign = node.type.name === "bullet_list" ? "・" : node.type.name === "ordered_list" ? `${index + 1}. ` : "";
    if (sign) child.forEach((part, __, number) => lines.push(...linesOf(part, number ? "" : sign)));
    else lines.push(...linesOf(child));
  });
  return lines;
}
