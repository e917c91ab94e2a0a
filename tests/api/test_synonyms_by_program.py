"""Synonyms, suggestions, other spellings and related documents through the API: the same services, the same rights."""

from tests.support.calling import Caller
from tests.support.office import Office


def test_the_bureau_keeps_the_synonyms_by_program(office: Office) -> None:
    sato = Caller.of(office, office.person("city", "bureau"))
    added = sato.post("/synonyms", {"words": ["虹色手帳", "にじノート"], "related": ["手帳"], "comment": "要望"})
    assert (added.status, added.data["key"], added.data["shipped"]) == (201, "虹色手帳", False)
    number = added.data["number"]
    changed = {"key": "虹色手帳", "words": ["虹色手帳", "虹手帳"], "comment": "見直し", "base": number}
    put = sato.call("PUT", "/synonyms", changed)
    assert (put.status, put.data["words"], put.data["related"]) == (200, ["虹色手帳", "虹手帳"], [])
    assert sato.call("PUT", "/synonyms", changed).status == 409
    off = sato.call("PUT", "/synonyms", {"key": "虹色手帳", "off": True, "comment": "x", "base": put.data["number"]})
    assert (off.data["off"], off.data["words"]) == (True, ["虹色手帳", "虹手帳"])
    back = {"key": "虹色手帳", "number": number, "comment": "戻す", "base": off.data["number"]}
    assert sato.post("/synonyms/restore", back).data["related"] == ["手帳"]
    states = sato.get("/synonyms/history?key=虹色手帳").data
    assert (states["total"], states["items"][0]["comment"]) == (4, "戻す")
    assert sato.get("/synonyms?q=にじ").data["total"] == 1
    assert sato.get("/synonyms/history?key=ない").status == 404
    assert sato.post("/synonyms", {"words": ["一つ"], "comment": "x"}).status == 400


def test_a_table_is_tried_before_it_is_brought_in(sqlite_office: Office) -> None:
    sato = Caller.of(sqlite_office, sqlite_office.person("city", "bureau_admin"))
    table = {"csv": "見出し語,同じ意味のことば,関連することば,使う\n,虹色手帳、虹手帳,,\n", "comment": "一括"}
    assert sato.post("/synonyms/import", {**table, "dry_run": True}).data["added"] == ["虹色手帳"]
    assert sato.get("/synonyms?q=虹").data["total"] == 0
    assert sato.post("/synonyms/import", table).data["added"] == ["虹色手帳"]
    assert sato.get("/synonyms?q=虹").data["total"] == 1
    assert "虹手帳" in sato.get("/synonyms?format=csv").text


def test_nobody_else_may_read_or_change_them(sqlite_office: Office) -> None:
    tanaka = Caller.of(sqlite_office, sqlite_office.person("higashinari", "coordinator"))
    assert tanaka.get("/synonyms").status == 403
    assert tanaka.post("/synonyms", {"words": ["甲", "乙"], "comment": "x"}).status == 403


def test_what_the_search_offers_is_of_what_the_caller_sees(office: Office) -> None:
    office.report("ikuno", title="椿餅の会議", record="<p>椿餅計画</p>")
    ours = office.report(
        "higashinari", title="病院の連絡会", record="<p>退院支援と服薬カレンダー</p>", held_on="2026-06-10"
    )
    last = office.report("higashinari", title="去年の連絡会", record="<p>退院支援</p>", held_on="2025-06-12")
    like = office.report("higashinari", title="薬の会議", body_name="", record="<p>服薬カレンダーの試行</p>")
    office.catch_up()
    tanaka = Caller.of(office, office.person("higashinari", "coordinator"))
    offered = tanaka.get("/search/suggestions?q=たいいん").data["items"]
    assert {"text": "退院支援", "label": "退院支援", "document": None} in offered
    (title,) = tanaka.get("/search/suggestions?q=病院の連").data["items"]
    assert title["document"]["id"] == ours
    assert tanaka.get("/search/suggestions?q=椿").data == {"total": 0, "items": []}
    meant = tanaka.get("/search?q=退院四縁").data["meant"]
    assert meant == [{"text": "退院支援", "typed": "退院四縁", "instead": "退院支援", "total": 3}]
    assert tanaka.get("/search?q=椿餅計両").data["meant"] == []
    related = tanaka.get(f"/documents/{ours}/related").data
    assert related["last_year"]["id"] == last
    assert like in [one["id"] for one in related["similar"]]
    ikuno = Caller.of(office, office.person("ikuno", "coordinator"))
    assert ikuno.get(f"/documents/{ours}/related").status == 404
    assert tanaka.get("/search?q=退院支援&has_issue=なし").data["total"] == 0
    assert tanaka.get("/search?q=ケアマネ&except=CM").data["reading"]["synonyms"][0]["off"] == ["CM"]
