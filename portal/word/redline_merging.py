"""Two filled forms become one that shows both: paragraphs and tables side by side, what has no partner went or came.

The end of a paragraph is a character of its own in Word: where it goes, the paragraph runs together with the next one. The last
paragraph before a table and the last one of a cell cannot go, so where several went there, the end of the paragraph before them
goes in their place and the last of them keeps its own.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from lxml import etree

from portal.kinds.diff import Effort, Pair, align
from portal.word.markup import is_a, nodes, parse_blocks, serialise, strings, w
from portal.word.redline_letters import Change, as_runs, compared, content_of, letters_of, text_of
from portal.word.redline_pens import Pen, style_of
from portal.word.rich import TAIL
from portal.word.tables import cells_of, column_count, fit_to_grid, own_rows

_TABLE = "\ue000"
"""Begins the words a table is found by, so that none is taken for a paragraph."""
Gone = Literal["removed", "added"]
Blocks = Sequence[etree._Element]


def flatten(root: etree._Element) -> etree._Element:
    """Take controls and bookmarks off a part: LibreOffice loses changes in a control, and names may stand in a file once."""
    for control in list(root.iter(w("sdt"))):
        parent, content = control.getparent(), control.find(w("sdtContent"))
        if parent is not None:
            place = parent.index(control)
            parent[place : place + 1] = [] if content is None else list(content)
    for mark in list(root.iter(w("bookmarkStart"), w("bookmarkEnd"))):
        parent = mark.getparent()
        if parent is not None:
            parent.remove(mark)
    return root


@dataclass
class Merger:
    """Merges parts with one pen; what it may spend on comparing is for the whole document."""

    pen: Pen
    effort: Effort

    def part(self, old: etree._Element, new: etree._Element) -> etree._Element:
        """Return a flattened part that shows both."""
        body = new.find(w("body"))
        before = old.find(w("body"))
        self._container(old if before is None else before, new if body is None else body)
        return new

    def _container(self, old: etree._Element, new: etree._Element) -> None:
        """Put both contents into a body, cell, header or footer of the new file."""
        ours, theirs = _blocks(old), _blocks(new)
        place = new.index(theirs[0]) if theirs else len(new)
        merged = self._blocks(ours, theirs)
        for block in theirs:
            if block.getparent() is new:
                new.remove(block)
        new[place:place] = merged

    def _blocks(self, old: Blocks, new: Blocks) -> list[etree._Element]:
        pairs = [pair for one in align(_keys(old), _keys(new), self.effort) for pair in _of_one_kind(one, old, new)]
        found: list[etree._Element] = []
        stretches = [list(group) for _, group in groupby(pairs, lambda pair: _is_table(pair, old, new))]
        for number, stretch in enumerate(stretches):
            if _is_table(stretch[0], old, new):
                found += self._tables(stretch, old, new)
            else:
                found += self._paragraphs(stretch, old, new, ends=number == len(stretches) - 1)
        return found

    # -- tables ------------------------------------------------------------------------------------

    def _tables(self, pairs: list[Pair], old: Blocks, new: Blocks) -> list[etree._Element]:
        found: list[etree._Element] = []
        for pair in pairs:
            i, j = pair
            if found:
                found += parse_blocks(TAIL)  # two tables that touch would become one
            if i is not None and j is not None:
                found.append(self._table(old[i], new[j]))
            else:
                found.append(self._whole_table(*_lone(pair, old, new)))
        return found

    def _whole_table(self, table: etree._Element, op: Gone) -> etree._Element:
        for row in own_rows(table):
            self._whole_row(row, op)
        return table

    def _whole_row(self, row: etree._Element, op: Gone) -> None:
        self.pen.row(row, op)
        for inner in nodes(row, ".//w:tr"):
            self.pen.row(inner, op)
        for paragraph in nodes(row, ".//w:p[not(ancestor::w:txbxContent)]"):
            self._whole(paragraph, op)
            self.pen.mark(paragraph, op)

    def _table(self, old: etree._Element, new: etree._Element) -> etree._Element:
        """Merge the rows of two tables of as many columns, in the widths of the new one."""
        ours, theirs = own_rows(old), own_rows(new)
        merged: list[etree._Element] = []
        for i, j in align([_words(row) for row in ours], [_words(row) for row in theirs], self.effort):
            if i is not None and j is not None and _shape(ours[i]) == _shape(theirs[j]):
                self._row(ours[i], theirs[j])
                merged.append(theirs[j])
                continue
            for pair in [one for one in ((i, None), (None, j)) if one != (None, None)]:
                row, op = _lone(pair, ours, theirs)
                self._whole_row(row, op)
                fit_to_grid(new, row)
                merged.append(row)
        place = new.index(theirs[0])
        for row in theirs:
            new.remove(row)
        new[place:place] = merged
        return new

    def _row(self, old: etree._Element, new: etree._Element) -> None:
        if serialise(old) != serialise(new):
            for (_, _, ours), (_, _, theirs) in zip(cells_of(old), cells_of(new), strict=True):
                self._container(ours, theirs)

    # -- paragraphs --------------------------------------------------------------------------------

    def _paragraphs(self, pairs: list[Pair], old: Blocks, new: Blocks, *, ends: bool) -> list[etree._Element]:
        """Merge paragraphs up to the next table or the end of what holds them (`ends`)."""
        pairs = _ending_together(pairs)
        last = max((n for n, (i, j) in enumerate(pairs) if i is not None and j is not None), default=-1)
        if last >= 0:
            found = [self._paragraph(pair, old, new) for pair in pairs[:last]]
            return found + self._closing(pairs[last], pairs[last + 1 :], old, new)
        found = [self._paragraph(pair, old, new) for pair in (pairs[:-1] if ends else pairs)]
        return found + ([self._left_over(pairs[-1], old, new)] if ends else [])

    def _paragraph(self, pair: Pair, old: Blocks, new: Blocks) -> etree._Element:
        i, j = pair
        if i is not None and j is not None:
            return self._changed(old[i], new[j])
        paragraph, op = _lone(pair, old, new)
        self._whole(paragraph, op)
        self.pen.mark(paragraph, op)
        return paragraph

    def _changed(self, old: etree._Element, new: etree._Element) -> etree._Element:
        self._write(new, self._compared(old, new))
        self.pen.ends(new, style_of(old), style_of(new))
        return new

    def _closing(self, pair: Pair, behind: list[Pair], old: Blocks, new: Blocks) -> list[etree._Element]:
        """Write the last pair and what went or came behind it, where the last end of a paragraph has to stay."""
        ours, theirs = old[pair[0] or 0], new[pair[1] or 0]
        if not behind:
            return [self._changed(ours, theirs)]
        rest = [_lone(one, old, new) for one in behind]
        last, op = rest[-1]
        styles = (style_of(last), style_of(theirs)) if op == "removed" else (style_of(ours), style_of(last))
        first = copy.deepcopy(ours if op == "removed" else theirs)  # it is this end that goes or comes
        self._write(first, self._compared(ours, theirs))
        for paragraph, _ in rest:
            self._whole(paragraph, op)
        for paragraph in (first, *(one for one, _ in rest[:-1])):
            self.pen.mark(paragraph, op)
        self.pen.ends(last, *styles)
        return [first, *(one for one, _ in rest)]

    def _left_over(self, pair: Pair, old: Blocks, new: Blocks) -> etree._Element:
        """Write what stands last in a cell and has no partner at all: an empty paragraph too small to see is left of it."""
        paragraph, op = _lone(pair, old, new)
        self._whole(paragraph, op)
        own, tail = style_of(paragraph), style_of(parse_blocks(TAIL)[0])
        self.pen.ends(paragraph, *((own, tail) if op == "removed" else (tail, own)))
        return paragraph

    # -- words -------------------------------------------------------------------------------------

    def _compared(self, old: etree._Element, new: etree._Element) -> list[Change] | None:
        """Return the changes in a paragraph; None when there are none."""
        if [serialise(one) for one in content_of(old)] == [serialise(one) for one in content_of(new)]:
            return None
        return compared(letters_of(old), letters_of(new), self.effort)

    def _whole(self, paragraph: etree._Element, op: Gone) -> None:
        self._write(paragraph, [(op, letters_of(paragraph))])

    def _write(self, paragraph: etree._Element, changes: list[Change] | None) -> None:
        if changes is None:
            return
        for child in content_of(paragraph):
            paragraph.remove(child)
        for op, letters in changes:
            paragraph.extend(self.pen.runs(op, as_runs(letters, kept=op == "same")))


def _lone(pair: Pair, old: Blocks, new: Blocks) -> tuple[etree._Element, Gone]:
    i, j = pair
    return (old[i], "removed") if i is not None else (new[j or 0], "added")


def _ending_together(pairs: list[Pair]) -> list[Pair]:
    """Make the last that went and the last that came one paragraph, when both stand behind the last pair."""
    last = max((n for n, (i, j) in enumerate(pairs) if i is not None and j is not None), default=-1)
    gone = [i for i, _ in pairs[last + 1 :] if i is not None]
    come = [j for _, j in pairs[last + 1 :] if j is not None]
    if not gone or not come:
        return pairs
    alone: list[Pair] = [*((i, None) for i in gone[:-1]), *((None, j) for j in come[:-1])]
    return [*pairs[: last + 1], *alone, (gone[-1], come[-1])]


# -- what stands side by side ----------------------------------------------------------------------


def _blocks(container: etree._Element) -> list[etree._Element]:
    return [child for child in container if child.tag in (w("p"), w("tbl"))]


def _keys(blocks: Blocks) -> list[str]:
    """Return what blocks are found again by: paragraphs by their words, tables by their caption or their words."""
    return [text_of(one) if is_a(one, "p") else _TABLE + (_caption(one) or _words(one)) for one in blocks]


def _caption(table: etree._Element) -> str:
    return "".join(strings(table, "w:tblPr/w:tblCaption/@w:val"))


def _words(node: etree._Element) -> str:
    return "\t".join("\n".join(map(text_of, cell.iter(w("p")))) for cell in node.iter(w("tc")))


def _of_one_kind(pair: Pair, old: Blocks, new: Blocks) -> list[Pair]:
    """Part a pair that cannot be merged: a paragraph and a table, or tables of unequal columns."""
    i, j = pair
    if i is None or j is None:
        return [pair]
    if is_a(old[i], "tbl") and is_a(new[j], "tbl"):
        fits = column_count(old[i]) == column_count(new[j])
    else:
        fits = old[i].tag == new[j].tag
    return [pair] if fits else [(i, None), (None, j)]


def _is_table(pair: Pair, old: Blocks, new: Blocks) -> bool:
    i, j = pair
    return is_a(old[i] if i is not None else new[j or 0], "tbl")


def _shape(row: etree._Element) -> list[tuple[int, list[str]]]:
    """Return how the cells of a row are merged; a cell without w:val continues the one above."""
    merges = [[str(one.attrib) for one in nodes(cell, "w:tcPr/w:vMerge")] for _, _, cell in cells_of(row)]
    return [(across, merged) for (_, across, _), merged in zip(cells_of(row), merges, strict=True)]
