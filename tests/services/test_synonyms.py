"""健康局 keeps the synonyms: every change with its reason, in force at once, nothing lost, nothing told of hidden documents."""

import pytest
from sqlalchemy import select

from portal.models import AuditEntry, SynonymChange
from portal.security.identity import Identity
from portal.services import finding, spreadsheets, suggesting, synonyms
from portal.services.errors import Forbidden, NotFound, Refused, WrongState
from portal.services.finding import Filters
from portal.services.uow import UnitOfWork
from search_index import Synonyms
from tests.support.office import Office


@pytest.fixture
def sato(office: Office) -> Identity:
    """Someone of 健康局."""
    return office.person("city", "bureau", name="佐藤")


def add(office: Office, person: Identity, *words: str, related: tuple[str, ...] = ()) -> synonyms.Group:
    return office.do(person, lambda uow: synonyms.add(uow, words=words, related=related, comment="区からの要望"))


def one(office: Office, person: Identity, key: str) -> synonyms.Group:
    return office.do(person, lambda uow: synonyms.group(uow, key))


def found(office: Office, person: Identity, words: str, **more: object) -> list[str]:
    with office.uow(person) as uow:
        return sorted(hit.document.title for hit in finding.search(uow, words, Filters(), **more).hits)


def test_a_group_works_with_the_next_search_and_can_be_stopped_and_used_again(office: Office, sato: Identity) -> None:
    office.report("higashinari", title="甲の会議", state="submitted", record="<p>虹色手帳を配る</p>")
    office.report("higashinari", title="乙の会議", state="submitted", record="<p>にじノートを配る</p>")
    office.catch_up()
    tanaka = office.person("higashinari", "coordinator")
    assert found(office, tanaka, "虹色手帳") == ["甲の会議"]
    group = add(office, sato, "虹色手帳", "にじノート")
    assert found(office, tanaka, "虹色手帳") == ["乙の会議", "甲の会議"]
    assert found(office, tanaka, "虹色手帳", exactly=["虹色手帳"]) == ["甲の会議"]
    assert found(office, tanaka, "虹色手帳", without_words=["にじノート"]) == ["甲の会議"]
    stopped = office.do(
        sato, lambda uow: synonyms.switch(uow, group.key, off=True, comment="誤解を招く", base=group.number)
    )
    assert found(office, tanaka, "虹色手帳") == ["甲の会議"]
    office.do(sato, lambda uow: synonyms.switch(uow, group.key, off=False, comment="やはり使う", base=stopped.number))
    assert found(office, tanaka, "にじノート") == ["乙の会議", "甲の会議"]


def test_every_state_of_a_group_is_kept_and_can_be_brought_back(office: Office, sato: Identity) -> None:
    shipped = one(office, sato, "看取り")
    assert (shipped.number, shipped.is_shipped) == (synonyms.SHIPPED, True)
    changed = office.do(
        sato, lambda uow: synonyms.change(uow, "看取り", words=["看取り", "最期の支援"], comment="現場の言い方", base=0)
    )
    assert (changed.words, changed.related, changed.is_shipped) == (("看取り", "最期の支援"), (), True)
    states = office.do(sato, lambda uow: synonyms.history(uow, "看取り"))
    assert [(state.group.words, state.comment, state.who) for state in states] == [
        (("看取り", "最期の支援"), "現場の言い方", "佐藤"),
        (shipped.words, "", ""),
    ]
    back = office.do(
        sato, lambda uow: synonyms.restore(uow, "看取り", synonyms.SHIPPED, comment="元に戻す", base=changed.number)
    )
    assert (back.words, back.related) == (shipped.words, shipped.related)
    assert len(office.do(sato, lambda uow: synonyms.history(uow, "看取り"))) == 3
    with pytest.raises(NotFound):
        office.do(sato, lambda uow: synonyms.restore(uow, "看取り", 999, comment="x", base=back.number))


def test_what_was_not_touched_stays_as_the_release_ships_it(office: Office, sato: Identity) -> None:
    add(office, sato, "虹色手帳", "にじノート")
    groups = office.do(sato, synonyms.groups)
    assert [group.key for group in groups] == [*(group.key for group in Synonyms.shipped().groups), "虹色手帳"]
    assert office.do(sato, lambda uow: uow.session.scalars(select(SynonymChange.key)).all()) == ["虹色手帳"]
    assert [group.key for group in office.do(sato, lambda uow: synonyms.groups(uow, words="にじ"))] == ["虹色手帳"]


def test_a_change_made_on_top_of_somebody_elses_is_refused(office: Office, sato: Identity) -> None:
    office.do(sato, lambda uow: synonyms.change(uow, "看取り", words=["看取り", "最期の支援"], comment="x", base=0))
    with pytest.raises(WrongState):
        office.do(sato, lambda uow: synonyms.change(uow, "看取り", words=["看取り", "別"], comment="x", base=0))


def test_saving_the_same_words_makes_no_new_state(office: Office, sato: Identity) -> None:
    before = one(office, sato, "看取り")
    same = {"words": before.words, "related": before.related}
    assert office.do(sato, lambda uow: synonyms.change(uow, "看取り", **same, comment="", base=0)) == before
    assert len(office.do(sato, lambda uow: synonyms.history(uow, "看取り"))) == 1


