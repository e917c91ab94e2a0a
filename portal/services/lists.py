"""The portal's lists, ready to be saved as a file: the same rows as on screen, all pages, under the reader's rights.

Files speak Japanese whatever the screen speaks: they are kept and handed on in the office.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import tenants
from portal.kinds import find_kind, form_register
from portal.kinds.calendar import fiscal_year_name
from portal.kinds.vocabulary import ITEMS
from portal.models import Document, ImportBatch, SavedSearch, SignIn
from portal.security.identity import ROLE_NAMES, Role
from portal.security.policy import state_of
from portal.security.workflows import state_name
from portal.services import (
    accounts,
    auditing,
    documents,
    finding,
    home,
    jobs,
    noticing,
    old_minutes,
    packets,
    signing_in,
)
from portal.services import saved_searches as searches
from portal.services.spreadsheets import MOST, Column, Listing, Value
from portal.services.uow import UnitOfWork

About = Sequence[tuple[str, str]]
"""The conditions of a list, as label and words."""
AT_A_TIME = 500


class _Page(Protocol):
    @property
    def total(self) -> int: ...
    @property
    def number(self) -> int: ...
    @property
    def last(self) -> int: ...


def _whole(
    name: str,
    columns: Sequence[Column],
    fetch: Callable[[int], Any],
    row: Callable[[Any], Iterable[Sequence[Value]]],
    about: About,
) -> Listing:
    """Return a list that is read page by page as it is written. `row` gives the rows of one page."""
    first = fetch(1)
    return Listing(name, columns, _rows(first, fetch, row), first.total, about)


def _rows(
    page: _Page, fetch: Callable[[int], Any], row: Callable[[Any], Iterable[Sequence[Value]]]
) -> Iterator[Sequence[Value]]:
    last = min(page.last, -(-MOST // AT_A_TIME))
    for number in range(1, last + 1):
        yield from row(page if number == 1 else fetch(number))


DOCUMENT = (
    Column("会議日", 11), Column("区", 10), Column("題名", 36), Column("種類", 21), Column("報告番号", 17), Column("会議体", 20),
    Column("年度", 11), Column("版", 5), Column("状態", 12), Column("更新者", 13), Column("更新日時", 16), Column("文書ID", 8),
)  # fmt: skip


def _document(one: Document) -> list[Value]:
    return [
        one.held_on, tenants.ward_name(one.ward_id), one.title, one.kind.full_title, one.number, one.body_name,
        fiscal_year_name(one.fiscal_year), one.version_number, state_of(one).title, one.updated_by_name, one.updated_at,
        one.public_id,
    ]  # fmt: skip


def archive(uow: UnitOfWork, filters: finding.Filters, about: About = ()) -> Listing:
    """Return the documents of a ward's archive, newest meeting first."""

    def fetch(number: int) -> finding.Page:
        return finding.list_documents(uow, filters, page=number, size=AT_A_TIME)

    return _whole("書庫", DOCUMENT, fetch, lambda page: map(_document, page.items), about)


def wards(uow: UnitOfWork) -> Listing:
    """Return how many documents of each ward the reader may see."""
    glance = finding.wards_at_a_glance(uow)
    rows = [(one.name, *glance.get(one.slug, (0, None))) for one in tenants.all_tenants()]
    columns = (Column("区"), Column("見られる文書の数"), Column("いちばん新しい会議日", 20))
    return Listing("各区の書庫", columns, rows, len(rows))


def hits(
    uow: UnitOfWork, text: str, filters: finding.Filters, *, sort: str = "relevance", exactly: Sequence[str] = (),
    without_words: Sequence[str] = (), about: About = (),
) -> Listing:  # fmt: skip
    """Return what a search finds, in its order, with where it was found. Raises SearchRebuilding."""

    def fetch(number: int) -> finding.Found:
        return finding.search(
            uow, text, filters, sort=sort, page=number, size=AT_A_TIME, exactly=exactly, without_words=without_words
        )

    columns = (*DOCUMENT, Column("見つかった場所", 16), Column("抜粋", 60))
    return _whole("検索結果", columns, fetch, lambda found: map(_hit, found.hits), about)


def hits_of(uow: UnitOfWork, search: SavedSearch) -> Listing:
    """Return what one of the reader's saved searches finds now. Raises SearchRebuilding."""
    asked = searches.Conditions.from_json(search.conditions)
    about = [("保存した検索", search.name), ("条件", conditions_in_words(search))]
    return hits(uow, asked.text, asked.filters, sort=asked.sort, exactly=asked.exactly, about=about)


def _hit(hit: finding.Hit) -> list[Value]:
    snippet = " ".join("".join(piece.text for piece in hit.snippet).split())
    where = f"添付「{hit.source.label}」" if hit.source.name == "attachment" else hit.source.label
    return [*_document(hit.document), where, snippet]


