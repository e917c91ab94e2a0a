"""What changed between two contents, field by field, in words a person reads (not letter salad).

Japanese has no blanks between words, so the pieces compared inside a line are runs of one script (漢字, ひらがな, カタカナ,
letters, digits); reference/WORD.md section 5 measured this against characters and a dictionary.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from portal.kinds.kind import Content, Kind

Op = Literal["same", "added", "removed"]

_RUNS = re.compile(
    r"[一-鿿々〆ヵヶ\U00020000-\U0003ffff]+|[ぁ-んー]+|[ァ-ヺー]+|[A-Za-zＡ-Ｚａ-ｚ]+|[0-9０-９]+|\s+|.", re.DOTALL
)
_TOO_LONG = 3000
"""Runs in one line beyond which it is shown as removed and added whole."""
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
    found: list[Line] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=len(old) > 500).get_opcodes():
        if op == "equal":
            found += [Line((Piece("same", text),)) for text in old[i1:i2]]
        elif op == "replace" and i2 - i1 == j2 - j1:
            found += [Line(_pieces(a, b)) for a, b in zip(old[i1:i2], new[j1:j2], strict=True)]
        else:
            found += [Line((Piece("removed", text),)) for text in old[i1:i2]]
            found += [Line((Piece("added", text),)) for text in new[j1:j2]]
    return _shortened(found)


def _pieces(before: str, after: str) -> tuple[Piece, ...]:
    old, new = _RUNS.findall(before), _RUNS.findall(after)
    if len(old) > _TOO_LONG or len(new) > _TOO_LONG:
        return (Piece("removed", before), Piece("added", after))
    pieces: list[Piece] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(Piece("removed", "".join(old[i1:i2])))
        if j1 < j2:
            pieces.append(Piece("added", "".join(new[j1:j2])))
    return tuple(pieces)


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
