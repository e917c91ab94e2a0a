"""The synonym groups of a site: the shipped table with the changes 健康局 made over it, every earlier state kept.

A change is a row more and works with the next search, because only queries are widened. What nobody here touched stays as
the release ships it, so that an upgrade brings newer groups.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, select

from portal.db.session import prepared
from portal.models import SynonymChange
from portal.security.policy import may_edit_synonyms
from portal.services.errors import Forbidden, NotFound, Refused, WrongState
from portal.services.spreadsheets import Column, Listing, harmless
from portal.services.uow import UnitOfWork
from search_index import SynonymGroup, Synonyms, normalise

MOST_WORDS, LONGEST, MOST_GROUPS, LONGEST_REASON = 30, 60, 5_000, 300
SHIPPED = 0
"""The number of the state that came with the release."""
COLUMNS = ("見出し語", "同じ意味のことば", "関連することば", "使う")
_BETWEEN = "、"


@dataclass(frozen=True)
class Group:
    """One group as it is in force. `number` is the change it comes from, SHIPPED for one nobody changed."""

    key: str
    words: tuple[str, ...]
    related: tuple[str, ...] = ()
    off: bool = False
    number: int = SHIPPED
    is_shipped: bool = True
    """Whether the release brings a group of this key."""

    @property
    def applied(self) -> SynonymGroup:
        """The group as the search knows it."""
        return SynonymGroup(self.key, self.words, self.related)


@dataclass(frozen=True)
class State:
    """One state a group was in: who brought it there, when and why."""

    group: Group
    comment: str
    who: str
    at: datetime | None


@dataclass
class Imported:
    """What an import did, or would do."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0
    problems: list[str] = field(default_factory=list)


# -- what is in force -------------------------------------------------------------------------------------------------

_LATEST = select(func.max(SynonymChange.id)).group_by(SynonymChange.key)
_CHANGES = prepared(select(SynonymChange).where(SynonymChange.id.in_(_LATEST)))
_OF_A_KEY = prepared(
    select(SynonymChange).where(SynonymChange.key == bindparam("key")).order_by(SynonymChange.id.desc())
)
_in_force: dict[str, tuple[int, Synonyms]] = {}


def in_force(uow: UnitOfWork, stamp: int) -> Synonyms:
    """Return the groups the search is to use; `stamp` is the number of the newest change, and says whether any is new."""
    if not stamp:
        return Synonyms.shipped()
    site = str(uow.site.settings.index_folder)
    known, table = _in_force.get(site, (0, Synonyms.shipped()))
    if known != stamp:
        table = Synonyms(one.applied for one in _groups(uow) if not one.off)
        _in_force[site] = (stamp, table)
    return table


def _shipped() -> dict[str, Group]:
    return {one.key: Group(one.key, one.words, one.related) for one in Synonyms.shipped().groups}


def _groups(uow: UnitOfWork) -> list[Group]:
    """Return the shipped groups in their order, those that were changed as they are now, then the site's own."""
    groups = _shipped()
    for row in sorted(uow.session.scalars(_CHANGES), key=lambda row: row.id):
        groups[row.key] = _as_group(row)
    return list(groups.values())


def _as_group(row: SynonymChange) -> Group:
    return Group(row.key, tuple(row.words), tuple(row.related), row.off, row.id, row.key in _shipped())


# -- reading ----------------------------------------------------------------------------------------------------------


def groups(uow: UnitOfWork, *, words: str = "") -> list[Group]:
    """Return all groups, or those with a word that contains what was typed. Raises Forbidden for others than 健康局."""
    _check(uow)
    wanted = normalise(words).strip()
    return [
        one for one in _groups(uow) if not wanted or any(wanted in normalise(word) for word in one.words + one.related)
    ]


def group(uow: UnitOfWork, key: str) -> Group:
    """Return one group. Raises NotFound."""
    return history(uow, key)[0].group


def history(uow: UnitOfWork, key: str) -> list[State]:
    """Return every state of a group, the newest first; the shipped one, if any, is the oldest. Raises NotFound."""
    _check(uow)
    rows = uow.session.scalars(_OF_A_KEY, {"key": key}).all()
    states = [State(_as_group(row), row.comment, row.account_name, row.created_at) for row in rows]
    if shipped := _shipped().get(key):
        states.append(State(shipped, "", "", None))
    if not states:
        raise NotFound
    return states


def on_trial(uow: UnitOfWork, words: Sequence[str], related: Sequence[str]) -> Group:
    """Return the group these words would make, for a look at what it does."""
    _check(uow)
    own, others = _checked(words, related)
    return Group(own[0], own, others)


# -- changing ---------------------------------------------------------------------------------------------------------


def add(uow: UnitOfWork, *, words: Sequence[str], related: Sequence[str] = (), comment: str) -> Group:
    """Add a group; its first word becomes its key."""
    _check(uow)
    own, others = _checked(words, related)
    if any(one.key == own[0] for one in _groups(uow)):
        raise Refused(f"「{own[0]}」のグループはすでにあります。そのグループにことばを足してください。")
    return _write(uow, "synonym.added", Group(own[0], own, others), comment)


def change(
    uow: UnitOfWork, key: str, *, words: Sequence[str], related: Sequence[str] = (), comment: str, base: int
) -> Group:
    """Give a group other words. `base` is the number of the state the person started from. Same words make no new state."""
    before = _held(uow, key, base)
    own, others = _checked(words, related)
    if (own, others) == (before.words, before.related):
        return before
    return _write(uow, "synonym.changed", Group(key, own, others, before.off), comment)


