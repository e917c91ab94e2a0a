"""What the child does when it is asked for minutes: the layout of the file, its understanding, and the answer as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import IO, Any

from portal.intake.limits import Limits, Refused
from portal.intake.minutes import labels, layouts
from portal.intake.minutes.model import Layout, Line
from portal.intake.minutes.understanding import understand
from portal.intake.readers.meter import Enough, Meter

_SAMPLE = (
    "令和5年度 第1回 連絡会 議事録",
    "日時：令和5年9月4日 午後2時～",
    "出席者：東成区役所 田中、佐藤（記）",
    "議題",
    "(1) 報告",
)

Task = Callable[[IO[bytes]], dict[str, Any]]


def prepare(order: dict[str, Any], limits: Limits) -> Task:
    """Load all that reading a file of the kind `of` needs, and return what reads it."""
    read, name = layouts.load(order["of"]), order["name"]
    labels.wordings()
    labels.column_heads()
    # Read once what has a little of everything: Python imports and looks up some things only when they are first needed.
    understand(Layout([Line(text) for text in _SAMPLE], name))

    def work(file: IO[bytes]) -> dict[str, Any]:
        try:
            layout = read(file, Meter(limits))
        except Enough:
            return {"status": "too_large", "message": ""}
        except Refused as refused:
            return {"status": refused.status, "message": str(refused)}
        except MemoryError:
            return {"status": "too_large", "message": ""}
        except Exception:  # a stranger's file may trip anything; the parent has words for it
            return {"status": "damaged", "message": ""}
        layout.name = name
        return {"status": "ok", "message": "", "minutes": asdict(understand(layout))}

    return work
