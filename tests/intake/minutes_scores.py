"""How answers are compared with gold labels: right, wrong, missed, invented, and what is tolerated either way."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from portal.intake.minutes import DEFAULT_CONFIDENCE, FIELDS, Minutes
from portal.intake.minutes.days import find_moments

_LEAD = re.compile(r"^(?:[・●○◯■□◆◇▼☆★※\-–*＊→]|[(（]?[0-9]{1,2}[)）.、]|[①-⑳])+\s*")
_LONG = frozenset(("内容", "次回"))


@dataclass
class Score:
    """Counts of one field, or of several together."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    invented: int = 0
    slips: list[str] = field(default_factory=list)

    def add(self, verdict: str, slip: str) -> None:
        setattr(self, verdict, getattr(self, verdict) + 1)
        if verdict != "right":
            self.slips.append(f"{verdict:8} {slip}")

    @property
    def present(self) -> int:
        return self.right + self.wrong + self.missed

    @property
    def found(self) -> float:
        return self.right / self.present if self.present else 1.0

    @property
    def false(self) -> float:
        answers = self.right + self.wrong + self.invented
        return (self.wrong + self.invented) / answers if answers else 0.0


def score(minutes: Minutes, gold: dict[str, Any], confidence: float = DEFAULT_CONFIDENCE) -> dict[str, tuple[str, str]]:
    """Return a verdict and what was said for each field that is to be judged in one file."""
    answers = minutes.answers(confidence)
    verdicts = {}
    for name in FIELDS:
        if name not in gold["fields"]:
            continue
        true, also = gold["fields"][name], gold.get("accept", {}).get(name, [])
        given = answers[name].value if name in answers else None
        if given == []:
            given = None
        verdict = _verdict(name, given, true, also, gold.get("iso"))
        if verdict:
            verdicts[name] = (verdict, f"{name}: {_short(given)}  <> {_short(true)}")
    return verdicts


def _verdict(name: str, given: Any, true: Any, also: list[Any], iso: str | None) -> str:
    if given is None:
        return "missed" if true is not None and None not in also else ""
    right = [true, *also]
    if name == "開催日時":
        days = [iso, *(moment.iso() for value in also if value for moment in find_moments(str(value)))]
        if any(_same_moment(given, day) for day in days if day) or (
            not any(days) and any(_same(given, value) for value in also)
        ):
            return "right" if true is not None else ""
    elif name == "作成日":
        given = given.partition("T")[0]
        if any(moment.iso().startswith(given) for value in right if value for moment in find_moments(str(value))[:1]):
            return "right" if true is not None else ""
    elif any(_same(given, value, long=name in _LONG) for value in right if value is not None):
        return "right" if true is not None else ""
    return "wrong" if true is not None else "invented"


def _same_moment(given: str, true: str) -> bool:
    """Say whether two moments agree in what the gold label says: where it names no hours, hours found are no mistake."""
    return given == true or ("T" not in true and given.partition("T")[0] == true)


def _same(given: Any, true: Any, *, long: bool = False) -> bool:
    if isinstance(given, list) or isinstance(true, list):
        ours, theirs = Counter(map(_plain, _listed(given))), Counter(map(_plain, _listed(true)))
        common = sum((ours & theirs).values())
        joined = ["".join(map(_plain, _listed(value))) for value in (given, true)]
        return joined[0] == joined[1] or 2 * common >= 0.9 * (sum(ours.values()) + sum(theirs.values()))
    ours_text, theirs_text = _plain(given), _plain(true)
    if not long:
        return ours_text == theirs_text
    return difflib.SequenceMatcher(None, ours_text, theirs_text, autojunk=False).ratio() >= 0.9


def _listed(value: Any) -> Iterable[str]:
    return value if isinstance(value, list) else [value]


def _plain(text: Any) -> str:
    folded = unicodedata.normalize("NFKC", str(text)).strip()
    return re.sub(r"\s+", "", _LEAD.sub("", folded)).lower()


def _short(value: Any) -> str:
    said = " | ".join(value) if isinstance(value, list) else str(value)
    return re.sub(r"\s+", " ", said)[:110]