def waiting(uow: UnitOfWork) -> Listing:
    """Return what waits for the reader, the most urgent first."""

    def fetch(number: int) -> finding.Page:
        waits, total = home.waiting(uow, page=number, size=AT_A_TIME)
        return finding.Page(total, waits, number, AT_A_TIME)  # type: ignore[arg-type]

    def rows(page: Any) -> Iterator[list[Value]]:
        for one in page.items:
            yield [*_document(one.document), one.button, one.comment]

    return _whole("待っている仕事", (*DOCUMENT, Column("すること", 20), Column("差し戻しの理由", 40)), fetch, rows, ())


def versions(uow: UnitOfWork, document: Document) -> Listing:
    """Return the versions of a document the reader got through `access`, newest first."""
    found = documents.versions(uow, document)
    rows = [
        (
            one.number,
            one.created_at,
            one.author_name,
            one.comment,
            f"第{one.restored_from}版" if one.restored_from else "",
        )
        for one in found
    ]
    columns = (
        Column("版", 6),
        Column("保存日時", 18),
        Column("保存した人", 18),
        Column("説明", 50),
        Column("戻した版", 10),
    )
    about = [("区", tenants.ward_name(document.ward_id)), ("文書", document.title)]
    return Listing("版の記録", columns, rows, len(rows), about)


ACT = (
    Column("日時", 18), Column("だれが", 16), Column("アカウント名", 24), Column("区・役割", 24), Column("何を", 22),
    Column("対象の区", 12), Column("文書ID", 10), Column("対象", 40), Column("詳しく", 30),
)  # fmt: skip


def acts(uow: UnitOfWork, filters: auditing.Filters, about: About = ()) -> Listing:
    """Return the audit trail, newest first. Raises Forbidden."""

    def fetch(number: int) -> auditing.Trail:
        return auditing.everybodys_acts(uow, filters, page=number, size=AT_A_TIME)

    return _whole("操作の記録", ACT, fetch, lambda trail: map(_act, trail.entries), about)


def own_acts(uow: UnitOfWork) -> Listing:
    """Return what the reader did, newest first."""

    def fetch(number: int) -> auditing.Trail:
        return auditing.own_acts(uow, page=number, size=AT_A_TIME)

    return _whole("自分の操作の記録", ACT, fetch, lambda trail: map(_act, trail.entries), ())


def _act(one: auditing.Entry) -> list[Value]:
    row = one.row
    role = f"{tenants.ward_name(row.acting_ward)}　{one.role}" if one.role else ""
    title = one.document.title if one.document else ""
    return [
        row.at, one.who, one.login, role, one.act, tenants.ward_name(row.ward_id), row.document_id, title, one.about
    ]  # fmt: skip


def people(uow: UnitOfWork, *, words: str = "", ward: str = "", about: About = ()) -> Listing:
    """Return the accounts, for those who administer them. Raises Forbidden."""

    def fetch(number: int) -> accounts.Accounts:
        return accounts.find_accounts(uow, words=words, ward=ward, page=number, size=AT_A_TIME)

    def rows(found: accounts.Accounts) -> Iterator[list[Value]]:
        last = accounts.last_sign_ins(uow, [one.id for one in found.accounts])
        for one in found.accounts:
            held = "、".join(_role(role.ward_id, role.role, role.ends_on) for role in one.memberships)
            state = "停止中" if one.disabled_at else "初回パスワード" if one.must_change_password else "利用中"
            second = "設定済み" if one.totp_secret else ""
            yield [one.name, one.login, one.profession, held, last.get(one.id), state, second, one.created_at]

    columns = (
        Column("氏名", 16), Column("アカウント名", 24), Column("職種"), Column("区・役割", 40), Column("最後のログイン", 18),
        Column("状態"), Column("2段階認証"), Column("登録", 18),
    )  # fmt: skip
    return _whole("利用者", columns, fetch, rows, about)


def _role(ward: str, role: str, ends_on: Any = None) -> str:
    told = f"{tenants.ward_name(ward)}　{ROLE_NAMES[Role(role)]}"
    return f"{told}（{ends_on.isoformat()}まで）" if ends_on else told


def saved_searches(uow: UnitOfWork) -> Listing:
    """Return the reader's saved searches in the role they act in."""
    rows = [
        (one.name, conditions_in_words(one), noticing.CHANNELS[one.notify], one.told_at, one.created_at)
        for one in searches.mine(uow)
    ]
    columns = (
        Column("名前", 24), Column("条件", 60), Column("新しい文書", 16), Column("最後に知らせた日時", 18), Column("保存日時", 18),
    )  # fmt: skip
    return Listing("保存した検索", columns, rows, len(rows))


def conditions_in_words(search: SavedSearch) -> str:
    """Return what a saved search asks for, as people say it."""
    asked = searches.Conditions.from_json(search.conditions)
    given = asked.filters
    told = [f"「{asked.text}」"] if asked.text else []
    told += [tenants.ward_name(one) for one in given.wards]
    told += [kind.full_title for one in given.kinds if (kind := find_kind(one))]
    told += [fiscal_year_name(one) for one in given.fiscal_years]
    told += [*given.body_names, *(ITEMS.get(one, one) for one in given.items), *map(state_name, given.states)]
    told += [f"{given.date_from.isoformat()}から"] if given.date_from else []
    told += [f"{given.date_to.isoformat()}まで"] if given.date_to else []
    flags = {"決定事項だけ": given.decided_only, "題名だけ": given.title_only}
    told += [words for words, wanted in flags.items() if wanted]
    for words, wanted in {"決定事項": given.has_decision, "課題": given.has_issue}.items():
        told += [] if wanted is None else [f"{words}{'あり' if wanted else 'なし'}"]
    return "　".join(told) or "すべての文書"


