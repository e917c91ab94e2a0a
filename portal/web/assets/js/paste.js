// What arrives from Word, Excel and web pages, cut down to headings, lists, tables and bold before the editor reads it.
// Word has no lists on the clipboard, only paragraphs that say "mso-list:l0 level1" and carry their mark as text.
import { disarm, inert } from "./markup.js";

const JUNK = "style, script, meta, link, title, xml, template, svg, math, object, iframe, img, video, audio, button, input, select, textarea, del";
// A bare letter is no number: Word draws ● as the letter l in Wingdings.
const ORDERED = /^(?:[(（]?(?:[\d０-９]+|[一二三四五六七八九十]+|[①-⑳])[.．。、)）]?|[(（][a-zア-ン]+[)）]|[a-zア-ン]{1,4}[.．。、)）])$/i;
const isMerelyDrawn = (marker) => /Wingdings|Symbol/i.test(styleOf(marker));

/** Clean pasted HTML; {html, pictures}: pictures were left out and belong among the attachments. */
export function cleanPaste(html) {
  if (html.includes("data-pm-slice")) return { html: disarm(html), pictures: 0 }; // from this editor itself
  const body = inert(html);
  const pictures = body.querySelectorAll("img, v\\:imagedata").length;
  dropJunk(body);
  markWeights(body);
  shiftHeadings(body);
  buildLists(body);
  listDottedParagraphs(body);
  unwrap(body, "span, font, u, ins, div, center, o\\:p, w\\:sdt, body > b");
  dropEmpty(body);
  dropAttributes(body);
  return { html: body.innerHTML, pictures };
}

function dropJunk(body) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  comments.forEach((comment) => comment.remove());
  body.querySelectorAll(JUNK).forEach((element) => element.remove());
  for (const element of body.querySelectorAll("*")) {
    if (element.localName.includes(":") && !element.textContent.trim()) element.remove();
    else if (/display:\s*none|mso-hide:\s*all/i.test(styleOf(element))) element.remove();
  }
}

const styleOf = (element) => element.getAttribute("data-style") ?? "";

/** Bold and italic that are only said in styles; a <b> that says it is not bold (Google) is none. */
function markWeights(body) {
  for (const element of body.querySelectorAll("b, strong, i, em, span")) {
    const style = styleOf(element);
    if (/(?:^|;)\s*font-weight:\s*(?:normal|[1-4]00)/i.test(style) && /^(?:b|strong)$/.test(element.localName)) element.replaceWith(...element.childNodes);
    else if (element.localName === "span" && /(?:^|;)\s*font-weight:\s*(?:bold|[6-9]00)/i.test(style)) wrapInside(element, "strong");
    else if (element.localName === "span" && /(?:^|;)\s*font-style:\s*italic/i.test(style)) wrapInside(element, "em");
  }
  for (const inner of body.querySelectorAll(":is(h1, h2, h3, h4, h5, h6, th) :is(b, strong)")) inner.replaceWith(...inner.childNodes);
}

function wrapInside(element, tag) {
  const wrap = element.ownerDocument.createElement(tag);
  wrap.append(...element.childNodes);
  element.append(wrap);
}

/** Paragraphs that only look like headings become some; h1 takes the place of h2 and the rest moves down. */
function shiftHeadings(body) {
  for (const paragraph of body.querySelectorAll("p")) {
    const level = /mso-outline-level:\s*(\d)/i.exec(styleOf(paragraph))?.[1] ?? (/^MsoTitle$/i.test(paragraph.className) ? "1" : "");
    if (level) rename(paragraph, `h${Math.min(Number(level), 6)}`);
  }
  const hasFirst = !!body.querySelector("h1");
  for (const heading of body.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const level = Number(heading.localName[1]) + (hasFirst ? 1 : 0);
    rename(heading, level <= 2 ? "h2" : "h3");
  }
}

function rename(element, tag) {
  const renamed = element.ownerDocument.createElement(tag);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
  return renamed;
}

