"""Files at the screen: in with a clear word, out as files and never as pages, and gone when they are taken off."""

import io
import zipfile

import pytest
from sqlalchemy import select

from portal.models import AuditEntry
from portal.security.identity import Identity, SystemIdentity
from tests.support.browsing import Page, Visitor
from tests.support.office import Office
from tests.web.conftest import Visit
from tests.web.writing import number_in, write

JSON = {"Accept": "application/json"}


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


@pytest.fixture
def author(office: Office, visit: Visit) -> Visitor:
    return visit(office.person("higashinari", "coordinator", name="田中 一郎"))


def send(visitor: Visitor, report: int, *files: tuple[str, bytes], **options: object) -> Page:
    visitor.get(f"/documents/{report}")
    given = [(io.BytesIO(content), name) for name, content in files]
    return visitor.post(f"/documents/{report}/files", {"file": given}, **options)


def links(page: Page) -> list[str]:
    return [one.get("href") for one in page.find("//main//a[starts-with(@href, '/files/')]")]


def test_files_are_added_downloaded_and_taken_off(author: Visitor) -> None:
    report = number_in(write(author))
    page = send(author, report, ("出席者 名簿.txt", "名簿".encode()), ("壊れた.pdf", b"%PDF-1.7 broken")).follow()
    assert "「出席者 名簿.txt」を添付しました" in page.words
    assert len(links(page)) == 2
    got = author.client.get(links(page)[0])
    assert got.data == "名簿".encode()
    assert got.headers["Content-Disposition"] == (
        "attachment; filename=\"______.txt\"; filename*=UTF-8''"
        + "%E5%87%BA%E5%B8%AD%E8%80%85%20%E5%90%8D%E7%B0%BF.txt"
    ).replace("______", "_" * 6)
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Cache-Control"] == "no-store"
    author.get(f"/documents/{report}")
    author.post(links(page)[0].rsplit("/", 1)[0], {"remove": "1"})
    assert len(links(author.get(f"/documents/{report}"))) == 1
    assert author.get(links(page)[0]).status == 404


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("プログラム.exe", b"MZ\x90\x00" + b"\x00" * 200, 415), ("空.txt", b"", 415), ("", b"x", 415)],
)
def test_a_file_that_may_not_come_in_says_why(author: Visitor, name: str, content: bytes, status: int) -> None:
    report = number_in(write(author))
    answer = send(author, report, (name, content), headers=JSON)
    assert answer.status == status
    assert answer.response.content_type == "application/problem+json"
    assert answer.response.json["detail"]
    assert links(author.get(f"/documents/{report}")) == []


def test_one_refused_file_does_not_keep_the_others_out(author: Visitor) -> None:
    report = number_in(write(author))
    page = send(author, report, ("<script>alert(1)</script>.txt", b"a"), ("空.txt", b""), ("三.txt", b"c")).follow()
    assert len(links(page)) == 2
    assert "空.txt：ファイルの中身がありません" in page.words
    assert "<script>alert" not in page.text
    for path in links(page):
        got = author.client.get(path)
        assert got.headers["Content-Disposition"].startswith("attachment;")
        assert "\n" not in got.headers["Content-Disposition"]


def test_html_and_pictures_with_script_are_never_shown_by_the_browser(author: Visitor) -> None:
    report = number_in(write(author))
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    page = send(author, report, ("絵.svg", svg), ("頁.html", b"<html><script>alert(1)</script></html>")).follow()
    for path in links(page):
        got = author.client.get(path)
        assert got.headers["Content-Disposition"].startswith("attachment;")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in got.headers["Content-Security-Policy"]


def test_only_files_marked_so_go_with_the_shared_edition(office: Office, visit: Visit, author: Visitor) -> None:
    report = number_in(write(author))
    page = send(author, report, ("内部.txt", "内部".encode()), ("配布資料.txt", "配布".encode())).follow()
    author.post(links(page)[1].rsplit("/", 1)[0], {"shareable": "1"})
    preview = author.get(f"/documents/{report}/shared")
    assert ["配布資料.txt" in one.text_content() for one in preview.find("//aside/section[1]//li")] == [True]
    assert "共有されない添付内部.txt" in preview.words.replace(" ", "")
    tanaka = office.person("higashinari", "coordinator", name="田中 一郎")
    office.transition(tanaka, report, "request_confirmation")
    office.transition(office.person("higashinari", "responsible"), report, "confirm")
    for act in ("accept", "share"):
        office.transition(office.person("city", "bureau"), report, act)
    other = visit(office.person("ikuno", "ward_office"))
    shown = other.get(f"/documents/{report}")
    assert [path.rsplit("/", 1)[1] for path in links(shown)] == ["%E9%85%8D%E5%B8%83%E8%B3%87%E6%96%99.txt"]
    assert other.get(links(shown)[0]).text == "配布"
    assert other.get(links(page)[0]).status == 404
    assert not shown.find("//file-drop")


