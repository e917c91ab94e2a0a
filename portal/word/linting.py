"""What Word refuses and no validator sees: checked in the tests after every export, cheap enough to run in service."""

import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

from lxml import etree

from portal.word.markup import nodes, parse, strings, w
from portal.word.package import read_parts
from portal.word.tables import cells_of

_WORD_PART = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"


def lint(docx: bytes) -> list[str]:
    """Return everything in a .docx that Word would stumble over; an empty list is a good file."""
    try:
        parts = read_parts(docx)
        roots = {name: parse(data) for name, data in parts.items() if name.endswith((".xml", ".rels"))}
    except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, OSError, ValueError) as broken:
        return [f"unreadable: {broken}"]
    if "word/document.xml" not in roots:
        return ["no document part"]
    texts = {name: root for name, root in roots.items() if _WORD_PART.fullmatch(name)}
    faults = [f"{name}: a place was not filled" for name, data in parts.items() if b"<?portal " in data]
    faults += [f"{name}: {fault}" for name, root in texts.items() for fault in _faults_in(root)]
    faults += [*_doubles(texts.values()), *_undefined(roots, texts.values()), *_missing_pictures(roots)]
    return [*faults, *_package_faults(parts, roots)]


def _faults_in(root: etree._Element) -> Iterator[str]:
    for cell in root.iter(w("tc")):
        if not len(cell) or cell[-1].tag != w("p"):
            yield "a table cell does not end with a paragraph"
    for table in root.iter(w("tbl")):
        yield from _table_faults(table)
    if nodes(root, "//w:del//w:t | //w:del//w:instrText"):
        yield "w:t inside w:del"
    if nodes(root, "//w:delText[not(ancestor::w:del)] | //w:delInstrText[not(ancestor::w:del)]"):
        yield "w:delText outside w:del"
    if nodes(root, "//w:ins[not(@w:author)] | //w:del[not(@w:author)] | //w:pPrChange[not(@w:author)]"):
        yield "a change by nobody"
    if nodes(root, "//w:p//w:p[not(ancestor::w:txbxContent)]"):
        yield "a paragraph inside a paragraph"
    body = root.find(w("body"))
    if body is not None and [child.tag for child in body][-2:-1] == [w("tbl")]:
        yield "the body ends with a table"


def _table_faults(table: etree._Element) -> Iterator[str]:
    columns = len(table.findall(f"{w('tblGrid')}/{w('gridCol')}"))
    rows = table.findall(w("tr"))
    if not rows:
        yield "a table without rows"
    for row in rows:
        spans = sum(across for _, across, _ in cells_of(row))
        if spans != columns:
            yield f"a row covers {spans} of {columns} columns"
    following = table.getnext()
    if following is not None and following.tag == w("tbl"):
        yield "two tables touch and would become one"


def _doubles(roots: Iterable[etree._Element]) -> Iterator[str]:
    found: dict[str, Counter[str]] = {}
    asked = {
        "control id": "//w:sdtPr/w:id/@w:val",
        "control tag": "//w:sdtPr/w:tag/@w:val",
        "bookmark id": "//w:bookmarkStart/@w:id",
        "bookmark name": "//w:bookmarkStart/@w:name",
        "drawing id": "//*[local-name()='docPr']/@id",
        "change id": "//w:ins/@w:id | //w:del/@w:id | //w:pPrChange/@w:id",
    }
    for root in roots:
        for what, path in asked.items():
            found.setdefault(what, Counter()).update(strings(root, path))
        starts = set(strings(root, "//w:bookmarkStart/@w:id"))
        if starts != set(strings(root, "//w:bookmarkEnd/@w:id")):
            yield "a bookmark is not closed"
    for what, counted in found.items():
        yield from (f"{what} {value} occurs {count} times" for value, count in counted.items() if count > 1)
    yield from (f"bookmark name {name} is too long" for name in found.get("bookmark name", ()) if len(name) > 40)


def _undefined(roots: dict[str, etree._Element], texts: Iterable[etree._Element]) -> Iterator[str]:
    styles, numbering = roots.get("word/styles.xml"), roots.get("word/numbering.xml")
    known: set[str] = set() if styles is None else set(strings(styles, "//w:style/@w:styleId"))
    lists = {"0"} if numbering is None else {"0", *strings(numbering, "//w:num/@w:numId")}
    used_styles: set[str] = set()
    used_lists: set[str] = set()
    for root in texts:
        used_styles |= set(strings(root, "//w:pStyle/@w:val | //w:rStyle/@w:val | //w:tblStyle/@w:val"))
        used_lists |= set(strings(root, "//w:numPr/w:numId/@w:val"))
    yield from (f"style {name} is not defined" for name in sorted(used_styles - known))
    yield from (f"list {number} is not defined" for number in sorted(used_lists - lists))


def _missing_pictures(roots: dict[str, etree._Element]) -> Iterator[str]:
    relations = roots.get("word/_rels/document.xml.rels")
    known = set() if relations is None else {one.get("Id") for one in relations.iter(_RELATION)}
    for used in sorted(set(strings(roots["word/document.xml"], "//@r:embed")) - known):
        yield f"picture {used} is not in the file"


def _package_faults(parts: dict[str, bytes], roots: dict[str, etree._Element]) -> Iterator[str]:
    types = roots.get("[Content_Types].xml")
    if types is None:
        yield "no content types"
        return
    endings = {one.get("Extension", "").lower() for one in types.iter(_TYPES + "Default")}
    names = {one.get("PartName", "").lstrip("/") for one in types.iter(_TYPES + "Override")}
    for name in parts:
        if name != "[Content_Types].xml" and name not in names and name.rpartition(".")[2].lower() not in endings:
            yield f"{name} has no content type"
    for name, root in roots.items():
        if name.endswith(".rels"):
            folder = posixpath.dirname(posixpath.dirname(name))
            for relation in root.iter(_RELATION):
                target = posixpath.normpath(posixpath.join(folder, relation.get("Target", "")))
                if relation.get("TargetMode") != "External" and target.lstrip("/") not in parts:
                    yield f"{name} points to {target}, which is not there"
