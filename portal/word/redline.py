"""見え消し: two versions of a document as one Word file on its form, with real tracked changes or ready to be printed.

Both versions are filled into the same form and the two results are merged (portal.word.redline_merging), so whatever a form
prints, 様式7 or a ward's own, is compared as it is printed. The words are cut as on screen (portal.kinds.diff).
"""

from collections import Counter
from dataclasses import dataclass, replace

from lxml import etree

from portal.kinds import Content, Kind
from portal.kinds.diff import Cut, Effort, script_runs
from portal.word.exporting import Filled, fill_form, packed
from portal.word.forms import WordForm
from portal.word.heading import Heading
from portal.word.markup import etree_bytes, nodes, paragraph, parse, parse_blocks, run, w
from portal.word.redline_letters import text_of
from portal.word.redline_merging import Merger, flatten
from portal.word.redline_pens import Authorship, Printed, Style, Tracked

_DOCUMENT = "word/document.xml"
_STRUCK = '<w:rPr><w:strike/><w:color w:val="C00000"/></w:rPr>'
_UNDERLINED = '<w:rPr><w:color w:val="0000C0"/><w:u w:val="single"/></w:rPr>'


@dataclass(frozen=True)
class Side:
    """One of the two versions: what it holds and what stands around it."""

    content: Content
    heading: Heading


def redline(
    kind: Kind,
    old: Side,
    new: Side,
    *,
    by: Authorship,
    style: Style,
    cut: Cut = script_runs,
    form: WordForm | None = None,
) -> bytes:
    """Return a .docx that shows what became of the old version: accept all gives the new one, reject all the old one."""
    before = fill_form(kind, old.content, old.heading, form)
    after = fill_form(kind, new.content, new.heading, form)
    merger = Merger(Tracked(by) if style == "tracked" else Printed(), Effort(cut))
    parts: dict[str, str] = {}
    pictures = {**before.pictures, **after.pictures}
    lists = after.lists
    for name in after.parts:
        ours, theirs = _root(before, name), _root(after, name)
        if name == _DOCUMENT:
            lists = _tell_lists_apart(ours, theirs, after)
        merged = merger.part(ours, theirs)
        if name == _DOCUMENT:
            _tell_drawings_apart(merged)
            if style == "printed":
                _explain(merged, old.heading, new.heading)
        parts[name] = etree_bytes(merged).decode()
    title = f"{after.title}（見え消し 第{old.heading.version}版→第{new.heading.version}版）"
    return packed(replace(after, parts=parts, lists=lists, title=title, pictures=pictures), new.heading)


def _root(filled: Filled, name: str) -> etree._Element:
    root = flatten(parse(filled.parts[name]))
    for picture in _drawings(root):
        picture.set("id", "0")  # numbered by its place in the file, it would count as another picture
    return root


def _tell_lists_apart(old: etree._Element, new: etree._Element, filled: Filled) -> int:
    """Give the numbered lists of both texts numbers of one file: a list that stayed has one. Return how many there are."""
    first, count = filled.compiled.first_list, filled.lists
    ours, theirs = _lists(old, first), _lists(new, first)
    known: dict[int, int] = {}
    for number, items in ours.items():
        shared = {one: (items & other).total() for one, other in theirs.items() if one not in known.values()}
        best = max(shared, key=lambda one: (shared[one], -one), default=None)
        if best is not None and shared[best]:
            known[number] = best
        else:
            known[number] = first + count
            count += 1
    for mark in nodes(old, "//w:numPr/w:numId"):
        number = int(mark.get(w("val"), "0"))
        mark.set(w("val"), str(known.get(number, number)))
    return count


def _lists(root: etree._Element, first: int) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for mark in nodes(root, "//w:p/w:pPr/w:numPr/w:numId"):
        number = int(mark.get(w("val"), "0"))
        if number >= first:
            item = next(mark.iterancestors(w("p")))
            found.setdefault(number, Counter())[text_of(item)] += 1
    return found


def _tell_drawings_apart(root: etree._Element) -> None:
    """Give each picture a number of its own: one that went and came stands there twice."""
    for number, picture in enumerate(_drawings(root), 1):
        picture.set("id", str(number))


def _drawings(root: etree._Element) -> list[etree._Element]:
    return nodes(root, "//*[local-name()='docPr']")


def _explain(root: etree._Element, old: Heading, new: Heading) -> None:
    """Say above the text what strike and underline mean."""
    words = [
        run(f"見え消し　第{old.version}版から第{new.version}版への変更　（"),
        run("削除した部分", _STRUCK),
        run("　"),
        run("加えた部分", _UNDERLINED),
        run("）"),
    ]
    body = root.find(w("body"))
    if body is not None:
        body[0:0] = parse_blocks(paragraph("".join(words), "Right"))
