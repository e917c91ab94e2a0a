"""What an export says about a document besides its fields: number, ward, version, confirmation, attachments."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal

from portal.kinds.calendar import write_clock, write_day
from portal.word.pictures import Picture

_JAPAN = timezone(timedelta(hours=9))


@dataclass(frozen=True, kw_only=True)
class Heading:
    """Everything on the page that is not a field of the kind. `edition` is "shared" for the 24区共有版.

    `stamp` names document and version inside the file, unseen, so that an edited file is known again; empty leaves it out.
    `saved_at` is when the version was saved, the only moment the file's properties know.
    A `confirmed_at` with a time zone is written in Japanese time; one without is taken as it stands.
    """

    number: str
    ward_name: str
    office: str
    contractors: tuple[str, ...] = ()
    version: int = 1
    state_title: str = ""
    edition: Literal["full", "shared"] = "full"
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    submitted_on: date | None = None
    saved_at: datetime | None = None
    kept_until: date | None = None
    attachments: tuple[str, ...] = ()
    stamp: str = ""
    pictures: tuple[Picture, ...] = ()

    @property
    def is_shared(self) -> bool:
        """Whether other wards will read this."""
        return self.edition == "shared"


def write_moment(moment: datetime | None) -> str:
    """Write a moment as 令和8年10月20日（火）午後2時5分."""
    if moment is None:
        return ""
    local = moment.astimezone(_JAPAN) if moment.tzinfo else moment
    return write_day(local.date()) + write_clock(local.time().replace(second=0, microsecond=0))


def _day(day: date | None) -> str:
    return write_day(day, weekday=False) if day else ""


OWN_WARD_ONLY = frozenset({"責任者", "確認日時"})
"""Marks whose words never leave the ward, as the reporter's name does not."""


def heading_lines(heading: Heading, title: str) -> dict[str, list[str]]:
    """Return the lines behind every heading mark, by the mark's name as an officer types it."""
    lines = {
        "題名": [title],
        "報告番号": [heading.number],
        "区": [heading.ward_name],
        "相談支援室": [heading.office],
        "受託法人": list(heading.contractors),
        "版": [str(heading.version)],
        "状態": [heading.state_title],
        "責任者": [heading.confirmed_by],
        "確認日時": [write_moment(heading.confirmed_at)],
        "提出日": [_day(heading.submitted_on)],
        "保存期間満了日": [_day(heading.kept_until)],
        "添付資料": list(heading.attachments) or ["なし"],
    }
    return {name: [line for line in shown if line] for name, shown in lines.items()}


HEADING_MARKS = frozenset(heading_lines(Heading(number="", ward_name="", office=""), ""))
"""The names of all heading marks."""
