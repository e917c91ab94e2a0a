"""Reading the audit trail: everybody's acts for those who may, one's own for each person."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select

import tenants
from portal.kinds.calendar import JAPAN
from portal.models import Account, AuditEntry, Document
from portal.security.identity import ROLE_NAMES, SYSTEM, Role
from portal.security.policy import may_read_audit
from portal.security.workflows import WORKFLOWS
from portal.services.errors import Forbidden
from portal.services.uow import UnitOfWork

ACTIONS: Mapping[str, str] = {
    "signin": "ログイン",
    "signin.refused": "ログインの失敗",
    "signin.code.refused": "確認コードの誤り",
    "signout": "ログアウト",
    "signout.everywhere": "すべての端末からログアウト",
    "document.created": "文書の作成",
    "document.version.saved": "版の保存",
    "document.version.restored": "以前の版に戻した",
    "document.word.read": "Wordファイルの読み取り",
    "document.deleted": "文書の削除",
    "document.exported": "Wordで保存",
    "document.redlined": "見え消しをWordで保存",
    **{f"document.{one.name}": one.title for workflow in WORKFLOWS.values() for one in workflow.transitions},
    "document.personal": "共有前の個人情報の確認",
    "list.exported": "一覧の保存",
    "notice.choices": "お知らせの受け取り方の変更",
    "account.mail.changed": "メールアドレスの変更",
    "search.saved": "検索の保存",
    "search.changed": "保存した検索の変更",
    "search.removed": "保存した検索の削除",
    "feed.opened": "フィードの発行",
    "feed.closed": "フィードの停止",
    "attachment.added": "添付の追加",
    "attachment.downloaded": "添付のダウンロード",
    "attachment.shareable": "添付の共有の変更",
    "attachment.removed": "添付の削除",
    "job.downloaded": "作業でできたファイルの保存",
    "import.begun": "過去の会議録の取込みの開始",
    "import.registered": "過去の会議録の登録",
    "import.left": "過去の会議録を取り込まない",
    "template.uploaded": "Word様式の登録",
    "template.in_force": "Word様式の使用開始",
    "template.withdrawn": "Word様式の使用終了",
    "synonym.added": "同義語の追加",
    "synonym.changed": "同義語の変更",
    "synonym.off": "同義語の停止",
    "synonym.on": "同義語の再開",
    "synonym.restored": "同義語を以前の内容に戻した",
    "synonym.imported": "同義語の取り込み",
    "account.created": "アカウントの作成",
    "account.role.added": "役割の追加・変更",
    "account.role.removed": "役割の削除",
    "account.disabled": "アカウントの停止",
    "account.enabled": "アカウントの再開",
    "account.password.reset": "パスワードの再発行",
    "account.password.changed": "パスワードの変更",
    "account.totp.on": "2段階認証の設定",
    "account.totp.off": "2段階認証の解除",
}
"""What each action is called on screen. An action nobody named yet is shown by its own name."""
FORMATS = {"docx": "Word", "pdf": "PDF", "zip": "Word（ZIP）", "packet": "綴り", "xlsx": "Excel", "csv": "CSV"}


@dataclass(frozen=True)
class Filters:
    """Which acts to list. `action` may end in a dot: `document.` is everything done to documents."""

    ward: str = ""
    who: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None
    document_id: int | None = None


@dataclass(frozen=True)
class Entry:
    """One act in words. `document` is there only when the reader may see it."""

    row: AuditEntry
    who: str
    login: str
    role: str
    act: str
    about: str
    document: Document | None


@dataclass(frozen=True)
class Trail:
    """One page of acts, newest first."""

    entries: Sequence[Entry]
    total: int
    number: int
    size: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))


def everybodys_acts(uow: UnitOfWork, filters: Filters, *, page: int = 1, size: int = 50) -> Trail:
    """Return the acts of everybody. Raises Forbidden for those who may not read the audit trail."""
    if SYSTEM not in uow.reader.tokens and not may_read_audit(uow.reader):
        raise Forbidden("操作の記録は、健康局と監査担当に認められています。")
    return _trail(uow, _narrowed(filters), page, size)


def own_acts(uow: UnitOfWork, *, page: int = 1, size: int = 50) -> Trail:
    """Return what the acting person did, in any of their roles."""
    return _trail(uow, select(AuditEntry).where(AuditEntry.account_id == uow.identity.account_id), page, size)


def _narrowed(filters: Filters) -> Select[Any]:
    found = select(AuditEntry)
    if filters.ward:
        found = found.where(or_(AuditEntry.ward_id == filters.ward, AuditEntry.acting_ward == filters.ward))
    if filters.action.endswith("."):
        found = found.where(AuditEntry.action.startswith(filters.action, autoescape=True))
    elif filters.action:
        found = found.where(AuditEntry.action == filters.action)
    if filters.who:
        named = or_(
            Account.login.contains(filters.who.casefold(), autoescape=True),
            Account.name.contains(filters.who, autoescape=True),
        )
        found = found.where(AuditEntry.account_id.in_(select(Account.id).where(named)))
    if filters.document_id is not None:
        found = found.where(AuditEntry.document_id == filters.document_id)
    if filters.since:
        found = found.where(AuditEntry.at >= _morning(filters.since))
    if filters.until and filters.until < date.max:
        found = found.where(AuditEntry.at < _morning(filters.until + timedelta(days=1)))
    return found


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)


def _trail(uow: UnitOfWork, found: Select[Any], page: int, size: int) -> Trail:
    total = uow.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = min(max(1, page), max(1, -(-total // size)))
    rows = uow.session.scalars(found.order_by(AuditEntry.id.desc()).limit(size).offset((page - 1) * size)).all()
    return Trail(list(_in_words(uow, rows)), total, page, size)


def _in_words(uow: UnitOfWork, rows: Sequence[AuditEntry]) -> Iterator[Entry]:
    people = _people(uow, rows)
    documents = _documents(uow, {row.document_id for row in rows if row.document_id})
    for row in rows:
        person = people.get(row.account_id or 0)
        yield Entry(
            row,
            who=person.name if person else "",
            login=person.login if person else "",
            role=ROLE_NAMES[Role(row.acting_role)] if row.acting_role in set(Role) else "",
            act=ACTIONS.get(row.action, row.action),
            about="、".join(_about(row, people)),
            document=documents.get(row.document_id or 0),
        )


def _people(uow: UnitOfWork, rows: Sequence[AuditEntry]) -> dict[int, Account]:
    ids = {row.account_id for row in rows} | {row.detail.get("account") for row in rows}
    wanted = sorted(one for one in ids if isinstance(one, int))
    return {one.id: one for one in uow.session.scalars(select(Account).where(Account.id.in_(wanted)))}


def _documents(uow: UnitOfWork, ids: set[int]) -> dict[int, Document]:
    """Return the documents the reader may see, under the ids the trail knows them by."""
    found = select(Document).where(or_(Document.id.in_(ids), Document.source_id.in_(ids)))
    return {one.public_id: one for one in uow.session.scalars(found)} if ids else {}


_NAMED = {"restored": "第{}版の内容", "attachment": "添付の番号 {}", "synonym": "「{}」"}
"""What is said of a detail of that name."""


def _about(row: AuditEntry, people: Mapping[int, Account]) -> Iterator[str]:
    detail = row.detail
    if (whom := people.get(detail.get("account", 0))) and whom.id != row.account_id:
        yield f"{whom.name}（{whom.login}）"
    if "role" in detail:
        role = ROLE_NAMES[Role(detail["role"])] if detail["role"] in set(Role) else detail["role"]
        yield f"{tenants.ward_name(row.ward_id)} {role}"
    yield from _about_things(detail)
    if detail.get("channel") == "api":
        yield "API"
    if detail.get("address"):
        yield str(detail["address"])


def _about_things(detail: Mapping[str, Any]) -> Iterator[str]:
    number = detail.get("number", detail.get("version"))
    if number:
        yield f"第{number}版" if isinstance(number, int) else str(number)
    if "compared" in detail:
        yield f"第{detail['compared']}版からの変更"
    yield from (words.format(detail[name]) for name, words in _NAMED.items() if name in detail)
    if "answers" in detail:
        yield "、".join(_counted(one["decision"] for one in detail["answers"]))
    if "shareable" in detail:
        yield "共有版に付ける" if detail["shareable"] else "共有版に付けない"
    if "list" in detail:
        yield f"{detail['list']} {detail['count']:,}件"
    if "format" in detail:
        yield FORMATS.get(detail["format"], str(detail["format"]))


_ANSWERED = {"mask": "伏せた{}件", "keep": "理由を付けて載せた{}件", "leave_out": "含めなかったファイル{}件"}


def _counted(decisions: Iterable[str]) -> Iterator[str]:
    yield from (_ANSWERED[name].format(count) for name, count in Counter(decisions).items() if name in _ANSWERED)
