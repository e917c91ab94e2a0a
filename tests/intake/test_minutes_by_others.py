"""Old minutes as other authors write them: the half that may be looked at stays read, and other papers stay empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.intake.minutes import read_minutes
from tests.intake.minutes_by_others import Told, every
from tests.intake.minutes_scores import Score, score


def test_minutes_by_others_are_found_and_hardly_ever_misread(tmp_path: Path) -> None:
    total = Score()
    for told in every():
        if told.half == "A":
            path = tmp_path / told.name
            path.write_bytes(told.draw().bytes())
            for verdict, slip in score(read_minutes(path), told.gold()).values():
                total.add(verdict, f"{told.name} {slip}")
    assert total.found >= 0.95, total.slips
    assert total.false <= 0.01, total.slips


@pytest.mark.parametrize("told", [told for told in every() if told.kind == "not-minutes"], ids=lambda told: told.name)
def test_other_papers_of_an_office_answer_nothing(told: Told, tmp_path: Path) -> None:
    path = tmp_path / told.name
    path.write_bytes(told.draw().bytes())
    assert not read_minutes(path).answers()
