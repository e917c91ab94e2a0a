"""The outline of a Word document: what stands where, with its marks, told as one flat list so that no nesting can hurt.

    ["p", style, list, indent, change]  "/p"     a paragraph; list is [kind, level, begins], change that of its own end
    ["tbl"] ["tr", head, change] ["tc", across, merge] and their ends     merge is "", "restart" or "continue"
    ["t", text, look, change]  ["d", text, change]     text that stays (look: 1 bold, 2 italic) and text that was deleted
    ["m", kind, name, empty]  ["/m", kind, name]       a content control ("sdt", by its tag) or a bookmark ("bm")
    ["a", address] "/a"  ["f"] "/f"                    a link; the result of a computed field (a page number)
    ["c", id]  ["img", words]  ["box"] "/box"          a comment begins, a picture, a text box

A change is the number of an entry in `changes` (what, who, when), or -1. Comments, headers, footers and notes come beside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import IO, Any

from portal.intake.limits import Limits, TooLarge
from portal.intake.readers.flow import Flow
from portal.intake.readers.markup import Attributes, Package, local
from portal.intake.readers.meter import Meter

Token = list[Any]
_SKIPPED = frozenset(
    "rPrChange pPrChange sectPrChange tblPrChange trPrChange tcPrChange tblPrExChange tblGridChange numberingChange sectPr "
    "tblPr tblPrEx tblGrid Fallback rt delInstrText sdtEndPr placeholder tabs binData bodyPr lstStyle spPr dataBinding".split()
)
_PROPERTIES = frozenset("pPr rPr trPr tcPr sdtPr".split())
_CHANGES = frozenset("ins del moveFrom moveTo".split())
_CHARACTERS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-", "softHyphen": "", "sym": "・"}
_LINK = re.compile(r'\s*HYPERLINK\s+"([^"]*)"', re.IGNORECASE)
_OURS = re.compile(r"_[a-z]_")
_BOLD, _ITALIC = 1, 2
_JOINED = 2000
"""Characters up to which pieces of one look are put together; without an end, many small ones would cost their square."""
_OFF = frozenset(["0", "false", "none", "off"])
_LOOKS = {"strong": _BOLD, "emphasis": _ITALIC}


def trace(file: IO[bytes], _: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Read the outline of a .docx. Raises Refused kinds for what is locked, damaged, hostile or too large."""
    meter = Meter(limits)
    package = Package(file, meter)
    main = package.main_part()
    styles, lists = _Styles(), _Lists()
    for kind, listener in (("styles", styles), ("numbering", lists)):
        for part in package.related(main, kind):
            package.walk_if_whole(part, listener)
    links = package.external(main)
    body = _Body(limits, styles, lists, links)
    package.walk(main, body)
    comments = _Comments()
    for part in package.related(main, "comments"):
        package.walk_if_whole(part, comments)
    return {
        "status": "ok",
        "tokens": body.tokens,
        "changes": body.changes,
        "comments": comments.found,
        "around": _lines(package, main, ("header", "footer"), limits),
        "notes": _lines(package, main, ("footnotes", "endnotes"), limits),
    }


def _lines(package: Package, main: str, kinds: tuple[str, ...], limits: Limits) -> list[str]:
    """Return the lines of parts beside the body, each once."""
    found: dict[str, None] = {}
    for kind in kinds:
        for part in package.related(main, kind):
            meter = Meter(limits)
            flow = Flow(meter)
            package.walk_if_whole(part, flow)
            flow.flush()
            found.update(dict.fromkeys(line.strip() for line in re.split(r"[\n\t]", meter.text()) if line.strip()))
    return list(found)


class _Silent:
    def end(self, name: str) -> None:
        """Nothing to do."""

    def data(self, text: str) -> None:
        """Nothing to do."""


