"""The letters of a paragraph, each with the look it has, and the paragraph written again with what stayed, went and came."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from lxml import etree

from portal.kinds.diff import Effort, Op, pieces
from portal.word.markup import is_a, serialise, w

THING = "\ufffc"
"""Stands for what is no letter: a picture, a field, a link."""
_LETTERS = {w("br"): "\n", w("tab"): "\t"}
_SKIPPED = {w(name) for name in ("pPr", "rPr", "proofErr", "lastRenderedPageBreak", "bookmarkStart", "bookmarkEnd")}
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(slots=True, eq=False)  # one for each letter of a changed paragraph: made quickly, never changed
class Letter:
    """One letter or thing: how it looks, as text to compare and as node to copy."""

    text: str
    look: str = ""
    properties: etree._Element | None = None
    thing: etree._Element | None = None
    thing_text: str = ""

    def same_as(self, other: "Letter") -> bool:
        """Say whether two letters print alike."""
        return (self.text, self.look, self.thing_text) == (other.text, other.look, other.thing_text)


def content_of(paragraph: etree._Element) -> list[etree._Element]:
    """Return what a paragraph holds, without its properties."""
    return [child for child in paragraph if not is_a(child, "pPr")]


def letters_of(paragraph: etree._Element) -> list[Letter]:
    """Return every letter and thing of a paragraph, in order."""
    return [letter for child in paragraph if child.tag not in _SKIPPED for letter in _letters_in(child)]


def text_of(paragraph: etree._Element) -> str:
    """Return the letters of a paragraph as text."""
    shown: list[str] = []
    for child in paragraph:
        if is_a(child, "r"):
            shown += (_text_in(part) for part in child if part.tag not in _SKIPPED)
        elif child.tag not in _SKIPPED:
            shown.append(THING)
    return "".join(shown)


def _text_in(part: etree._Element) -> str:
    if is_a(part, "t"):
        return part.text or ""
    return THING if part.attrib else _LETTERS.get(str(part.tag), THING)


def _letters_in(child: etree._Element) -> Iterator[Letter]:
    if not is_a(child, "r"):
        yield Letter(THING, thing=child, thing_text=serialise(child))
        return
    properties = child.find(w("rPr"))
    look = "" if properties is None or not len(properties) else serialise(properties)
    for part in child:
        if is_a(part, "t"):
            yield from (Letter(letter, look, properties) for letter in part.text or "")
        elif part.tag in _LETTERS and not part.attrib:
            yield Letter(_LETTERS[str(part.tag)], look, properties)
        elif part.tag not in _SKIPPED:
            alone = etree.Element(w("r"))
            if properties is not None:
                alone.append(copy.deepcopy(properties))
            alone.append(copy.deepcopy(part))
            yield Letter(THING, look, properties, alone, serialise(part))


Change = tuple[Op, Sequence[Letter]]


def compared(before: Sequence[Letter], after: Sequence[Letter], effort: Effort) -> list[Change]:
    """Return the stretches of a paragraph that stayed, went and came; a word that only looks different went and came."""
    found: list[Change] = []
    i = j = 0
    for piece in pieces("".join(one.text for one in before), "".join(one.text for one in after), effort):
        size = len(piece.text)
        if piece.op == "removed":
            found.append(("removed", before[i : i + size]))
            i += size
        elif piece.op == "added":
            found.append(("added", after[j : j + size]))
            j += size
        else:
            found += _looked_at(before[i : i + size], after[j : j + size])
            i, j = i + size, j + size
    return found


def _looked_at(before: Sequence[Letter], after: Sequence[Letter]) -> Iterator[Change]:
    pairs = zip(before, after, strict=True)
    for alike, both in groupby(pairs, lambda pair: pair[0].same_as(pair[1])):
        old, new = zip(*both, strict=True)
        if alike:
            yield "same", new
        else:
            yield "removed", old
            yield "added", new


def as_runs(letters: Sequence[Letter], *, kept: bool) -> list[etree._Element]:
    """Return letters as runs; a thing that is not `kept` as it is becomes runs, for only runs can go or come."""
    found: list[etree._Element] = []
    for (look, is_thing), group in groupby(letters, lambda one: (one.look, one.thing is not None)):
        together = list(group)
        if not is_thing:
            found.append(_run(together, together[0].properties if look else None))
            continue
        for one in together:
            assert one.thing is not None
            found += [copy.deepcopy(one.thing)] if kept else _runs_of(one.thing)
    return found


def _run(letters: Sequence[Letter], properties: etree._Element | None) -> etree._Element:
    run = etree.Element(w("r"))
    if properties is not None:
        run.append(copy.deepcopy(properties))
    for is_text, group in groupby(letters, lambda one: one.text not in "\n\t"):
        together = "".join(one.text for one in group)
        if is_text:
            etree.SubElement(run, w("t"), {_SPACE: "preserve"}).text = together
        else:
            for letter in together:
                etree.SubElement(run, w("br" if letter == "\n" else "tab"))
    return run


def _runs_of(thing: etree._Element) -> list[etree._Element]:
    if is_a(thing, "r"):
        return [copy.deepcopy(thing)]
    inner = [copy.deepcopy(run) for run in thing.iter(w("r"))]
    if not is_a(thing, "fldSimple"):
        return inner
    instruction = _field_run("instrText")
    instruction[0].text = thing.get(w("instr"), "")
    instruction[0].set(_SPACE, "preserve")
    return [
        _field_run("fldChar", "begin"),
        instruction,
        _field_run("fldChar", "separate"),
        *inner,
        _field_run("fldChar", "end"),
    ]


def _field_run(name: str, kind: str = "") -> etree._Element:
    run = etree.Element(w("r"))
    etree.SubElement(run, w(name), {w("fldCharType"): kind} if kind else {})
    return run
