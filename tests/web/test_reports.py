"""Writing a report at the screen: the form, what it says when something is wrong, and that nothing typed is lost."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from portal.models import Document, Draft, Version
from portal.security.identity import Identity, SystemIdentity
from portal.services import documents
from portal.services.uow import UnitOfWork
from portal.web.app import create_app
from tests.support.browsing import Page, Visitor
from tests.support.office import Office
from tests.web.conftest import Visit
from tests.web.writing import filled, new_page, nonce_of, number_in, the_form, typed_text_fields, write

SCRIPT = "<script>alert(1)</script>"
EVIL = SCRIPT + '"><img src=x onerror=go()>'


@pytest.fixture
def tanaka(office: Office) -> Identity:
    return office.person("higashinari", "coordinator", name="田中 一郎")


def how_many(office: Office, model: type) -> int:
    with UnitOfWork(office.site, SystemIdentity()) as uow:
        return uow.session.scalar(select(func.count()).select_from(model)) or 0


def error_of(page: Page, name: str) -> str:
    return str(page.tree.xpath(f"string(//p[@id='f-{name}-error'])"))


def file(name: str = "名簿.txt", content: str = "参考資料") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content.encode()), name


def test_a_report_goes_from_the_form_to_all_24_wards(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    assert "会議の報告を書く" in author.get("/").words

    saved = write(author, then="hand_over")
    assert saved.status == 303
    preview = saved.follow()
    assert "責任者に確認を依頼してください" in preview.words
    report = number_in(saved)
    assert author.send(preview.form(f"/documents/{report}/do/request_confirmation")).status == 303

    for role, ward, act, state in [
        ("responsible", "higashinari", "confirm", "提出済み"),
        ("bureau", "city", "accept", "受付済み"),
        ("bureau", "city", "share", "24区共有"),
    ]:
        person = visit(office.person(ward, role))
        asked = person.get(f"/documents/{report}/do/{act}")
        person.send(asked.form())
        page = person.get(f"/documents/{report}")
        assert page.find("//p[@class='head-line']/span")[2].text == state

    elsewhere = visit(office.person("ikuno", "ward_office")).get(f"/documents/{report}")
    assert "24区共有版です" in elsewhere.words
    assert "見本 花子" not in elsewhere.text
    assert "病院の窓口の変更" not in elsewhere.text


def test_a_form_is_only_for_those_who_write_in_that_ward(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    assert new_page(author, "higashinari").status == 200
    assert new_page(author, "ikuno").status == 403
    assert new_page(author, "nowhere").status == 404
    assert new_page(author, "higashinari", "poem").status == 404
    assert new_page(visit(office.person("city", "bureau"))).status == 403
    assert visit().get("/higashinari/new/meeting_report").location.startswith("/sign-in?next=")
    author.get("/")
    assert author.post("/ikuno/new/meeting_report", filled(nonce="12345678")).status == 403
    assert how_many(office, Document) == 0


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("held_on", "令和8年13月19日", "令和8年13月19日"),
        ("held_on", "令和8年2月30日", "令和8年2月30日"),
        ("held_on", "来週", "読み取れません"),
        ("starts_at", "25時", "25"),
        ("headcount", "たくさん", "数字で入力してください"),
        ("meeting_number", "０", "1から9,999まで"),
    ],
)
def test_a_wrong_value_is_named_and_everything_typed_stays(
    office: Office, visit: Visit, tanaka: Identity, name: str, typed: str, told: str
) -> None:
    page = write(visit(tanaka), **{name: typed, "place": "二階 <b>大</b>会議室", "attendees-0-name": "見本 太郎"})
    assert page.status == 422
    assert told in error_of(page, name)
    assert page.find(f"//div[@class='errors']//a[@href='#f-{name}']")
    assert page.find("//title")[0].text.startswith("（1か所の確認が必要です）")
    control = page.find(f"//*[@id='f-{name}']")[0]
    assert (control.get("value"), control.get("aria-invalid")) == (typed, "true")
    form = the_form(page)
    assert form.fields["place"] == ["二階 <b>大</b>会議室"]
    assert form.fields["attendees-0-name"] == ["見本 太郎"]
    assert form.fields["items"] == ["ウ", "エ"]
    assert how_many(office, Document) == 0
    # A window closed now loses nothing: what could not be saved waits as a draft.
    again = new_page(visit(tanaka), nonce=form.fields["nonce"][0])
    assert "前回の続きを表示しています" in again.words
    assert again.find("//*[@id='f-place']")[0].get("value") == "二階 <b>大</b>会議室"


def test_a_problem_in_a_row_is_linked_to_its_cell(visit: Visit, tanaka: Identity) -> None:
    page = write(
        visit(tanaka), **{"decisions-0-due": "12月40日", "decisions-2-decision": "三件目", "decisions-2-due": "×"}
    )
    assert page.status == 422
    links = [one.get("href") for one in page.find("//div[@class='errors']//a")]
    assert len(links) == 2
    for link in links:
        assert page.find(f"//input[@id='{link[1:]}' and @aria-invalid='true']"), link


def test_dates_and_digits_of_every_spelling_are_read(visit: Visit, tanaka: Identity) -> None:
    page = write(
        visit(tanaka), held_on="平成３７年１０月１５日", meeting_number="４", starts_at="１４時", ends_at="午後3時半",
        reported_on="20251016", headcount="２人",
    ).follow()  # fmt: skip
    assert "令和7年10月15日" in page.words
    assert "第4回 病院連絡会" in page.words
    assert "午後3時30分" in page.words


def test_three_hundred_attendees_and_a_very_long_record(office: Office, visit: Visit, tanaka: Identity) -> None:
    long = "退院支援について話し合った。\n" * 14_300
    assert len(long) > 200_000
    people = {f"attendees-{n}-name": f"見本 {n}郎" for n in range(300)}
    saved = write(visit(tanaka), record=long, headcount="300", headcounts_0_count="", **people, **{
        "headcounts-0-count": "200", "headcounts-1-count": "100"})  # fmt: skip
    assert saved.status == 303, saved.words[:300]
    with office.uow(tanaka) as uow:
        content = uow.session.scalars(select(Version)).one().content
    assert len(content.fields["attendees"]) == 300
    page = visit(tanaka).get(saved.location)
    assert page.status == 200
    assert "見本 299郎" in page.words
    edit = visit(tanaka).get(saved.location + "/edit")
    assert "attendees-299-name" in edit.text
    assert edit.text.count("退院支援について話し合った。") == 14_300


def test_what_word_puts_on_the_clipboard_becomes_plain_structure(visit: Visit, tanaka: Identity) -> None:
    pasted = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{color:red}</style></head><body>'
        '<h2 style="mso-outline-level:1">議事</h2><p class=MsoNormal style="margin:0"><b><span lang=EN-US>1</span>件目</b>'
        "<o:p></o:p></p><table border=1><tr><td>担当</td><td>相談支援室</td></tr></table></body></html>"
    )
    page = write(visit(tanaka), record=pasted).follow()
    shown = page.find("//div[@class='prose']")[0]
    assert "mso" not in page.text.lower()
    assert "color:red" not in page.text
    assert shown.xpath("string(.//h4)") == "議事"
    assert "1件目" in shown.text_content()
    assert [one.text_content() for one in shown.xpath(".//td")] == ["担当", "相談支援室"]


@pytest.mark.parametrize("kind_name", ["meeting_report", "training_report"])
def test_script_in_every_field_stays_text_on_every_page(
    office: Office, visit: Visit, tanaka: Identity, kind_name: str
) -> None:
    author = visit(tanaka)
    evil = dict.fromkeys(typed_text_fields(kind_name), EVIL)
    saved = write(author, kind_name=kind_name, **evil)
    assert saved.status == 303, saved.words[:300]
    path = f"/documents/{number_in(saved)}"
    author.get(path + "/edit")
    again = author.post(path + "/edit", filled(kind_name, base="1", comment=SCRIPT, **{**evil, "place": SCRIPT + "2"}))
    assert again.status == 303
    stale = author.post(path + "/edit", filled(kind_name, base="1", **{**evil, "place": SCRIPT + "3"}))
    assert stale.status == 409
    pages = [stale, author.get("/"), author.get(f"{path}?q={SCRIPT}")]
    pages += [
        author.get(path + rest)
        for rest in ("", "/edit", "/preview", "/versions/1", "/diff?from=1&to=2", "/why", "/shared")
    ]
    pages.append(write(author, kind_name=kind_name, **{**evil, "held_on": SCRIPT}))
    for page in pages:
        assert page.status in (200, 409, 422), page.response.request.path
        assert "<script>alert" not in page.text, page.response.request.path
        assert "<img" not in page.text, page.response.request.path
        assert not page.find("//*[@onerror]"), page.response.request.path


def test_a_form_sent_twice_makes_one_document(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    nonce = nonce_of(new_page(author))
    sent = filled(nonce=nonce)
    first = author.post("/higashinari/new/meeting_report", sent)
    second = author.post("/higashinari/new/meeting_report", sent)
    assert first.location == second.location
    assert (how_many(office, Document), how_many(office, Version)) == (1, 1)
    # Going back to the form's address leads to what was saved.
    assert author.get(f"/higashinari/new/meeting_report?nonce={nonce}").location == first.location


def test_a_form_sent_twice_at_once_makes_one_document(office: Office, tanaka: Identity) -> None:
    app = create_app(office.site)
    visitors = [Visitor.of(office, tanaka, app) for _ in range(4)]
    for one in visitors:
        new_page(one)
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda one: one.post("/higashinari/new/meeting_report", filled(nonce="same-nonce-1")), visitors)
        )
    assert {one.status for one in answers} == {303}
    assert len({one.location for one in answers}) == 1
    assert how_many(office, Document) == 1


def test_a_form_gone_back_to_and_changed_is_a_new_version(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    new_page(author)
    saved = author.post("/higashinari/new/meeting_report", filled(nonce="same-nonce-1"))
    changed = author.post("/higashinari/new/meeting_report", filled(nonce="same-nonce-1", place="区役所 四階"))
    assert changed.location == saved.location
    assert "区役所 四階" in changed.follow().words
    assert (how_many(office, Document), how_many(office, Version)) == (1, 2)


def test_the_header_is_taken_over_from_the_last_meeting_of_the_body(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    write(author, body_name="病院連絡会", meeting_number="4", place="三階", next_on="令和9年1月21日", next_place="")
    write(author, body_name="別の会", meeting_number="1", place="遠い所")
    page = new_page(author, **{"from": "病院連絡会"})
    control = {one.get("name"): one.get("value") for one in page.find("//input[@name]")}
    assert control["meeting_name"] == "病院連絡会"
    assert control["meeting_number"] == "5"
    assert control["place"] == "三階"
    assert control["held_on"].startswith("令和9年1月21日")
    assert control["attendees-0-name"] == "見本 一郎"
    assert control["reporter"] == "田中 一郎"
    assert not page.find("//textarea[@name='record']")[0].text_content().strip()
    issues = page.find("//textarea[@name='issues-0-issue']")[0].text_content().strip()
    assert issues == "年末年始の空床情報の集め方"


def test_what_can_be_taken_over_is_of_the_same_kind(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    write(author, body_name="病院連絡会")
    write(author, kind_name="training_report", series_name="多職種研修会")
    for kind_name, name in (("meeting_report", "病院連絡会"), ("training_report", "多職種研修会")):
        page = new_page(author, kind_name=kind_name)
        assert [one.text for one in page.find("//select[@id='carry']/option")] == [name]
    assert not new_page(author, kind_name="file").find("//select[@id='carry']")


def test_rows_are_added_moved_and_removed_without_script(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    page = new_page(author)
    sent = filled(nonce=nonce_of(page))
    names = {f"attendees-{n}-name": name for n, name in enumerate(["甲", "乙", "丙"])}

    def after(act: str, value: str) -> list[str]:
        shown = author.post("/higashinari/new/meeting_report", {**sent, **names, act: value})
        assert shown.status == 200
        found = shown.find("//input[starts-with(@name, 'attendees-') and contains(@name, '-name')]")
        return [one.get("value") for one in found if not one.xpath("ancestor::template")]

    assert after("add", "attendees") == ["甲", "乙", "丙", "", ""]
    assert after("remove", "attendees-1") == ["甲", "丙", ""]
    assert after("up", "attendees-2") == ["甲", "丙", "乙", ""]
    assert after("down", "attendees-0") == ["乙", "甲", "丙", ""]
    assert after("down", "attendees-99") == ["甲", "乙", "丙", ""]
    assert how_many(office, Document) == 0


def test_files_wait_with_the_form_and_go_with_the_report(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    nonce = nonce_of(new_page(author))
    address = f"/higashinari/new/meeting_report/{nonce}/files"
    accept = {"Accept": "application/json"}
    answer = author.post(address, {"file": file("名簿<b>.txt")}, headers=accept)
    assert (answer.status, answer.response.json["name"]) == (201, "名簿＜b＞.txt")
    refused = author.post(address, {"file": file("空.txt", "")}, headers=accept)
    assert refused.status == 415
    assert "中身がありません" in refused.response.json["detail"]
    page = new_page(author, nonce=nonce)
    assert "名簿＜b＞.txt" in page.words
    assert "<b>.txt" not in page.text
    wrong = author.post("/higashinari/new/meeting_report", filled(nonce=nonce, held_on="×", file=file("二つ目.txt")))
    assert wrong.status == 422
    assert "名簿＜b＞.txt" in wrong.words
    assert "二つ目.txt" in wrong.words
    saved = author.post("/higashinari/new/meeting_report", filled(nonce=nonce)).follow()
    files = [one.text for one in saved.find("//a[starts-with(@href, '/files/')]")]
    assert files == ["名簿＜b＞.txt", "二つ目.txt"]
    assert how_many(office, Draft) == 0


def test_a_waiting_file_is_its_writers_alone_and_can_be_taken_off(
    office: Office, visit: Visit, tanaka: Identity
) -> None:
    author, nonce = visit(tanaka), "one-nonce-for-two"
    new_page(author)
    page = author.post("/higashinari/new/meeting_report", filled(nonce=nonce, add_files="1", file=file()))
    assert (page.status, "名簿.txt" in page.words) == (200, True)
    sato = visit(office.person("higashinari", "coordinator", name="佐藤"))
    assert "名簿.txt" not in new_page(sato, nonce=nonce).words
    assert "名簿.txt" not in sato.post("/higashinari/new/meeting_report", filled(nonce=nonce)).follow().words
    key = page.find("//button[@name='let_go']")[0].get("value")
    sato.post("/higashinari/new/meeting_report", filled(nonce="another-nonce", let_go=key))
    assert "名簿.txt" in new_page(author, nonce=nonce).words
    author.post("/higashinari/new/meeting_report", filled(nonce=nonce, let_go=key))
    assert "名簿.txt" not in new_page(author, nonce=nonce).words


def test_a_file_is_registered_under_its_own_name(visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    nonce = nonce_of(new_page(author, kind_name="file"))
    wrong = author.post("/higashinari/new/file", {"nonce": nonce, "title": ""})
    assert wrong.status == 422
    assert "題名を入力してください" in wrong.words
    saved = author.post("/higashinari/new/file", {"nonce": nonce, "title": "", "file": file("社会資源一覧.txt")})
    assert saved.follow().heading == "社会資源一覧"


def test_an_edit_says_why_and_an_unchanged_one_makes_no_version(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    saved = write(author)
    form = the_form(author.get(saved.location + "/edit"))
    assert author.send(form, comment="何も変えていない").status == 303
    assert how_many(office, Version) == 1
    author.send(form, place="区役所", comment="場所を訂正")
    page = author.get(saved.location)
    assert "場所を訂正" in page.words
    assert how_many(office, Version) == 2


def test_a_report_handed_over_is_not_edited_behind_the_back(office: Office, visit: Visit, tanaka: Identity) -> None:
    author = visit(tanaka)
    saved = write(author)
    report = number_in(saved)
    author.get(saved.location + "/edit")
    office.transition(tanaka, report, "request_confirmation")
    assert author.get(saved.location + "/edit").status == 403
    assert author.post(saved.location + "/edit", filled(base="1", place="こっそり")).status == 403
    with office.uow(tanaka) as uow:
        assert documents.current_version(uow, uow.session.get_one(Document, report)).number == 1
