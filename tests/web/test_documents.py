"""The page of a report: what it says, the one thing to do next, its versions, its readers, and how it is found again."""

import pytest

from portal.security.identity import Identity
from tests.support.browsing import Visitor, counting_queries
from tests.support.office import Office
from tests.web.conftest import Visit
from tests.web.writing import filled, number_in, write


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


@pytest.fixture
def tanaka(office: Office) -> Identity:
    return office.person("higashinari", "coordinator", name="田中 一郎")


MAIN = [
    ("draft", "higashinari", "coordinator", "法人確認を依頼する"),
    ("confirming", "higashinari", "coordinator", ""),
    ("confirming", "higashinari", "responsible", "確認して提出する"),
    ("submitted", "higashinari", "responsible", ""),
    ("submitted", "city", "bureau", "受け付ける"),
    ("accepted", "city", "bureau", "24区に共有する"),
    ("shared", "city", "bureau", "共有をやめる"),
    ("shared", "ikuno", "ward_office", ""),
    ("accepted", "city", "auditor", ""),
]


@pytest.mark.parametrize(("state", "ward", "role", "button"), MAIN)
def test_each_role_meets_its_one_button(
    office: Office, visit: Visit, state: str, ward: str, role: str, button: str
) -> None:
    report = office.report("higashinari", state=state)
    page = visit(office.person(ward, role)).get(f"/documents/{report}")
    assert page.status == 200
    found = ["".join(one.itertext()).strip() for one in page.find("//div[@class='head']//*[contains(@class, 'main')]")]
    assert found == ([button] if button else [])


def test_the_page_reads_as_a_report_and_leaves_out_what_is_empty(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    author = visit(tanaka)
    page = write(author, observers="", next_place="").follow()
    facts = {
        row.xpath("string(th)").strip(): row.xpath("string(td)").strip()
        for row in page.find("//table[@class='facts']//tr")
    }
    assert facts["開催日"] == "令和8年10月15日（木）"
    assert facts["事業項目"].startswith("（ウ）")
    assert "傍聴者数" not in facts
    assert "次回の場所" not in facts
    captions = [one.text for one in page.find("//table/caption")]
    assert captions == ["出席者", "職種別の人数", "議題", "主な意見", "決定事項", "課題・宿題"]


def test_sending_back_needs_a_reason_and_the_writer_reads_it(office: Office, visit: Visit) -> None:
    report = office.report("higashinari", state="submitted")
    bureau = visit(office.person("city", "bureau", name="健康 花子"))
    asked = bureau.get(f"/documents/{report}/do/return")
    empty = bureau.send(asked.form(), comment=" 　")
    assert empty.status == 422
    assert "理由を入力してください" in empty.words
    done = bureau.send(empty.form(), comment="出席者数が<合いません>。")
    assert done.status == 303
    page = visit(office.person("higashinari", "coordinator")).get(f"/documents/{report}")
    assert "差し戻しの理由" in page.words
    assert "出席者数が<合いません>。" in page.words
    assert "健康 花子" in page.words


def test_what_is_missing_is_listed_with_links_to_its_fields(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    saved = write(author, record="", place="", privacy_checked="", then="hand_over", **{"decisions-0-decision": ""})
    page = saved.follow()
    report = number_in(saved)
    assert "あと4か所の入力が必要です" in page.words
    edit = author.get(f"/documents/{report}/edit")
    for link in page.find("//div[@class='errors']//a"):
        address, _, anchor = link.get("href").partition("#")
        assert address == f"/documents/{report}/edit"
        assert edit.find(f"//*[@id='{anchor}']"), anchor
    author.get(f"/documents/{report}")
    assert author.post(f"/documents/{report}/do/request_confirmation").location.endswith("/preview")


def test_an_act_that_is_not_possible_now_says_so(office: Office, visit: Visit) -> None:
    report = office.report("higashinari", state="confirming")
    coordinator = visit(office.person("higashinari", "coordinator"))
    assert coordinator.get(f"/documents/{report}/do/confirm").status == 400
    coordinator.get("/")
    assert coordinator.post(f"/documents/{report}/do/confirm").status == 403
    assert coordinator.post(f"/documents/{report}/do/explode").status == 400
    other = visit(office.person("ikuno", "responsible"))
    other.get("/")
    assert other.post(f"/documents/{report}/do/confirm").status == 404


def test_versions_are_read_compared_and_brought_back(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    saved = write(author, place="一階")
    for base, place in ((1, "二階"), (2, "三階")):
        author.get(saved.location + "/edit")
        author.post(saved.location + "/edit", filled(base=str(base), place=place, comment=f"{place}に変更"))
    old = author.get(saved.location + "/versions/1")
    assert "第1版を表示しています" in old.words
    assert "一階" in old.words
    diff = author.get(saved.location + "/diff?from=1&to=3")
    row = diff.find("//table[@class='diff']//tr[th='場所']/td")[0]
    assert [one.text_content() for one in row.xpath(".//del | .//ins")] == ["削除一", "追加三"]
    for link in diff.find("//div[@class='buttons']/a/@href"):
        assert author.client.get(link).data.startswith(b"PK")
    assert "見え消しをWordで保存" in diff.words
    assert "見え消し" not in author.get(saved.location + "/diff?from=2&to=2").words
    back = author.send(old.form(saved.location + "/versions/1/restore")).follow()
    assert "第1版の内容を新しい版として保存しました" in back.words
    page = author.get(saved.location)
    assert "第4版" in page.words
    assert "一階" in page.words
    stale = author.post(saved.location + "/versions/2/restore", {"base": "1"})
    assert stale.status in (409, 412)
    for wrong in ("/versions/9", "/versions/0", "/diff?from=1&to=99", "/versions/99999999999999999999"):
        assert author.get(saved.location + wrong).status == 404, wrong
    assert author.get(saved.location + "/diff?from=x&to=").status == 200


def test_who_sees_it_and_why(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    sato = office.person("ikuno", "coordinator", name="佐藤 二郎")
    office.person("higashinari", "responsible", name="責任 太郎")
    saved = write(author)
    page = author.get(saved.location + "/why")
    names = {one.text_content().split("　", 2)[2]: one.get("value") for one in page.find("//option")}
    assert "責任 太郎" in names
    assert "佐藤 二郎" not in names
    told = author.get(f"{saved.location}/why?membership={names['責任 太郎']}")
    assert "見られます。" in told.words
    assert visit(sato).get(saved.location + "/why").status == 404
    assert author.get(f"{saved.location}/why?membership=999999").status == 404


def test_a_draft_is_deleted_after_asking_and_gone_for_everybody(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    saved = write(author)
    asked = author.get(saved.location + "/delete")
    assert "削除しますか" in asked.heading
    assert author.send(asked.form()).location == "/higashinari/"
    for rest in ("", "/edit", "/versions/1", "/diff", "/word"):
        assert author.get(saved.location + rest).status == 404


def test_the_searched_words_are_marked_where_they_stand(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    saved = write(author, record="退院支援ルールを試行する。ルールは来月から。", place="三階")
    page = author.get(saved.location + "?q=ルール 試行")
    marks = [one.text for one in page.find("//mark")]
    assert marks.count("ルール") >= 2
    assert len(page.find("//*[@id='hit']")) == 1
    assert "検索結果に戻る" in page.words
    nothing = author.get(saved.location + "?q=見当たらない語")
    assert not nothing.find("//mark")
    assert "同じことばはありません" in nothing.words


def test_a_page_asks_the_database_as_often_however_long_its_story_is(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    author = visit(tanaka)

    def queries(address: str) -> int:
        author.get(address)
        with counting_queries(office.site.engine) as seen:
            author.get(address)
        return len(seen)

    saved = write(author)
    short, form = queries(saved.location), queries(saved.location + "/edit")
    for base in range(1, 9):
        author.post(saved.location + "/edit", filled(base=str(base), place=f"{base}階"))
    assert queries(saved.location) == short
    assert queries(saved.location + "/edit") == form


def test_every_page_of_a_report_is_there_for_its_writer_in_english_too(visit: Visit, tanaka: Identity) -> None:
    author: Visitor = visit(tanaka)
    saved = write(author)
    author.client.set_cookie("portal_language", "en")
    for rest in ("", "/edit", "/preview", "/versions/1", "/diff", "/why", "/shared", "/delete"):
        page = author.get(saved.location + rest)
        assert page.status == 200, rest
        assert page.tree.get("lang") == "en", rest


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "9" * 20, "9" * 400, "１", "x", ""])
def test_no_number_in_an_address_or_a_form_breaks_a_page(visit: Visit, tanaka: Identity, number: str) -> None:
    author = visit(tanaka)
    saved = write(author)
    addresses = [f"/diff?from={number}&to={number}", f"/versions/{number}", f"/why?membership={number}"]
    addresses += [f"/word?version={number}", f"/edit?base={number}"]
    for address in addresses:
        assert author.get(saved.location + address).status in (200, 308, 400, 404), address
    author.get(saved.location + "/edit")
    edits = [{"base": number}, {"base": number, "use-place": "theirs"}, {"base": "1", "let_go": number}]
    for sent in edits:
        assert author.post(saved.location + "/edit", filled(**sent, place=f"別室{number[:9]}")).status in (
            200,
            303,
            404,
            409,
        ), sent
    for path in (f"/files/{number}", f"/documents/{number}/edit", f"/documents/{number}/do/confirm"):
        author.get("/")
        assert author.post(path, {"remove": "1"}).status in (403, 404, 405, 422), path