class _Styles(_Silent):
    """The names of styles, which editors keep, by the ids, which they do not; and the lists that belong to a style."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.lists: dict[str, tuple[str, int]] = {}
        self._style = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "style":
            self._style = local(attributes, "styleId")
        elif name == "name":
            self.names.setdefault(self._style, "".join(local(attributes, "val").lower().split()))
        elif name == "numId":
            self.lists[self._style] = local(attributes, "val"), self.lists.get(self._style, ("", 0))[1]
        elif name == "ilvl":
            self.lists[self._style] = self.lists.get(self._style, ("", 0))[0], _number(attributes)


class _Lists(_Silent):
    """Whether a level of a list is bulleted or counted."""

    def __init__(self) -> None:
        self._abstract: dict[tuple[str, int], str] = {}
        self._of: dict[str, str] = {}
        self.restarting: set[str] = set()
        self._list, self._number, self._level = "", "", 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "abstractNum":
            self._list, self._number = local(attributes, "abstractNumId"), ""
        elif name == "num":
            self._number = local(attributes, "numId")
        elif name == "abstractNumId" and self._number:
            self._of[self._number] = local(attributes, "val")
        elif name == "startOverride":
            self.restarting.add(self._number)
        elif name == "lvl":
            self._level = _number(attributes, "ilvl")
        elif name == "numFmt" and not self._number:
            self._abstract[self._list, self._level] = local(attributes, "val")

    def kind(self, number: str, level: int) -> str:
        """Return ul, ol, or nothing for a paragraph that stands in no list."""
        if number in ("", "0"):
            return ""
        form = self._abstract.get((self._of.get(number, ""), level), "bullet")
        return "ul" if form == "bullet" else "" if form == "none" else "ol"


class _Comments(_Silent):
    """Who noted what in the margin."""

    def __init__(self) -> None:
        self.found: list[list[str]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "comment":
            self.found.append([*(local(attributes, one) for one in ("id", "author", "date")), ""])
        elif name == "p" and self.found and self.found[-1][3]:
            self.found[-1][3] += "\n"

    def data(self, text: str) -> None:
        if self.found:
            self.found[-1][3] += text


class _Body:
    """Writes the flat list."""

    def __init__(self, limits: Limits, styles: _Styles, lists: _Lists, links: dict[str, str]) -> None:
        self.tokens: list[Token] = []
        self.changes: list[list[str]] = []
        self._most = limits.text_chars
        self._styles, self._lists, self._links = styles, lists, links
        self._path: list[str] = []
        self._properties = 0
        self._skipping = 0
        self._open: list[int] = []  # changes around the place we are at
        self._paragraphs: list[Token] = []
        self._looks: list[int] = []
        self._controls: list[list[Any]] = []
        self._names: dict[str, str] = {}
        self._fields: list[list[str]] = []  # state, instruction
        self._ends: list[str] = []  # how each hyperlink or simple field ends
        self._choices: list[bool] = []
        self._used: set[str] = set()
        self._starts: dict[str, Callable[[Attributes], None]] = {
            "p": self._paragraph, "r": self._run, "tbl": lambda _: self._say("tbl"), "tr": lambda _: self._say("tr", False, -1),
            "tc": lambda _: self._say("tc", 1, ""), "txbxContent": lambda _: self._say("box"), "sdt": self._control,
            "sdtContent": self._control_content, "bookmarkStart": self._bookmark, "bookmarkEnd": self._bookmark_end,
            "commentRangeStart": self._comment, "commentReference": self._comment, "docPr": self._picture,
            "hyperlink": self._link, "fldSimple": self._simple_field, "fldChar": self._field,
            "AlternateContent": lambda _: self._choices.append(False),
        }  # fmt: skip

    def _say(self, *token: Any) -> None:
        self.tokens.append(list(token))

    # -- what an XML walk tells ---------------------------------------------------------------------------------------

    def start(self, name: str, attributes: Attributes) -> None:
        if self._skipping or name in _SKIPPED or (name == "Choice" and self._is_second_choice()):
            self._skipping += 1
            return
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        if name in _PROPERTIES:
            self._properties += 1
        elif self._properties:
            self._property(name, parent, attributes)
        elif name in _CHANGES:
            self._open.append(self._change(name, attributes))
        elif name in _CHARACTERS and parent == "r":
            self._text(_CHARACTERS[name])
        elif (act := self._starts.get(name)) is not None:
            act(attributes)

    def end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
            return
        self._path.pop()
        if name in _PROPERTIES:
            self._properties -= 1
        elif self._properties:
            return
        elif name in _CHANGES:
            self._open.pop()
        elif name == "p":
            self._end_paragraph()
        elif name == "r":
            self._looks.pop()
        elif name == "AlternateContent":
            self._choices.pop()
        else:
            self._end_envelope(name)

    def _end_envelope(self, name: str) -> None:
        if name in ("tbl", "tr", "tc"):
            self._say(f"/{name}")
        elif name == "txbxContent":
            self._say("/box")
        elif name == "sdtContent":
            self._say("/m", "sdt", self._controls[-1][0])
        elif name == "sdt":
            self._controls.pop()
        elif name in ("hyperlink", "fldSimple"):
            self._say(self._ends.pop())

    def data(self, text: str) -> None:
        inside = self._path[-1] if self._path else ""
        if self._skipping or inside not in ("t", "delText", "instrText"):
            return
        if inside == "t":
            self._text(text)
        elif inside == "delText":
            self._deleted(text)
        elif self._fields and self._fields[-1][0] == "begin":
            self._fields[-1][1] += text

    def _is_second_choice(self) -> bool:
        if not self._choices:
            return False
        second = self._choices[-1]
        self._choices[-1] = True
        return second

    # -- properties ---------------------------------------------------------------------------------------------------

    def _property(self, name: str, parent: str, attributes: Attributes) -> None:
        inside = next(one for one in reversed(self._path[:-1]) if one in _PROPERTIES)
        if inside == "sdtPr" or "sdtPr" in self._path:
            self._control_property(name, attributes)
        elif "pPr" in self._path:
            self._paragraph_property(name, parent, attributes)
        elif inside == "rPr" and parent == "rPr" and self._looks:
            self._run_property(name, attributes)
        elif inside in ("trPr", "tcPr"):
            self._cell_property(name, attributes)

    def _control_property(self, name: str, attributes: Attributes) -> None:
        if name == "tag" and self._controls:
            self._controls[-1][0] = local(attributes, "val")
        elif name == "showingPlcHdr" and self._controls:
            self._controls[-1][1] = local(attributes, "val") not in _OFF

    def _paragraph_property(self, name: str, parent: str, attributes: Attributes) -> None:
        paragraph = self._paragraphs[-1]
        if name == "pStyle":
            style = local(attributes, "val")
            paragraph[1] = self._styles.names.get(style, "")
            if style in self._styles.lists and paragraph[2] is None:
                paragraph[2] = ["", *self._styles.lists[style]]
        elif name in ("ilvl", "numId"):
            paragraph[2] = paragraph[2] or ["", "", 0]
            paragraph[2][1 if name == "numId" else 2] = (
                local(attributes, "val") if name == "numId" else _number(attributes)
            )
        elif name == "ind":
            paragraph[3] = _number(attributes, "left") or _number(attributes, "start")
        elif name in _CHANGES and parent == "rPr":
            paragraph[4] = self._change(name, attributes)

    def _run_property(self, name: str, attributes: Attributes) -> None:
        look = {"b": _BOLD, "i": _ITALIC}.get(name, 0)
        if name == "rStyle":
            look = _LOOKS.get(self._styles.names.get(local(attributes, "val"), ""), 0)
        if look and local(attributes, "val") not in _OFF | ({""} if name == "rStyle" else set()):
            self._looks[-1] |= look

    def _cell_property(self, name: str, attributes: Attributes) -> None:
        opened = next((one for one in reversed(self.tokens) if one[0] in ("tr", "tc")), None)
        if opened is None:
            return
        if opened[0] == "tc" and name == "gridSpan":
            opened[1] = max(1, min(_number(attributes), 1000))
        elif opened[0] == "tc" and name == "vMerge":
            opened[2] = "restart" if local(attributes, "val") == "restart" else "continue"
        elif opened[0] == "tr" and name == "tblHeader":
            opened[1] = local(attributes, "val") not in _OFF
        elif opened[0] == "tr" and name in _CHANGES:
            opened[2] = self._change(name, attributes)

    # -- what begins --------------------------------------------------------------------------------------------------

    def _paragraph(self, _: Attributes) -> None:
        self._say("p", "", None, 0, -1)
        self._paragraphs.append(self.tokens[-1])

    def _end_paragraph(self) -> None:
        if place := self._paragraphs.pop()[2]:
            kind, number, level = self._lists.kind(place[1], place[2]), place[1], place[2]
            # A list begins anew with the first use of a number that counts anew; LibreOffice uses it for that item alone.
            place[:] = [kind, level, number in self._lists.restarting - self._used]
            self._used.add(number)
        self._say("/p")

    def _run(self, _: Attributes) -> None:
        self._looks.append(0)

    def _text(self, text: str) -> None:
        if self._fields and self._fields[-1][0] == "begin":
            return
        self._spend(text)
        if any(self.changes[one][0] in ("del", "moveFrom") for one in self._open):
            self._say("d", text, self._open[-1])
            return
        look, change = self._looks[-1] if self._looks else 0, self._open[-1] if self._open else -1
        last = self.tokens[-1] if self.tokens else [""]
        if last[0] == "t" and last[2:] == [look, change] and len(last[1]) < _JOINED:
            last[1] += text
        else:
            self._say("t", text, look, change)

    def _deleted(self, text: str) -> None:
        self._spend(text)
        if self._open:
            self._say("d", text, self._open[-1])

    def _spend(self, text: str) -> None:
        self._most -= len(text)
        if self._most < 0:
            raise TooLarge("文章が長すぎるため読み取れません。ファイルを分けてください。")

    def _change(self, what: str, attributes: Attributes) -> int:
        change = [what, local(attributes, "author"), local(attributes, "date")]
        if not self.changes or self.changes[-1] != change:
            self.changes.append(change)
        return len(self.changes) - 1

    def _control(self, _: Attributes) -> None:
        self._controls.append(["", False])

    def _control_content(self, _: Attributes) -> None:
        if self._controls:
            self._say("m", "sdt", *self._controls[-1])

    def _bookmark(self, attributes: Attributes) -> None:
        name = local(attributes, "name")
        if _OURS.match(name):
            self._names[local(attributes, "id")] = name
            self._say("m", "bm", name, False)

    def _bookmark_end(self, attributes: Attributes) -> None:
        if name := self._names.pop(local(attributes, "id"), ""):
            self._say("/m", "bm", name)

    def _comment(self, attributes: Attributes) -> None:
        self._say("c", local(attributes, "id"))

    def _picture(self, attributes: Attributes) -> None:
        self._say("img", local(attributes, "descr"))

    def _link(self, attributes: Attributes) -> None:
        self._say("a", self._links.get(local(attributes, "id"), ""))
        self._ends.append("/a")

    def _simple_field(self, attributes: Attributes) -> None:
        self._begin_field(local(attributes, "instr"))
        self._ends.append("/a" if self.tokens[-1][0] == "a" else "/f")

    def _begin_field(self, instruction: str) -> None:
        link = _LINK.match(instruction)
        self._say(*(("a", link[1]) if link else ("f",)))

    def _field(self, attributes: Attributes) -> None:
        what = local(attributes, "fldCharType")
        if what == "begin":
            self._fields.append(["begin", ""])
        elif what == "separate" and self._fields and self._fields[-1][0] == "begin":
            self._begin_field(self._fields[-1][1])
            self._fields[-1][0] = "/a" if self.tokens[-1][0] == "a" else "/f"
        elif what == "end" and self._fields:
            state, _ = self._fields.pop()
            if state != "begin":
                self._say(state)


def _number(attributes: Attributes, name: str = "val") -> int:
    text = local(attributes, name)
    return int(text) if text.isdecimal() and len(text) < 10 else 0
