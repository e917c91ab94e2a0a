// The document the editor can hold. It is the server's closed tag list (portal/kinds/richtext.py) and nothing more.
import { Schema } from "prosemirror-model";
import { tableNodes } from "prosemirror-tables";

const CELL = "(paragraph | picture | bullet_list | ordered_list)+";
const SAFE_ADDRESS = /^(?:https?:|mailto:|tel:)/i;

const tables = tableNodes({ tableGroup: "block", cellContent: CELL, cellAttributes: {} });

const table = {
  ...tables.table,
  attrs: { caption: { default: "" } },
  parseDOM: [
    { tag: "table", getAttrs: (dom) => ({ caption: dom.querySelector(":scope > caption")?.textContent.trim() ?? "" }) },
    { tag: "caption", ignore: true },
  ],
  // The caption is an attribute because every child of a table is a row to the table commands.
  toDOM: ({ attrs }) =>
    attrs.caption ? ["table", ["caption", { contenteditable: "false" }, attrs.caption], ["tbody", 0]] : ["table", ["tbody", 0]],
};

const heading = {
  attrs: { level: { default: 2 } },
  content: "inline*",
  group: "block",
  defining: true,
  parseDOM: [
    { tag: "h1", attrs: { level: 2 } },
    { tag: "h2", attrs: { level: 2 } },
    ...["h3", "h4", "h5", "h6"].map((tag) => ({ tag, attrs: { level: 3 } })),
  ],
  toDOM: ({ attrs }) => [`h${attrs.level}`, 0],
};

/** 決定事項 and 課題: typed blocks with an owner and a day, so that the portal can list them across wards. */
const section = {
  attrs: { block: { default: "decision" }, owner: { default: "" }, due: { default: "" } },
  content: CELL,
  group: "block",
  defining: true,
  parseDOM: [
    {
      tag: "section",
      getAttrs: ({ dataset }) => ({
        block: dataset.block === "issue" ? "issue" : "decision",
        owner: dataset.owner ?? "",
        due: dataset.due ?? "",
      }),
    },
  ],
  toDOM: ({ attrs }) => [
    "section",
    { "data-block": attrs.block, ...(attrs.owner && { "data-owner": attrs.owner }), ...(attrs.due && { "data-due": attrs.due }) },
    0,
  ],
};

/** An attached picture, named by the number of its attachment; its address is no part of the text. */
const picture = {
  attrs: { file: {}, alt: { default: "" } },
  group: "block",
  draggable: true,
  parseDOM: [
    {
      tag: "figure",
      getAttrs: (dom) => {
        const image = dom.querySelector("img[data-file]");
        return !!image && { file: image.dataset.file, alt: image.alt };
      },
    },
  ],
  toDOM: ({ attrs }) => ["figure", ["img", { "data-file": attrs.file, alt: attrs.alt }]],
};

export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: { content: "inline*", group: "block", parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
    heading,
    bullet_list: { content: "list_item+", group: "block", parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0] },
    ordered_list: { content: "list_item+", group: "block", parseDOM: [{ tag: "ol" }], toDOM: () => ["ol", 0] },
    list_item: { content: "paragraph (paragraph | picture | bullet_list | ordered_list)*", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
    section,
    picture,
    table,
    table_row: tables.table_row,
    table_cell: tables.table_cell,
    table_header: tables.table_header,
    text: { group: "inline" },
    hard_break: { inline: true, group: "inline", selectable: false, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
  },
  marks: {
    link: {
      attrs: { href: {} },
      inclusive: false,
      parseDOM: [{ tag: "a[href]", getAttrs: (dom) => SAFE_ADDRESS.test(dom.getAttribute("href")) && { href: dom.getAttribute("href") } }],
      toDOM: ({ attrs }) => ["a", { href: attrs.href }, 0],
    },
    em: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => ["em", 0] },
    strong: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: () => ["strong", 0] },
  },
});