function buildLists(body) {
  let open = []; // the lists being filled, outermost first
  let last = null;
  for (const paragraph of [...body.querySelectorAll("p")]) {
    const found = /mso-list:\s*l\d+\s+level(\d+)/i.exec(styleOf(paragraph));
    const isItem = found || (/^MsoListParagraph|^MsoListBullet|^MsoListNumber/i.test(paragraph.className) && markerOf(paragraph));
    if (!isItem || paragraph.closest("li")) {
      open = [];
      continue;
    }
    if (last && !isNext(last, paragraph)) open = [];
    open = addItem(open, paragraph, found ? Number(found[1]) : 1);
    last = open[0];
  }
}

const isNext = (list, paragraph) => list.nextElementSibling === paragraph;
const markerOf = (paragraph) => [...paragraph.querySelectorAll("span")].find((span) => /mso-list:\s*Ignore/i.test(styleOf(span)));

function addItem(open, paragraph, level) {
  const marker = markerOf(paragraph);
  const sign = (marker?.textContent ?? "").replace(/[\s\u00a0]+/g, "");
  marker?.remove();
  const tag = ORDERED.test(sign) && !isMerelyDrawn(marker) ? "ol" : "ul";
  const depth = Math.min(level, open.length + 1); // a level that is skipped would be an item with nothing in it
  open = open.slice(0, depth);
  if (open.length === depth && open.at(-1).localName !== tag) open.pop();
  const page = paragraph.ownerDocument;
  if (!open.length) {
    const list = page.createElement(tag);
    paragraph.before(list);
    open.push(list);
  }
  if (open.length < depth) {
    const list = page.createElement(tag);
    const parent = open.at(-1).lastElementChild ?? open.at(-1).appendChild(page.createElement("li"));
    parent.append(list);
    open.push(list);
  }
  const item = page.createElement("li");
  item.append(paragraph);
  open.at(-1).append(item);
  return open;
}

/** Office papers often write ・ by hand: a run of such paragraphs is a list. */
function listDottedParagraphs(body) {
  for (const paragraph of body.querySelectorAll("p")) {
    if (paragraph.closest("li") || !/^[\s\u00a0\u3000]*・/.test(paragraph.textContent)) continue;
    const before = paragraph.previousElementSibling;
    const list = before?.matches("ul[data-dotted]") ? before : paragraph.ownerDocument.createElement("ul");
    list.setAttribute("data-dotted", "");
    if (list !== before) paragraph.before(list);
    const item = paragraph.ownerDocument.createElement("li");
    list.append(item);
    item.append(paragraph);
    cutDot(paragraph);
  }
}

function cutDot(paragraph) {
  const walker = paragraph.ownerDocument.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const cut = text.data.replace(/^[\s\u00a0\u3000]*・[\s\u00a0\u3000]*/, "");
    const isDone = cut !== text.data;
    text.data = cut;
    if (isDone) return;
  }
}

function unwrap(body, selector) {
  for (const element of [...body.querySelectorAll(selector)].reverse()) {
    if (element.localName === "div" && holdsOnlyText(element)) rename(element, "p");
    else element.replaceWith(...element.childNodes);
  }
}

const BLOCK = "p, h1, h2, h3, h4, h5, h6, ul, ol, table, div, section, blockquote";
const holdsOnlyText = (element) => !element.querySelector(BLOCK) && !!element.textContent.trim() && !element.closest("p, li, h2, h3, td p");

function dropEmpty(body) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replace(/[ \u00a0\t\r\n]+/g, " ");
  for (const element of [...body.querySelectorAll("p, h2, h3, li, ul, ol, b, strong, i, em, a")].reverse()) {
    if (!element.textContent.trim() && !element.querySelector("br, table") && !element.closest("td, th")) element.remove();
  }
}

function dropAttributes(body) {
  const kept = new Set(["href", "colspan", "rowspan", "data-block", "data-owner", "data-due"]);
  for (const element of body.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) if (!kept.has(name)) element.removeAttribute(name);
  }
}
