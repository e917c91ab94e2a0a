"""What changed between two contents, field by field, in words a person reads (not letter salad).

Japanese has no blanks between words, so the pieces compared inside a line are runs of one script (漢字, ひらがな, カタカナ,
letters, digits); reference/WORD.md section 5 measured this against characters and a dictionary.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Literal

from portal.kinds.kind import Content, Kind

Op = Literal["same", "added", "removed"]

_RUNS = re.compile(
    r"[一-鿿々〆ヵヶ\U00020000-\U0003ffff]+|[ぁ-んー]+|[ァ-ヺー]+|[A-Za-zＡ-Ｚａ-ｚ]+|[0-9０-９]+|\s+|.", re.DOTALL
)
_EFFORT = 600_000
"""Pairs of equal lines or runs that one comparison may look at; beyond it, a changed stretch is shown removed and added whole."""
CONTEXT = 1
"""Unchanged lines shown around a change."""


@dataclass(frozen=True)
class Piece:
    """A run of text that stayed, came or went."""

    op: Op
    text: str


@dataclass(frozen=True)
class Line:
    """One line of the difference; `skipped` counts unchanged lines left out before it."""

    pieces: tuple[Piece, ...]
    skipped: int = 0


@dataclass(frozen=True)
class FieldChange:
    """One field that differs, with its text before and after."""

    name: str
    label: str
    before: str
    after: str
    lines: tuple[Line, ...]


def compare(kind: Kind, before: Content, after: Content) -> list[FieldChange]:
    """Return the fields that differ, in the order of the form; the title comes first."""
    texts = [("title", "題名", before.title, after.title)]
    for name, one in kind.fields.items():
        old = one.text(before.fields[name]) if name in before.fields else ""
        new = one.text(after.fields[name]) if name in after.fields else ""
        if old == new and before.fields.get(name) != after.fields.get(name):
            new += "（書式の変更）"
        texts.append((name, one.label, old, new))
    return [FieldChange(name, label, old, new, lines(old, new)) for name, label, old, new in texts if old != new]


def lines(before: str, after: str) -> tuple[Line, ...]:
    """Compare two texts line by line, and changed lines run by run."""
    old, new = before.split("\n") if before else [], after.split("\n") if after else []
    effort = _Effort()
    found: list[Line] = []
    for op, i1, i2, j1, j2 in _opcodes(old, new, effort):
        if op == "equal":
            found += [Line((Piece("same", text),)) for text in old[i1:i2]]
        elif op == "replace" and i2 - i1 == j2 - j1:
            found += [Line(_pieces(a, b, effort)) for a, b in zip(old[i1:i2], new[j1:j2], strict=True)]
        else:
            found += [Line((Piece("removed", text),)) for text in old[i1:i2]]
            found += [Line((Piece("added", text),)) for text in new[j1:j2]]
    return _shortened(found)


def _pieces(before: str, after: str, effort: "_Effort") -> tuple[Piece, ...]:
    old, new = _RUNS.findall(before), _RUNS.findall(after)
    pieces: list[Piece] = []
    for op, i1, i2, j1, j2 in _opcodes(old, new, effort):
        if op == "equal":
            pieces.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(Piece("removed", "".join(old[i1:i2])))
        if j1 < j2:
            pieces.append(Piece("added", "".join(new[j1:j2])))
    return tuple(pieces)


class _Effort:
    """What is left to spend on one comparison: a long text full of the same words must not keep a reader waiting."""

    def __init__(self) -> None:
        self.left = _EFFORT

    def allows(self, old: Counter[str], new: Counter[str]) -> bool:
        """Say whether comparing these is within what is left, and spend it."""
        pairs = sum(count * new[item] for item, count in old.items())
        if pairs > self.left:
            return False
        self.left -= pairs
        return True


Opcode = tuple[str, int, int, int, int]


def _opcodes(old: Sequence[str], new: Sequence[str], effort: _Effort) -> Iterator[Opcode]:
    """Yield difflib's opcodes; what both begin and end with is set apart first, since most edits are small."""
    head = _in_common(old, new)
    tail = _in_common(old[head:][::-1], new[head:][::-1])
    i2, j2 = len(old) - tail, len(new) - tail
    if head:
        yield "equal", 0, head, 0, head
    for op, a1, a2, b1, b2 in _middle(old[head:i2], new[head:j2], effort):
        yield op, head + a1, head + a2, head + b1, head + b2
    if tail:
        yield "equal", i2, len(old), j2, len(new)


def _in_common(old: Sequence[str], new: Sequence[str]) -> int:
    both = takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))
    return sum(1 for _ in both)


def _middle(old: Sequence[str], new: Sequence[str], effort: _Effort) -> Sequence[Opcode]:
    if not old and not new:
        return []
    whole = [("replace" if old and new else "delete" if old else "insert", 0, len(old), 0, len(new))]
    if not old or not new or len(old) == len(new) == 1:
        return whole
    counted, wanted = Counter(old), Counter(new)
    if effort.allows(counted, wanted):
        return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    # difflib's own way out: what occurs everywhere is not looked at.
    rare = Counter({item: count for item, count in wanted.items() if count <= 1 + len(new) // 100})
    if len(new) >= 200 and effort.allows(counted, rare):
        return SequenceMatcher(None, old, new, autojunk=True).get_opcodes()
    return whole


def _shortened(found: list[Line]) -> tuple[Line, ...]:
    changed = [n for n, line in enumerate(found) if any(piece.op != "same" for piece in line.pieces)]
    near = {n + step for n in changed for step in range(-CONTEXT, CONTEXT + 1)}
    shown, skipped = [], 0
    for n, line in enumerate(found):
        if n in near:
            shown.append(Line(line.pieces, skipped))
            skipped = 0
        else:
            skipped += 1
    return tuple(shown)
