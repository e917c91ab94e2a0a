"""LibreOffice draws the exports: an A4 form on whole pages, nothing lost, nothing over the edge, no box for a missing letter."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from portal.kinds import Content, Kind
from portal.word import export, exporting
from portal.word.compiling import unknown_marks
from portal.word.completing import complete
from portal.word.forms import FOLDER, WordForm
from tests.word.desk import (
    HEADING,
    MEETING,
    TRAINING,
    busy_meeting,
    busy_training,
    opened,
    pages,
    rendered,
    sample,
    saved_by_libreoffice,
)

MILLIMETRE = 72 / 25.4


def squeezed(text: str) -> str:
    return "".join(text.split())


def texts(pdf: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(pdf).pages]


@pytest.mark.parametrize(
    ("of", "content", "most"),
    [(MEETING, busy_meeting(), 6), (TRAINING, busy_training(), 3), (MEETING, sample(MEETING), 2)],
    ids=["busy meeting", "busy training", "small meeting"],
)
def test_a_report_is_drawn_on_a4_pages_with_its_number_on_each(
    of: Kind, content: Content, most: int, tmp_path: Path
) -> None:
    pdf = rendered(export(of, content, HEADING), tmp_path)
    shown = texts(pdf)
    assert 1 < len(shown) <= most
    for number, (page, text) in enumerate(zip(PdfReader(pdf).pages, shown, strict=True), 1):
        assert (round(page.mediabox.width / MILLIMETRE), round(page.mediabox.height / MILLIMETRE)) == (210, 297)
        assert f"【様式{'７' if of is MEETING else '８'}】" in squeezed(text)
        assert "R8-東成-様式7-012" in squeezed(text)
        assert f"{number}/{len(shown)}" in squeezed(text)
    stays_inside_the_margins(pdf)


def stays_inside_the_margins(pdf: Path) -> None:
    """Fail if anything is drawn in the outer 12 mm of a page, or if a page is nearly empty."""
    for picture in pages(pdf):
        with Image.open(picture) as page:
            dark = page.convert("L").point(lambda grey: 255 if grey < 200 else 0)
            left, upper, right, lower = dark.getbbox() or (0, 0, 0, 0)
            millimetre = page.width / 210
            assert left >= 12 * millimetre
            assert upper >= 8 * millimetre
            assert page.width - right >= 12 * millimetre
            assert page.height - lower >= 8 * millimetre


def test_the_heads_of_the_attendance_list_are_on_every_page_of_it(tmp_path: Path) -> None:
    shown = texts(rendered(export(MEETING, busy_meeting(120), HEADING), tmp_path))
    with_people = [text for text in shown if text.count("郎") > 12]
    assert len(with_people) >= 3
    assert all("所属" in text and "職種" in text for text in with_people)


def test_the_shared_edition_says_so_on_every_page(tmp_path: Path) -> None:
    content = busy_meeting()
    shown = texts(rendered(export(MEETING, MEETING.cut(content), replace(HEADING, edition="shared")), tmp_path))
    assert all("24区共有版" in squeezed(text) for text in shown)
    assert "髙橋" not in "".join(shown)


def test_every_letter_of_a_name_has_a_shape(tmp_path: Path) -> None:
    pdf = rendered(export(MEETING, sample(MEETING, place="髙﨑德邉𠮷槗㊞館"), HEADING), tmp_path)
    fonts = {str(font) for page in PdfReader(pdf).pages for font in _font_names(page)}
    assert fonts
    assert all("NotoSerifCJK" in font for font in fonts)
    assert "髙﨑德邉𠮷槗㊞館" in squeezed("".join(texts(pdf)))


def _font_names(page: object) -> list[str]:
    fonts = page["/Resources"]["/Font"]  # type: ignore[index]
    return [fonts[name]["/BaseFont"] for name in fonts]


@pytest.mark.parametrize(("of", "content"), [(MEETING, busy_meeting()), (TRAINING, busy_training())])
def test_every_field_survives_being_saved_by_libreoffice(of: Kind, content: Content, tmp_path: Path) -> None:
    docx = export(of, content, HEADING)
    before, after = opened(docx), saved_by_libreoffice(docx, tmp_path)
    assert {name: after.bookmarked.get(name) for name in before.bookmarked} == before.bookmarked
    lines = [[line for line in page.lines if line.strip()] for page in (before, after)]
    assert lines[0] == lines[1]


def test_a_form_saved_by_libreoffice_still_prints_every_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = saved_by_libreoffice((FOLDER / "form7" / "form.docx").read_bytes(), tmp_path)
    drawn = WordForm("saved", "様式7", "様式7", frozenset(), complete(saved.parts))
    direct = opened(export(MEETING, busy_meeting(), HEADING))
    monkeypatch.setattr(exporting, "find_form", lambda _: drawn)
    page = opened(export(MEETING, busy_meeting(), HEADING))
    assert unknown_marks(drawn, MEETING) == []
    assert page.controls == direct.controls
    assert [line for line in page.lines if line.strip()] == [line for line in direct.lines if line.strip()]