def switch(uow: UnitOfWork, key: str, *, off: bool, comment: str, base: int) -> Group:
    """Stop using a group, or use it again."""
    before = _held(uow, key, base)
    if before.off == off:
        return before
    return _write(uow, "synonym.off" if off else "synonym.on", Group(key, before.words, before.related, off), comment)


def restore(uow: UnitOfWork, key: str, number: int, *, comment: str, base: int) -> Group:
    """Bring an earlier state back as a new one. Raises NotFound for a state the group never was in."""
    _held(uow, key, base)
    earlier = next((one.group for one in history(uow, key) if one.group.number == number), None)
    if earlier is None:
        raise NotFound
    return _write(uow, "synonym.restored", earlier, comment)


def _held(uow: UnitOfWork, key: str, base: int) -> Group:
    now = group(uow, key)
    if now.number != base:
        raise WrongState("ほかの人が先にこのグループを変えました。いまの内容を確かめて、もう一度操作してください。")
    return now


def _write(uow: UnitOfWork, action: str, wanted: Group, comment: str) -> Group:
    comment = " ".join(comment.split())
    if not comment:
        raise Refused("変更の理由を入力してください。あとで見直すときの手がかりになります。")
    if len(comment) > LONGEST_REASON:
        raise Refused(f"変更の理由は{LONGEST_REASON}文字までです。")
    row = SynonymChange(
        key=wanted.key, words=list(wanted.words), related=list(wanted.related), off=wanted.off, comment=comment,
        account_id=uow.reader.account_id, account_name=uow.name,
    )  # fmt: skip
    uow.session.add(row)
    uow.flush()
    uow.audit(action, synonym=wanted.key, change=row.id)
    return _as_group(row)


def _check(uow: UnitOfWork) -> None:
    if not may_edit_synonyms(uow.reader):
        raise Forbidden("同義語の管理は、健康局に認められています。")


def _checked(words: Iterable[str], related: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words tidied and without repetitions. Raises Refused, naming the word that cannot stay."""
    seen: set[str] = set()
    own, others = ([word for word in map(_tidy, given) if _is_new(word, seen)] for given in (words, related))
    if not own or len(own) + len(others) < 2:
        raise Refused("同じ意味のことばを1つ以上、関連することばと合わせて2つ以上入力してください。")
    if len(own) + len(others) > MOST_WORDS:
        raise Refused(f"1つのグループのことばは{MOST_WORDS}個までです。")
    return tuple(own), tuple(others)


def _tidy(word: str) -> str:
    word = " ".join(word.split())
    if len(word) > LONGEST:
        raise Refused(f"「{word[:20]}…」は長すぎます。{LONGEST}文字までのことばにしてください。")
    letters = any(one.isalnum() for one in word)
    if word and (not letters or word.startswith("~") or any(one in word for one in '、,"「」|*')):
        raise Refused(f"「{word}」は使えません。記号を除いたことばだけを入力してください。")
    return word


def _is_new(word: str, seen: set[str]) -> bool:
    folded = normalise(word)
    if not folded or folded in seen:
        return False
    seen.add(folded)
    return True


# -- as a file --------------------------------------------------------------------------------------------------------


def listing(uow: UnitOfWork, *, words: str = "") -> Listing:
    """Return the groups as a list to be saved; as CSV it can be brought in again."""
    found = groups(uow, words=words)
    columns = [Column(title, width) for title, width in zip(COLUMNS, (24, 60, 40, 8), strict=True)]
    return Listing("同義語", columns, (_as_row(one) for one in found), len(found))


def _as_row(one: Group) -> list[str]:
    return [one.key, _BETWEEN.join(one.words), _BETWEEN.join(one.related), "いいえ" if one.off else "はい"]


def import_csv(uow: UnitOfWork, text: str, *, comment: str) -> Imported:
    """Bring groups in from CSV text: new ones are added, those that differ are changed, none is removed.

    Lines that cannot be taken are named and left out.
    """
    _check(uow)
    done = Imported()
    there = {one.key: one for one in _groups(uow)}
    for number, cells in enumerate(_rows(text), 2):
        try:
            wanted = _read_row(cells)
            before = there.get(wanted.key)
            if before is not None and _says(before) == _says(wanted):
                done.same += 1
                continue
            there[wanted.key] = _write(uow, "synonym.imported", wanted, comment)
            (done.changed if before else done.added).append(wanted.key)
        except Refused as refused:
            if not comment.strip():
                raise
            done.problems.append(f"{number}行目：{refused}")
    return done


def _says(one: Group) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    return one.words, one.related, one.off


def _rows(text: str) -> list[list[str]]:
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) if any(cell.strip() for cell in row)
        ]
    except csv.Error:
        raise Refused("CSVとして読み取れません。「CSVで保存」したファイルを直して使ってください。") from None
    if not rows or tuple(cell.strip() for cell in rows[0][:3]) != COLUMNS[:3]:
        raise Refused(f"1行目の見出しを「{_BETWEEN.join(COLUMNS)}」にしてください。")
    if len(rows) > MOST_GROUPS:
        raise Refused(f"一度に取り込めるのは{MOST_GROUPS:,}行までです。")
    return rows[1:]


def _read_row(cells: Sequence[str]) -> Group:
    key, words, related, used = ([_unguarded(cell) for cell in cells] + [""] * 4)[:4]
    own, others = _checked(words.split(_BETWEEN), related.split(_BETWEEN) if related else ())
    if used not in ("", "はい", "いいえ"):
        raise Refused(f"「使う」は「はい」か「いいえ」にしてください（いまは「{used[:20]}」）。")
    return Group(_tidy(key) or own[0], own, others, off=used == "いいえ")


def _unguarded(cell: str) -> str:
    """Take off the mark that keeps a spreadsheet from reading a word as a formula."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell
