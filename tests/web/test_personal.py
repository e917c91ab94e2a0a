"""Sharing at the screen and by program: every place that looks personal is shown and answered before anything is seen."""

import pytest

from portal.web.app import create_app
from tests.support.calling import Caller
from tests.support.office import Office
from tests.web.conftest import Visit

RECORD = "<p>架空花代様（090-1111-2222）の退院後について話し合った。</p>"


@pytest.fixture
def report(sqlite_office: Office) -> int:
    return sqlite_office.report("higashinari", state="accepted", record=RECORD)


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


def test_the_page_before_sharing_marks_each_place_and_asks(office: Office, visit: Visit, report: int) -> None:
    bureau = visit(office.person("city", "bureau"))
    asked = bureau.get(f"/documents/{report}/do/share")
    assert asked.tree.xpath("//fieldset//mark/text()") == ["架空花代様", "090-1111-2222"]
    assert "議事の内容" in asked.words
    assert "すべてを見つけられるわけではありません" in asked.words

    nothing_chosen = bureau.send(asked.form())
    assert nothing_chosen.status == 422
    assert "どうするかを選んでください" in nothing_chosen.words
    assert visit(office.person("ikuno", "coordinator")).get(f"/documents/{report}").status == 404

    name, phone = (one.removeprefix("answer-") for one in dict.fromkeys(asked.tree.xpath("//fieldset//input/@name")) if one.startswith("answer-"))  # fmt: skip
    half = bureau.send(asked.form(), **{f"answer-{name}": "mask", f"answer-{phone}": "keep"})
    assert half.status == 422
    assert "理由を入力してください" in half.words
    assert half.tree.xpath(f"//input[@name='answer-{name}' and @value='mask']/@checked")

    done = bureau.send(
        half.form(), **{f"answer-{name}": "mask", f"answer-{phone}": "keep", f"reason-{phone}": "代表番号"}
    )
    assert done.status == 303, done.words
    theirs = visit(office.person("ikuno", "coordinator")).get(f"/documents/{report}")
    assert "●●（090-1111-2222）" in theirs.words
    assert "花代" not in theirs.text
    assert "伏せた1件" in visit(office.person("city", "auditor")).get(f"/audit?document={report}").words


def test_a_report_without_such_places_is_shared_with_one_press(office: Office, visit: Visit) -> None:
    report = office.report("higashinari", state="accepted")
    bureau = visit(office.person("city", "bureau"))
    asked = bureau.get(f"/documents/{report}/do/share")
    assert "見つかりませんでした" in asked.words
    assert "すべてを見つけられるわけではありません" in asked.words
    assert bureau.send(asked.form()).status == 303


def test_the_look_of_the_shared_edition_shows_what_was_masked(office: Office, visit: Visit, report: int) -> None:
    bureau = visit(office.person("city", "bureau"))
    asked = bureau.get(f"/documents/{report}/do/share")
    names = [one for one in asked.tree.xpath("//fieldset//input/@name") if one.startswith("answer-")]
    assert bureau.send(asked.form(), **dict.fromkeys(names, "mask")).status == 303
    assert "花代" not in bureau.get(f"/documents/{report}/shared").text
    assert "花代" in bureau.get(f"/documents/{report}").text


def test_a_program_is_told_the_places_and_answers_them(office: Office, report: int) -> None:
    app = create_app(office.site)
    bureau = Caller.of(office, office.person("city", "bureau"), app)
    ikuno = Caller.of(office, office.person("ikuno", "coordinator"), app)
    address = f"/documents/{report}"
    refused = bureau.post(f"{address}/transitions", {"name": "share"})
    assert (refused.status, [one["kind"] for one in refused.data["personal"]]) == (422, ["name", "phone"])
    listed = bureau.get(f"{address}/personal")
    assert [one["places"][0]["words"] for one in listed.data["questions"]] == ["架空花代様", "090-1111-2222"]
    answers = [{"question": one["question"], "answer": "mask"} for one in listed.data["questions"]]
    half = bureau.post(f"{address}/transitions", {"name": "share", "personal": answers[:1]})
    assert [bool(one["problem"]) for one in half.data["personal"]] == [False, True]
    assert ikuno.get(f"{address}/personal").status == 404
    assert bureau.post(f"{address}/transitions", {"name": "share", "personal": answers}).status == 200
    assert "花代" not in ikuno.get(address).text
    assert ikuno.get(f"{address}/personal").status == 404
    assert [one["answer"] for one in bureau.get(f"{address}/personal").data["questions"]] == ["mask", "mask"]
