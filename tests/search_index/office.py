"""A made-up office for the search tests: documents, readers, and an index in a scratch folder."""

import os
import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from search_index import Entry, Part, Query
from search_index.engine import Engine, Home

EVERYONE = frozenset({"member@*"})
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
WARDS = ("higashinari", "ikuno", "joto", "kita")
BODIES = ("病院連絡会", "地域ケア会議", "多職種連携会議", "")
STATES = ("draft", "accepted", "shared")
ITEMS = ("(ア)", "(イ)", "(ウ)", "(エ)")
READERS = ("member@*", "member@higashinari", "member@ikuno", "bureau", "account:7", "account:8")
SENTENCES = (
    "退院支援の流れを確認した。",
    "看取りの事例を検討した。",
    "ケアマネージャーとの打合せを月１回行う。",
    "髙橋さんから訪問看護ステーションの空き状況について報告があった。",
    "高橋医師がACP（人生会議）の研修を行う。",
    "救急搬送の際は入院時情報提供書を持参する。",
    "地域包括支援センターへ周知する。",
    "平成28年5月10日の会議で決定した。",
    "令和7年度の計画を説明した。",
    "サーバーの障害により延期した。",
    "PTとOTが参加し、ADLの評価を行った。",
    "薬剤師会からｺﾛﾅの対応を説明。",
    "退院の前に支援の会議を開く。",
    "山﨑様と渡邊様は欠席。",
)


def make_entry(number: int, *texts: str, title: str = "会議の報告", **changed: Any) -> Entry:
    """Make an entry whose body is these texts."""
    values: dict[str, Any] = {
        "id": number,
        "ward": "higashinari",
        "kind": "meeting_report",
        "title": title,
        "parts": tuple(Part("text", "内容要旨", text) for text in texts),
        "readers": EVERYONE,
        "date": date(2025, 6, 1),
        "fiscal_year": 2025,
        "body_name": "",
        "items": (),
        "state": "accepted",
        "has_decision": False,
        "has_issue": False,
        "updated": NOW,
    }
    return Entry(**(values | changed))


def random_entry(number: int, chance: random.Random) -> Entry:
    """Make an entry as it comes in a busy office."""
    held = date(2023, 4, 1).toordinal() + chance.randrange(1200)
    day = date.fromordinal(held) if chance.random() < 0.95 else None
    decided = chance.random() < 0.4
    parts = [Part("text", "内容要旨", "\n".join(chance.choices(SENTENCES, k=chance.randint(1, 5))))]
    if decided:
        parts.append(Part("decisions", "決定事項", chance.choice(SENTENCES)))
    if chance.random() < 0.3:
        parts.append(Part("attachment", "名簿.xlsx", " ".join(chance.choices(SENTENCES, k=2))))
    return make_entry(
        number,
        title=chance.choice(("退院支援の会議", "看取り研修", "髙橋班の打合せ", "連絡会")),
        parts=tuple(parts),
        ward=chance.choice(WARDS),
        kind=chance.choice(("meeting_report", "training_report")),
        readers=frozenset(chance.sample(READERS, chance.randint(1, 2))),
        date=day,
        fiscal_year=None if day is None else day.year - (day.month < 4),
        body_name=chance.choice(BODIES),
        items=tuple(chance.sample(ITEMS, chance.randint(0, 2))),
        state=chance.choice(STATES),
        has_decision=decided,
        has_issue=chance.random() < 0.3,
        updated=datetime.fromtimestamp(1_700_000_000 + chance.randrange(10**7), UTC),
    )


def make_index(home: Home, *entries: Entry) -> Engine:
    """Make an index that holds these entries."""
    index = home.create()
    index.update(entries, [], 1)
    return index


def found(index: Engine, text: str, **asked: Any) -> list[int]:
    """Return the ids a reader finds, best first."""
    query = Query(text, asked.pop("tokens", EVERYONE), limit=1000, **asked)
    return [hit.id for hit in index.search(query).hits]


def shared_folder() -> Path:
    """Return the folder of shared data, whether or not it is there."""
    return Path(os.environ.get("PORTAL_SHARED", Path(__file__).parents[3] / "shared"))
