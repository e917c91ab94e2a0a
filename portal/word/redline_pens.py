"""Two ways to write a change: as tracked changes a person accepts or rejects in Word, and as strike and underline for paper."""

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal, Protocol

from lxml import etree

from portal.kinds.diff import Op
from portal.word.markup import is_a, serialise, w

_JAPAN = timezone(timedelta(hours=9))
_RED, _BLUE = "C00000", "0000C0"
_LOOKS = (
    "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid vanish webHidden "
    "color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout "
    "specVanish oMath"
).split()
"""The order in which Word wants the properties of a run."""
_NOT_OF_THE_STYLE = tuple(w(name) for name in ("rPr", "sectPr", "pPrChange"))

Style = Literal["tracked", "printed"]
Properties = list[etree._Element]


@dataclass(frozen=True)
class Authorship:
    """Whose change it is: the person of the newer version, and when they saved it."""

    author: str
    moment: datetime


class Pen(Protocol):
    """Writes what stayed, went and came."""

    def runs(self, op: Op, runs: list[etree._Element]) -> list[etree._Element]:
        """Return runs as part of a paragraph."""

    def mark(self, paragraph: etree._Element, op: Op) -> None:
        """Say that the end of a paragraph went or came."""

    def ends(self, paragraph: etree._Element, was: Properties, now: Properties) -> None:
        """Say what the properties of a paragraph that stays were, and what they are."""

    def row(self, row: etree._Element, op: Op) -> None:
        """Say that a table row went or came."""


class Tracked:
    """Real tracked changes: accept all gives the new text, reject all the old one."""

    def __init__(self, by: Authorship) -> None:
        moment = by.moment.astimezone(_JAPAN) if by.moment.tzinfo else by.moment
        # Word shows the time as it stands, whatever the Z says.
        self._by = {w("author"): by.author, w("date"): moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
        self._last_id = 0

    def _change(self, name: str) -> etree._Element:
        self._last_id += 1
        return etree.Element(w(name), {w("id"): str(self._last_id), **self._by})

    def runs(self, op: Op, runs: list[etree._Element]) -> list[etree._Element]:
        if op == "same" or not runs:
            return runs
        change = self._change("ins" if op == "added" else "del")
        change.extend(runs)
        if op == "removed":
            for text in change.iter(w("t"), w("instrText")):
                text.tag = w("delText") if is_a(text, "t") else w("delInstrText")
        return [change]

    def mark(self, paragraph: etree._Element, op: Op) -> None:
        properties = _properties(paragraph)
        look = properties.find(w("rPr"))
        if look is None:
            look = etree.Element(w("rPr"))
            after = [child for child in properties if child.tag in (w("sectPr"), w("pPrChange"))]
            properties.append(look) if not after else after[0].addprevious(look)
        look.insert(0, self._change("ins" if op == "added" else "del"))

    def ends(self, paragraph: etree._Element, was: Properties, now: Properties) -> None:
        changed = [serialise(one) for one in was] != [serialise(one) for one in now]
        _set_style(paragraph, now)
        if changed:
            change = self._change("pPrChange")
            etree.SubElement(change, w("pPr")).extend(was)
            _properties(paragraph).append(change)

    def row(self, row: etree._Element, op: Op) -> None:
        properties = row.find(w("trPr"))
        if properties is None:
            properties = etree.Element(w("trPr"))
            # The format wants something before the change.
            etree.SubElement(properties, w("cantSplit"), {w("val"): "off"})
            row.insert(1 if len(row) and is_a(row[0], "tblPrEx") else 0, properties)
        properties.append(self._change("ins" if op == "added" else "del"))


class Printed:
    """The same for paper: what went is red and struck, what came is blue and underlined."""

    def runs(self, op: Op, runs: list[etree._Element]) -> list[etree._Element]:
        if op != "same":
            looks = {"strike": "", "color": _RED} if op == "removed" else {"color": _BLUE, "u": "single"}
            for run in (found for one in runs for found in one.iter(w("r"))):
                _dress(run, looks)
        return runs

    def mark(self, paragraph: etree._Element, op: Op) -> None:
        """Nothing: on paper a paragraph that went stands there, struck."""

    def ends(self, paragraph: etree._Element, was: Properties, now: Properties) -> None:
        """Nothing: paper shows each paragraph as it was written."""

    def row(self, row: etree._Element, op: Op) -> None:
        """Nothing: the words of the row say it."""


def style_of(paragraph: etree._Element) -> Properties:
    """Return copies of what a change of paragraph properties remembers."""
    properties = paragraph.find(w("pPr"))
    return [
        copy.deepcopy(one) for one in (() if properties is None else properties) if one.tag not in _NOT_OF_THE_STYLE
    ]


def _set_style(paragraph: etree._Element, style: Properties) -> None:
    properties = _properties(paragraph)
    kept = [one for one in properties if one.tag in _NOT_OF_THE_STYLE]
    properties[:] = [*style, *kept]
    if not len(properties):
        paragraph.remove(properties)


def _properties(paragraph: etree._Element) -> etree._Element:
    found = paragraph.find(w("pPr"))
    if found is None:
        found = etree.Element(w("pPr"))
        paragraph.insert(0, found)
    return found


def _dress(run: etree._Element, looks: dict[str, str]) -> None:
    properties = run.find(w("rPr"))
    if properties is None:
        properties = etree.Element(w("rPr"))
        run.insert(0, properties)
    for name, value in looks.items():
        for old in properties.findall(w(name)):
            properties.remove(old)
        later = {w(one) for one in _LOOKS[_LOOKS.index(name) + 1 :]}
        place = next((index for index, one in enumerate(properties) if one.tag in later), len(properties))
        properties.insert(place, etree.Element(w(name), {w("val"): value} if value else {}))
