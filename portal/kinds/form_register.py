"""The form register (様式1-20): who makes each form, when it is due, how it is handed in, what prints it. Data by 年度."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("form_register.toml")
MADE_BY = {
    "contractor": "受託法人",
    "coordinator": "コーディネーター",
    "bureau_or_contractor": "健康局または受託法人",
}
CHANNELS = {"mail": "電子メール", "post": "郵送", "hand": "持参"}
_RULES = {
    "contract_start": "契約の日から",
    "monthly": "毎月分を、翌月すみやかに",
    "thirds": "三半期（4か月）ごと",
    "thirds_and_year": "三半期（4か月）ごとと年度末",
    "contract_end": "契約期間の終了後すみやかに",
    "year_end": "年度の終了後",
    "event": "そのつど",
    "after_inspection": "検査に合格したあと",
}
CONTENTS = {
    "structured": "ポータルで書く",
    "files": "ファイルで出す",
    "register_only": "記録だけ（中身は置かない）",
}


@dataclass(frozen=True)
class Due:
    """When a form is due. `days` or `months` count from the rule's moment; both 0 where the city has named no number."""

    rule: str
    days: int = 0
    months: int = 0

    @property
    def in_words(self) -> str:
        """The rule as the city's guide says it."""
        told = _RULES[self.rule]
        if self.days:
            return f"{told}{self.days}日以内"
        return f"{told}{self.months}か月以内" if self.months else told


@dataclass(frozen=True, kw_only=True)
class Form:
    """One 様式 of the register. `kind` and `template` name what the portal writes and prints it with, if it does."""

    number: int
    title: str
    made_by: str
    due: Due
    channels: tuple[str, ...]
    content: str
    all_channels: bool = False
    zero_allowed: bool = False
    kind: str = ""
    template: str = ""
    note: str = ""

    @property
    def full_title(self) -> str:
        """The name with its number, as it is always shown to people."""
        return f"{self.title}（様式{self.number}）"

    @property
    def channels_in_words(self) -> str:
        """How it is handed in."""
        names = [CHANNELS[one] for one in self.channels]
        return "と".join(names) if self.all_channels else "または".join(names)


def forms(fiscal_year: int) -> tuple[Form, ...]:
    """Return the register in force in a 年度, by number; empty before its first edition."""
    begun = [edition for edition in _editions() if edition[0] <= fiscal_year]
    return begun[-1][1] if begun else ()


@cache
def _editions() -> tuple[tuple[int, tuple[Form, ...]], ...]:
    editions = tomllib.loads(_FILE.read_text(encoding="utf-8"))["edition"]
    read = [(int(one["from_fiscal_year"]), tuple(_form(**row) for row in one["form"])) for one in editions]
    return tuple(sorted(read, key=lambda edition: edition[0]))


def _form(*, due: dict[str, Any], channels: list[str], **rest: Any) -> Form:
    return Form(due=Due(**due), channels=tuple(channels), **rest)
