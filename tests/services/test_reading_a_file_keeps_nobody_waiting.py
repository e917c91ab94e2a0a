"""Reading an upload can take seconds. Meanwhile others go on writing."""

import io
import threading
from typing import Any

import pytest

from portal import intake
from portal.services import attaching
from portal.services.uow import UnitOfWork
from tests.support.office import Office


def test_another_person_saves_while_a_file_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = office.report("higashinari"), office.report("ikuno")
    saved: list[bool] = []

    def slow_reading(*given: Any) -> intake.Extracted:
        other = threading.Thread(target=lambda: saved.append(_attach(office, "ikuno", theirs, b"other").size == 5))
        monkeypatch.setattr(intake, "extract", reading)
        other.start()
        other.join(timeout=10)
        return reading(*given)

    reading = intake.extract
    monkeypatch.setattr(intake, "extract", slow_reading)
    _attach(office, "higashinari", mine, b"slow")
    assert saved == [True]


def _attach(office: Office, ward: str, document: int, content: bytes) -> Any:
    def act(uow: UnitOfWork) -> Any:
        return attaching.attach(uow, document, name="memo.txt", source=io.BytesIO(content))

    return office.do(office.person(ward, "coordinator"), act)
