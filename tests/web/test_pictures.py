"""Pictures in a report: shown to those who may read it, in its Word file, and in the shared edition only if their file is shared."""

import io
import zipfile
from collections.abc import Callable

import pytest
from PIL import Image

from portal.services import attaching, documents, exporting, redlining
from portal.services.errors import NotFound
from portal.services.picturing import NOT_SHARED, open_picture
from tests.support.browsing import Visitor
from tests.support.calling import Caller
from tests.support.office import Office
from tests.web.conftest import Visit

ALT = "会場の見取り図"


def png(colour: str = "steelblue") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def with_picture(office: Office) -> Callable[..., tuple[int, int]]:
    """Return a maker of reports of 東成区 with one attached picture in the text; (report, file)."""

    def make(*, shareable: bool = False) -> tuple[int, int]:
        report = office.report("higashinari")
        tanaka = office.person("higashinari", "coordinator")
        with office.uow(tanaka) as uow:
            file = attaching.attach(uow, report, name="会場.png", source=io.BytesIO(png())).id
            attaching.set_shareable(uow, file, shareable=shareable)
            uow.commit()
        fields = documents.kind_named("meeting_report").example()["fields"]
        text = f'<p>会場は次のとおり。</p><figure><img data-file="{file}" alt="{ALT}"></figure>'
        office.do(
            tanaka,
            lambda uow: documents.save_version(uow, report, title="", typed={**fields, "record": text}, base=1),
        )
        return report, file

    return make


def share(office: Office, report: int) -> None:
    bureau = office.person("city", "bureau")
    office.transition(office.person("higashinari", "coordinator"), report, "request_confirmation")
    office.transition(office.person("higashinari", "responsible"), report, "confirm")
    office.transition(bureau, report, "accept")
    office.transition(bureau, report, "share")


def media_in(docx: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return [name for name in package.namelist() if name.startswith("word/media/")]


def test_the_page_shows_the_picture_with_its_description(
    office: Office, visit: Visit, with_picture: Callable[..., tuple[int, int]]
) -> None:
    report, file = with_picture()
    author = visit(office.person("higashinari", "coordinator"))
    (shown,) = author.get(f"/documents/{report}").find("//main//figure/img")
    assert (shown.get("src"), shown.get("alt")) == (f"/pictures/{file}", ALT)
    got = author.client.get(f"/pictures/{file}")
    assert (got.data, got.content_type) == (png(), "image/png")
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Cache-Control"] == "no-store"


def test_another_ward_cannot_tell_the_picture_from_none(
    office: Office, visit: Visit, with_picture: Callable[..., tuple[int, int]]
) -> None:
    _, file = with_picture(shareable=True)
    other: Visitor = visit(office.person("ikuno", "coordinator"))
    assert other.get(f"/pictures/{file}").status == other.get("/pictures/999999").status == 404


def test_a_file_that_is_no_picture_is_never_shown_in_a_page(office: Office, visit: Visit) -> None:
    report = office.report("higashinari")
    tanaka = office.person("higashinari", "coordinator")
    with office.uow(tanaka) as uow:
        page = attaching.attach(uow, report, name="頁.txt", source=io.BytesIO(b"alert(1)"))
        uow.commit()
        with pytest.raises(NotFound):
            open_picture(uow, page.id)


def test_the_word_file_holds_the_picture_and_so_does_the_redline(
    office: Office, with_picture: Callable[..., tuple[int, int]]
) -> None:
    report, file = with_picture()
    with office.uow(office.person("higashinari", "coordinator")) as uow:
        assert media_in(exporting.as_word(uow, report)[1]) == [f"word/media/picture{file}.png"]
        assert media_in(exporting.as_word(uow, report, number=1)[1]) == []
        for old, new in ((1, 2), (2, 1)):
            assert media_in(redlining.redline(uow, report, old=old, new=new)[1]) == [f"word/media/picture{file}.png"]


def test_a_picture_of_another_document_is_not_taken_into_the_word_file(
    office: Office, with_picture: Callable[..., tuple[int, int]]
) -> None:
    _, file = with_picture()
    other = office.report("higashinari", record=f'<img data-file="{file}" alt="よその図">')
    with office.uow(office.person("higashinari", "coordinator")) as uow:
        assert media_in(exporting.as_word(uow, other)[1]) == []


def test_a_shared_picture_goes_with_the_shared_edition(
    office: Office, visit: Visit, with_picture: Callable[..., tuple[int, int]]
) -> None:
    report, file = with_picture(shareable=True)
    share(office, report)
    suzuki = office.person("ikuno", "coordinator")
    other = visit(suzuki)
    (shown,) = other.get(f"/documents/{report}").find("//main//figure/img")
    assert shown.get("alt") == ALT
    assert shown.get("src") != f"/pictures/{file}"
    assert other.client.get(shown.get("src")).data == png()
    assert other.get(f"/pictures/{file}").status == 404
    with office.uow(suzuki) as uow:
        assert len(media_in(exporting.as_word(uow, report)[1])) == 1


def test_a_picture_that_is_not_shared_leaves_a_note_and_nothing_else(
    office: Office, visit: Visit, with_picture: Callable[..., tuple[int, int]]
) -> None:
    report, _ = with_picture()
    bureau = visit(office.person("city", "bureau"))
    for step, person in (("request_confirmation", "coordinator"), ("confirm", "responsible")):
        office.transition(office.person("higashinari", person), report, step)
    preview = bureau.get(f"/documents/{report}/shared")
    assert "図は24区共有版に載せていません" in preview.words
    assert ALT not in preview.text
    for step in ("accept", "share"):
        office.transition(office.person("city", "bureau"), report, step)
    suzuki = office.person("ikuno", "coordinator")
    page = visit(suzuki).get(f"/documents/{report}")
    assert "図は24区共有版に載せていません" in page.words
    told = Caller.of(office, suzuki).get(f"/documents/{report}").data
    assert told["fields"]["record"] == f"<p>会場は次のとおり。</p>{NOT_SHARED}"
    with office.uow(suzuki) as uow:
        docx = exporting.as_word(uow, report)[1]
    assert media_in(docx) == []
    assert ALT not in page.text + str(told) + zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()