@pytest.mark.parametrize(
    ("words", "comment", "told"),
    [
        (["看取り", "最期"], "x", "すでにあります"),
        (["虹色手帳"], "x", "2つ以上"),
        (["虹色手帳", "虹色手帳", "　"], "x", "2つ以上"),
        (["虹色手帳", "にじ"], " ", "理由"),
        (["虹色手帳", "に*じ"], "x", "使えません"),
        (["虹色手帳", "～"], "x", "使えません"),
        (["虹色手帳", "長" * 61], "x", "長すぎます"),
        (["虹色手帳", *(f"ことば{n}" for n in range(30))], "x", "30個まで"),
    ],
)
def test_a_group_that_cannot_be_is_refused_in_words(
    sqlite_office: Office, words: list[str], comment: str, told: str
) -> None:
    bureau = sqlite_office.person("city", "bureau")
    with pytest.raises(Refused, match=told):
        sqlite_office.do(bureau, lambda uow: synonyms.add(uow, words=words, comment=comment))


@pytest.mark.parametrize("role", ["coordinator@ikuno", "ward_office@ikuno", "system_admin@city", "auditor@city"])
def test_nobody_but_the_bureau_looks_or_changes(sqlite_office: Office, role: str) -> None:
    name, ward = role.split("@")
    person = sqlite_office.person(ward, name)
    for act in (
        synonyms.groups,
        synonyms.listing,
        lambda uow: synonyms.history(uow, "看取り"),
        lambda uow: synonyms.on_trial(uow, ["看取り", "最期"], []),
        lambda uow: synonyms.add(uow, words=["甲", "乙"], comment="x"),
        lambda uow: synonyms.switch(uow, "看取り", off=True, comment="x", base=0),
        lambda uow: synonyms.import_csv(uow, "x", comment="x"),
    ):
        with pytest.raises(Forbidden):
            sqlite_office.do(person, act)


def test_every_change_is_in_the_audit_trail(office: Office, sato: Identity) -> None:
    group = add(office, sato, "虹色手帳", "にじノート")
    office.do(sato, lambda uow: synonyms.switch(uow, group.key, off=True, comment="x", base=group.number))
    rows = office.do(sato, lambda uow: uow.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).all())
    assert [(row.action, row.detail["synonym"]) for row in rows[:2]] == [
        ("synonym.off", "虹色手帳"),
        ("synonym.added", "虹色手帳"),
    ]


# -- as a file --------------------------------------------------------------------------------------------------------


def saved(uow: UnitOfWork) -> str:
    return spreadsheets.as_csv(synonyms.listing(uow)).decode("utf-8-sig")


def test_a_saved_table_brought_in_again_changes_nothing(office: Office, sato: Identity) -> None:
    add(office, sato, "＝計算式", "-10", "虹色手帳", related=("@にじ",))
    text = office.do(sato, saved)
    assert '"=' not in text.replace("\"'=", "")
    assert '"\'＝計算式"' in text
    done = office.do(sato, lambda uow: synonyms.import_csv(uow, text, comment="確かめる"))
    assert (done.added, done.changed, done.problems) == ([], [], [])
    assert done.same == len(Synonyms.shipped().groups) + 1


def test_an_edited_table_adds_and_changes_and_removes_nothing(office: Office, sato: Identity) -> None:
    text = "見出し語,同じ意味のことば,関連することば,使う\n看取り,看取り、最期の支援,,\n,虹色手帳、にじノート,手帳,いいえ\n悪い行,,,\n甲,甲、乙,,たぶん\n"
    done = office.do(sato, lambda uow: synonyms.import_csv(uow, text, comment="一括"))
    assert (done.changed, done.added, len(done.problems)) == (["看取り"], ["虹色手帳"], 2)
    assert "4行目" in done.problems[0]
    assert one(office, sato, "虹色手帳").off
    assert len(office.do(sato, synonyms.groups)) == len(Synonyms.shipped().groups) + 1


@pytest.mark.parametrize(
    "text", ["", "a,b,c\n1,2,3", '"', "見出し語,同じ意味のことば,関連することば,使う\n" + "甲,甲、乙,,\n" * 5_001]
)
def test_a_file_that_is_no_such_table_is_refused(sqlite_office: Office, text: str) -> None:
    bureau = sqlite_office.person("city", "bureau")
    with pytest.raises(Refused):
        sqlite_office.do(bureau, lambda uow: synonyms.import_csv(uow, text, comment="x"))


# -- what a group would do --------------------------------------------------------------------------------------------


def test_a_trial_counts_only_what_the_person_may_see_and_changes_nothing(office: Office, sato: Identity) -> None:
    office.report("higashinari", state="submitted", record="<p>虹色手帳を配る</p>")
    office.report("higashinari", state="submitted", record="<p>にじノートを配る</p>")
    office.report("higashinari", state="draft", record="<p>にじノートの下書き</p>")
    office.catch_up()
    with office.uow(sato) as uow:
        effects = suggesting.effects(uow, synonyms.on_trial(uow, ["虹色手帳", "にじノート"], []))
        assert [(effect.word, effect.alone, effect.more) for effect in effects] == [
            ("虹色手帳", 1, 1),
            ("にじノート", 1, 1),
        ]
        assert finding.count(uow, "虹色手帳") == 1