def notices(uow: UnitOfWork) -> Listing:
    """Return the notices for the reader in the role they act in, unread ones first."""

    def fetch(number: int) -> noticing.Page:
        return noticing.notices(uow, page=number, size=AT_A_TIME)

    def rows(page: noticing.Page) -> Iterator[list[Value]]:
        for one in page.items:
            search = one.search.name if one.search else ""
            yield [one.notice.created_at, one.event.told, search, *_document(one.document), one.notice.read_at]

    columns = (
        Column("知らせた日時", 18),
        Column("できごと", 36),
        Column("保存した検索", 20),
        *DOCUMENT,
        Column("読んだ日時", 18),
    )
    return _whole("お知らせ", columns, fetch, rows, ())


def sign_ins(uow: UnitOfWork, device: Callable[[SignIn], str]) -> Listing:
    """Return the reader's live sign-ins, the last used first; `device` names one in words."""
    found = signing_in.sign_ins(uow)
    rows = [(device(one), one.address, _role(one.ward_id, one.role), one.seen_at, one.created_at) for one in found]
    columns = (
        Column("端末", 24),
        Column("アドレス", 20),
        Column("区・役割", 26),
        Column("最後の操作", 18),
        Column("ログイン", 18),
    )
    return Listing("ログイン中の端末", columns, rows, len(rows))


# -- work, forms and old minutes --------------------------------------------------------------------------------------


def work(uow: UnitOfWork) -> Listing:
    """Return the work the reader asked for, newest first."""

    def fetch(number: int) -> jobs.Page:
        return jobs.own_jobs(uow, page=number, size=AT_A_TIME)

    def rows(page: jobs.Page) -> Iterator[list[Value]]:
        for one in page.items:
            yield [one.title, jobs.STATES[one.state], one.done, one.total, one.created_at, one.ended_at, one.message]

    columns = (
        Column("作業", 40), Column("状態"), Column("済んだ数", 10), Column("全体の数", 10), Column("頼んだ日時", 18),
        Column("終わった日時", 18), Column("説明", 50),
    )  # fmt: skip
    return _whole("作業の状況", columns, fetch, rows, ())


def month(found: packets.Month, about: About = ()) -> Listing:
    """Return what was handed in for a month, ward by ward, with a row for each ward that has nothing."""
    rows: list[Sequence[Value]] = []
    for ward, handed_in in found.wards.items():
        rows += [_document(one) for one in handed_in]
        rows += [] if handed_in else [[None, tenants.ward_name(ward), "（見られる提出分なし）"]]
    return Listing("月の提出分", DOCUMENT, rows, len(rows), about)


def register(year: int) -> Listing:
    """Return the register of forms in force in a 年度."""
    rows = [
        (
            one.number, one.title, form_register.MADE_BY[one.made_by], one.due.in_words, one.channels_in_words,
            form_register.CONTENTS[one.content], one.note,
        )
        for one in form_register.forms(year)
    ]  # fmt: skip
    columns = (
        Column("様式", 8), Column("題名", 36), Column("作る人", 18), Column("時期", 30), Column("出し方", 24),
        Column("ポータルでは", 30), Column("説明", 50),
    )  # fmt: skip
    return Listing("様式の一覧", columns, rows, len(rows), [("年度", fiscal_year_name(year))])


def batches(uow: UnitOfWork) -> Listing:
    """Return the batches of old minutes of the reader's ward, newest first."""
    rows = [
        (one.name, one.created_by_name, one.created_at, how_far.total, how_far.open)
        for one, how_far in old_minutes.batches(uow)
    ]
    columns = (
        Column("まとまり", 36),
        Column("送った人", 18),
        Column("送った日時", 18),
        Column("ファイル", 10),
        Column("確認待ち", 10),
    )
    return Listing("過去の会議録の取込み", columns, rows, len(rows))


def batch_files(uow: UnitOfWork, batch: ImportBatch, *, state: str = "") -> Listing:
    """Return the files of a batch with what came of each."""
    found = old_minutes.items(uow, batch, state=state, size=MOST)
    rows = [
        (
            one.path, old_minutes.STATES[one.state], one.message, "、".join(one.warnings), one.reviewed_by_name,
            one.reviewed_at, one.document_id,
        )
        for one in found
    ]  # fmt: skip
    columns = (
        Column("ファイル", 50), Column("状態"), Column("結果", 40), Column("注意", 50), Column("確認した人", 18), Column("確認した日時", 18),
        Column("文書ID", 10),
    )  # fmt: skip
    return Listing("取り込んだファイル", columns, rows, len(rows), [("まとまり", batch.name)])