def test_the_bureau_says_at_the_screen_which_files_are_shared(office: Office, visit: Visit, author: Visitor) -> None:
    report = number_in(write(author))
    send(author, report, ("内部.txt", "内部".encode()), ("配布資料.txt", "配布".encode()))
    tanaka = office.person("higashinari", "coordinator", name="田中 一郎")
    office.transition(tanaka, report, "request_confirmation")
    office.transition(office.person("higashinari", "responsible"), report, "confirm")
    bureau = visit(office.person("city", "bureau"))
    assert "24区共有に含める" not in bureau.get(f"/documents/{report}").words
    office.transition(office.person("city", "bureau"), report, "accept")
    page = bureau.get(f"/documents/{report}")
    assert not page.find("//main//button[@name='remove']")
    shown = bureau.send(page.form("/files/", number=1), shareable="1").follow()
    assert shown.find("//main//button[@name='shareable' and @value='0']")
    preview = bureau.get(f"/documents/{report}/shared")
    assert [one.text.strip() for one in preview.find("//aside//li")] == ["配布資料.txt", "内部.txt"]
    back = bureau.send(preview.form("/files/", number=0), shareable="0")
    assert back.location == f"/documents/{report}/shared"
    assert "共有される添付はありません" in back.follow().words
    assert "24区共有に含める" not in author.get(f"/documents/{report}/shared").words


def test_files_of_another_ward_are_not_there(office: Office, visit: Visit, author: Visitor) -> None:
    report = number_in(write(author))
    path = links(send(author, report, ("名簿.txt", b"x")).follow())[0]
    other = visit(office.person("ikuno", "coordinator"))
    assert other.get(path).status == 404
    other.get("/")
    assert other.post(path.rsplit("/", 1)[0], {"remove": "1"}).status == 404
    assert other.post(f"/documents/{report}/files", {"file": (io.BytesIO(b"x"), "x.txt")}).status == 404
    assert other.get("/files/999999/x.txt").status == 404


def test_the_report_comes_as_word_under_its_own_name(author: Visitor) -> None:
    report = number_in(write(author))
    got = author.client.get(f"/documents/{report}/word")
    assert got.content_type.startswith("application/vnd.openxmlformats-officedocument.wordprocessingml")
    assert "filename*=UTF-8''" in got.headers["Content-Disposition"]
    body = zipfile.ZipFile(io.BytesIO(got.data)).read("word/document.xml").decode()
    assert "退院支援ルール第2版" in body
    assert author.get(f"/documents/{report}/word?version=9").status == 404


def test_asking_only_for_the_headers_is_no_download_and_leaves_no_row(office: Office, author: Visitor) -> None:
    def trail() -> list[str]:
        with office.uow(SystemIdentity()) as uow:
            return list(uow.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))

    report = number_in(write(author))
    path = links(send(author, report, ("名簿.txt", b"x")).follow())[0]
    for address, action in [(path, "attachment.downloaded"), (f"/documents/{report}/word", "document.exported")]:
        before = trail()
        asked = author.client.head(address)
        assert (asked.status_code, asked.data) == (200, b"")
        assert asked.headers["Content-Disposition"].startswith("attachment;")
        assert trail() == before
        assert author.client.get(address).status_code == 200
        assert trail() == [*before, action]


def test_what_was_handed_over_takes_no_more_files(office: Office, author: Visitor) -> None:
    report = number_in(write(author))
    tanaka: Identity = office.person("higashinari", "coordinator", name="田中 一郎")
    path = links(send(author, report, ("名簿.txt", b"x")).follow())[0]
    office.transition(tanaka, report, "request_confirmation")
    assert send(author, report, ("遅い.txt", b"x"), headers=JSON).status == 403
    assert author.post(path.rsplit("/", 1)[0], {"remove": "1"}).status == 403
    assert author.get(path).status == 200
