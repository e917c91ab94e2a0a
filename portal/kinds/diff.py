"""What changed between two contents, field by field, in words a person reads (not letter salad).

Japanese has no blanks between words. Whoever has a dictionary hands in its `cut`; without one, and when there is too much
text for it, the pieces compared inside a line are runs of one script (漢字, ひらがな, カタカナ, letters, digits). Screen, API and
見え消し all use these functions, so they name the same words. See docs/decisions/0007.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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
_DICTIONARY = 60_000
"""Characters of changed lines one comparison cuts by the dictionary; script runs are ten times as quick and do for the rest."""
_ALIKE = 0.5
"""Two lines that share this much (Dice, pairs of characters) are one line that was changed."""
_KEPT = 0.25
"""When less than this of a changed line stayed, its words are not taken apart: nobody reads the few that happen to be equal."""
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


Cut = Callable[[str], Sequence[str]]
"""Cuts a text into words; joined they are the text again."""
Pair = tuple[int | None, int | None]
"""Numbers of an old and a new line that stand side by side; None where one has no partner."""


def script_runs(text: str) -> list[str]:
    """Cut a text into runs of one script."""
    return _RUNS.findall(text)


class Effort:
    """What is left to spend on one comparison: a long text full of the same words must not keep a reader waiting."""

    def __init__(self, cut: Cut = script_runs) -> None:
        self.left, self.letters, self._cut = _EFFORT, _DICTIONARY, cut

    def allows(self, pairs: int) -> bool:
        """Say whether so many pairs are within what is left, and spend them."""
        if pairs > self.left:
            return False
        self.left -= pairs
        return True

    def cut(self, before: str, after: str) -> tuple[Sequence[str], Sequence[str]]:
        """Cut both sides of a line the same way: by the dictionary while the text is not too long."""
        self.letters -= len(before) + len(after)
        cut = self._cut if self.letters >= 0 else script_runs
        return cut(before), cut(after)


def compare(kind: Kind, before: Content, after: Content, cut: Cut = script_runs) -> list[FieldChange]:
    """Return the fields that differ, in the order of the form; the title comes first."""
    texts = [("title", "題名", before.title, after.title)]
    for name, one in kind.fields.items():
        old = one.text(before.fields[name]) if name in before.fields else ""
        new = one.text(after.fields[name]) if name in after.fields else ""
        if old == new and before.fields.get(name) != after.fields.get(name):
            new += "（書式の変更）"
        texts.append((name, one.label, old, new))
    return [FieldChange(name, label, old, new, lines(old, new, cut)) for name, label, old, new in texts if old != new]


def lines(before: str, after: str, cut: Cut = script_runs) -> tuple[Line, ...]:
    """Compare two texts line by line, and changed lines word by word."""
    old, new = before.split("\n") if before else [], after.split("\n") if after else []
    effort = Effort(cut)
    found: list[Line] = []
    for i, j in align(old, new, effort):
        if i is None or j is None:
            text = old[i] if i is not None else new[j or 0]
            found.append(Line((Piece("added" if i is None else "removed", text),)))
        else:
            found.append(Line(pieces(old[i], new[j], effort)))
    return _shortened(found)


def align(old: Sequence[str], new: Sequence[str], effort: Effort) -> list[Pair]:
    """Put lines side by side: equal ones, those much alike, and what stands alone between such; the rest has no partner."""
    found: list[Pair] = []
    for op, i1, i2, j1, j2 in _opcodes(old, new, effort):
        if op == "equal":
            found += zip(range(i1, i2), range(j1, j2), strict=True)
            continue
        a, b = i1, j1
        for i, j in [*_alike(old[i1:i2], new[j1:j2], effort), (i2 - i1, j2 - j1)]:
            found += _between(a, i1 + i, b, j1 + j)
            found += [(i1 + i, j1 + j)] if i1 + i < i2 and j1 + j < j2 else []
            a, b = i1 + i + 1, j1 + j + 1
    return found


def _between(i1: int, i2: int, j1: int, j2: int) -> Iterator[Pair]:
    """Pair as many old lines as new ones; if their numbers differ, nobody can say which became which."""
    if i2 - i1 == j2 - j1:
        yield from zip(range(i1, i2), range(j1, j2), strict=True)
    else:
        yield from ((i, None) for i in range(i1, i2))
        yield from ((None, j) for j in range(j1, j2))


def _alike(old: Sequence[str], new: Sequence[str], effort: Effort) -> list[tuple[int, int]]:
    """Return the pairs of lines that share most, in order of both texts, by dynamic programming."""
    if len(old) == len(new) == 1 or not effort.allows(len(old) * sum(map(len, new)) + len(new) * sum(map(len, old))):
        return []
    ours, theirs = [_twos(line) for line in old], [_twos(line) for line in new]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    shared = [[_dice(a, b) for b in theirs] for a in ours]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            together = shared[i][j] + best[i + 1][j + 1] if shared[i][j] >= _ALIKE else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if shared[i][j] >= _ALIKE and best[i][j] == shared[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _twos(line: str) -> Counter[str]:
    return Counter(line[n : n + 2] for n in range(len(line)))


def _dice(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 1.0


def pieces(before: str, after: str, effort: Effort) -> tuple[Piece, ...]:
    """Return the words of a line that stayed, went and came."""
    if before == after:
        return (Piece("same", after),)
    old, new = effort.cut(before, after)
    found: list[Piece] = []
    for op, i1, i2, j1, j2 in _opcodes(old, new, effort):
        if op == "equal":
            found.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i1 < i2:
            found.append(Piece("removed", "".join(old[i1:i2])))
        if j1 < j2:
            found.append(Piece("added", "".join(new[j1:j2])))
    kept = sum(len(piece.text) for piece in found if piece.op == "same")
    if 2 * kept < _KEPT * (len(before) + len(after)):
        found = [Piece("removed", before), Piece("added", after)]
    return tuple(piece for piece in found if piece.text)


Opcode = tuple[str, int, int, int, int]


def _opcodes(old: Sequence[str], new: Sequence[str], effort: Effort) -> Iterator[Opcode]:
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


def _middle(old: Sequence[str], new: Sequence[str], effort: Effort) -> Sequence[Opcode]:
    if not old and not new:
        return []
    whole = [("replace" if old and new else "delete" if old else "insert", 0, len(old), 0, len(new))]
    if not old or not new or len(old) == len(new) == 1:
        return whole
    counted, wanted = Counter(old), Counter(new)
    if effort.allows(_pairs(counted, wanted)):
        return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    # difflib's own way out: what occurs everywhere is not looked at.
    rare = Counter({item: count for item, count in wanted.items() if count <= 1 + len(new) // 100})
    if len(new) >= 200 and effort.allows(_pairs(counted, rare)):
        return SequenceMatcher(None, old, new, autojunk=True).get_opcodes()
    return whole


def _pairs(old: Counter[str], new: Counter[str]) -> int:
    return sum(count * new[item] for item, count in old.items())


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
