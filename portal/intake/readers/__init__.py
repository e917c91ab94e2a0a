"""The readers, one file a format: each takes an open file and a meter and puts what people would read into the meter."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import IO, Any

from portal.intake.limits import Limits, Refused
from portal.intake.readers.meter import BROKEN, LONG, Enough, Meter

Reader = Callable[[IO[bytes], Meter], None]

_MODULES = {
    "docx": "word",
    "xlsx": "excel",
    "pptx": "slides",
    "pdf": "pdf",
    "txt": "plain",
    "csv": "plain",
    "doc": "olddoc",
    "xls": "oldexcel",
    "rtf": "rtf",
}
_WORKS = {"pages": "draw", "outline": "trace"}
"""What is done besides reading text: the module and its function of (file, order, limits)."""


def load_work(order: dict[str, Any], limits: Limits) -> Callable[[IO[bytes]], dict[str, Any]]:
    """Import what an order needs, and return what carries it out on a file: its text, its pages, its outline."""
    if order["kind"] == "minutes":
        from portal.intake.minutes import task

        return task.prepare(order, limits)
    if order["kind"] not in _WORKS:
        reader = load(order["kind"])
        return lambda file: answer(reader, file, limits)
    act = getattr(importlib.import_module(f"portal.intake.readers.{order['kind']}"), _WORKS[order["kind"]])

    def work(file: IO[bytes]) -> dict[str, Any]:
        try:
            return dict(act(file, order, limits))
        except Refused as refused:
            return {"status": refused.status, "message": str(refused)}
        except MemoryError:
            return {"status": "too_large"}
        except Exception:  # whatever a stranger's file does to the renderer; the parent has words for it
            return {"status": "damaged"}

    return work


def load(kind: str) -> Reader:
    """Import the reader of one kind, with all it will ever need: afterwards no file can be opened any more."""
    reader: Reader = importlib.import_module(f"portal.intake.readers.{_MODULES[kind]}").read
    return reader


def answer(reader: Reader, file: IO[bytes], limits: Limits) -> dict[str, Any]:
    """Run a reader and put what happened, whatever it was, into the form the parent understands."""
    meter = Meter(limits)
    status, message = "ok", ""
    try:
        reader(file, meter)
    except Enough:
        meter.cut_short(LONG)
    except Refused as refused:
        status, message = refused.status, str(refused)
    except MemoryError:
        status = "too_large"
    except Exception:  # a reader may stumble over anything in a stranger's file; the parent has words for it
        status = "damaged"
    # Half a document is better found than lost, unless the file was refused for what it is.
    if status in ("damaged", "too_large") and meter.has_text():
        meter.cut_short(BROKEN if status == "damaged" else LONG)
        status, message = "ok", ""
    text = meter.text() if status == "ok" else ""
    if status == "ok" and not text:
        status, message = ("damaged", "") if meter.remark == BROKEN else ("empty", meter.when_empty)
    return {
        "status": status,
        "message": message or (meter.remark if status == "ok" else ""),
        "text": text,
        "properties": meter.properties if status in ("ok", "empty") else {},
        "truncated": meter.truncated,
    }
