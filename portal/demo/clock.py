"""Letting the demo's acts happen in the past: rows get the clock's moment as they are first written.

Versions, acts and the audit trail are only ever added, also for us; so the moment has to be there at the insert.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, inspect

from portal.db.base import now
from portal.kinds.calendar import JAPAN
from portal.models import Account, Act, Attachment, AuditEntry, Document, Draft, Notice, Version

_MOMENTS = {
    Account: ("created_at",),
    Act: ("created_at",),
    Attachment: ("created_at",),
    AuditEntry: ("at",),
    Document: ("created_at", "updated_at"),
    Draft: ("updated_at",),
    Notice: ("created_at",),
    Version: ("created_at",),
}
LONG_AGO = timedelta(days=60)
"""What people were told of before that, they have read."""


@dataclass
class Clock:
    """The moment it is in the demo."""

    moment: datetime = field(default_factory=now)

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Write rows at this clock's moment for as long as the block lasts."""
        for model in _MOMENTS:
            event.listen(model, "before_insert", self._date_new)
        event.listen(Document, "before_update", self._date_change)
        try:
            yield
        finally:
            for model in _MOMENTS:
                event.remove(model, "before_insert", self._date_new)
            event.remove(Document, "before_update", self._date_change)

    def _date_new(self, _: Any, __: Any, row: Any) -> None:
        for column in _MOMENTS[type(row)]:
            setattr(row, column, self.moment)
        if isinstance(row, Notice) and now() - self.moment > LONG_AGO:
            row.read_at = self.moment + timedelta(days=1)

    def _date_change(self, _: Any, __: Any, row: Document) -> None:
        changed = inspect(row).attrs
        if changed.updated_at.history.has_changes():
            row.updated_at = self.moment
        if changed.confirmed_at.history.has_changes() and row.confirmed_at is not None:
            row.confirmed_at, row.submitted_on = self.moment, self.moment.astimezone(JAPAN).date()
