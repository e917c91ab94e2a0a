"""Pictures in a text: attached PNG and JPEG files stand in the Word file with their description, never larger than the column."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from portal.intake import own_outline
from portal.kinds import Content
from portal.word import Heading, Picture, Returned, Side, export, read_back, redline
from portal.word.package import assemble, pack
from portal.word.pictures import measure
from search_index import cut_words
from tests.word import deciding
from tests.word.desk import HEADING, MEETING, NS, Opened, W, opened, rendered, sample, saved_by_libreoffice
from tests.word.test_redline import BY

TWIP = 635


def drawn(kind: str, width: int, height: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "steelblue").save(file, kind, **({"progressive": True} if kind == "JPEG" else {}))
    return file.getvalue()


PNG, JPEG = drawn("PNG", 320, 200), drawn("JPEG", 4000, 3000)
HELD = (Picture(12, PNG), Picture(13, JPEG), Picture(14, b"GIF89a"))
WITH = replace(HEADING, pictures=HELD)
TEXT = (
    '<p>会場</p><figure><img data-file="12" alt="会場の配置 & 動線"></figure>'
    '<table><tbody><tr><td><figure><img data-file="13" alt="写真"></figure></td><td><p>説明</p></td></tr></tbody></table>'
    '<ul><li><p>項目</p><figure><img data-file="12" alt="再び"></figure></li></ul>'
)


def page(text: str = TEXT) -> Opened:
    return opened(export(MEETING, sample(MEETING, record=text), WITH))


def drawings(found: Opened) -> list[tuple[str, int, int]]:
    """Return the description, width and height in twentieths of a point of every picture."""
    shown = found.document.xpath("//*[local-name()='inline']")
    return [
        (
            one.xpath("string(*[local-name()='docPr']/@descr)"),
            *(int(one.xpath(f"string(*[local-name()='extent']/@{side})")) // TWIP for side in ("cx", "cy")),
        )
        for one in shown
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (PNG, ("png", 320, 200)),
        (JPEG, ("jpeg", 4000, 3000)),
        (drawn("JPEG", 17, 5), ("jpeg", 17, 5)),
        (PNG[:20], None),
        (JPEG[:30], None),
        (b"GIF89a", None),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\1", None),
        (b"\xff\xd8\xff", None),
        (b"", None),
    ],
)
def test_the_size_is_told_from_the_first_bytes(data: bytes, told: object) -> None:
    assert measure(data) == told


@given(st.binary(max_size=60))
def test_no_bytes_break_the_measuring(data: bytes) -> None:
    measure(data)
    measure(b"\xff\xd8\xff" + data)
    measure(b"\x89PNG\r\n\x1a\n" + data)


def test_a_picture_stands_in_the_text_with_its_description() -> None:
    found = drawings(page())
    assert [alt for alt, _, _ in found] == ["会場の配置 & 動線", "写真", "再び"]
    assert found[0][1:] == (320 * 15, 200 * 15)


def test_a_large_picture_fits_its_column() -> None:
    _, across, down = drawings(page())[1]
    cell = page().document.xpath("//w:tc[.//*[local-name()='docPr'][@descr='写真']]/w:tcPr/w:tcW/@w:w", namespaces=NS)
    assert 300 < across < int(cell[-1])
    assert abs(across * 3 - down * 4) < 8


def test_a_tall_picture_stays_on_its_page() -> None:
    tall = replace(HEADING, pictures=(Picture(12, drawn("PNG", 100, 3000)),))
    found = opened(export(MEETING, sample(MEETING, record='<img data-file="12" alt="縦長">'), tall))
    assert drawings(found)[0][2] <= 9600


def test_each_picture_is_in_the_file_once() -> None:
    names = [name for name in page().parts if name.startswith("word/media")]
    assert names == ["word/media/picture12.png", "word/media/picture13.jpeg"]
    assert page().parts[names[1]] == JPEG
    assert page("<p>図なし</p>").parts.keys().isdisjoint(names)


def test_a_picture_that_is_not_there_is_told_by_its_description() -> None:
    found = page(
        '<figure><img data-file="99" alt="消えた図"></figure><figure><img data-file="14" alt="動く図"></figure>'
    )
    assert drawings(found) == []
    assert "［図：消えた図］" in found.lines
    assert "［図：動く図］" in found.lines


def test_a_picture_can_be_found_again_by_its_file(tmp_path: Path) -> None:
    docx = export(MEETING, sample(MEETING, record=TEXT), WITH)
    for one in (opened(docx), saved_by_libreoffice(docx, tmp_path)):
        files = [name.split("_")[2] for name in sorted(one.bookmarks) if name.startswith("_p_")]
        assert sorted(files) == ["12", "12", "13"]
        assert [alt for alt, _, _ in drawings(one)] == ["会場の配置 & 動線", "写真", "再び"]


def back(docx: bytes, base: Content, heading: Heading = WITH) -> Returned:
    printed = own_outline(export(MEETING, base, heading))
    return read_back(MEETING, base, printed, own_outline(docx))


@pytest.mark.parametrize("heading", [WITH, HEADING], ids=["drawn", "described"])
def test_pictures_come_back_from_word(heading: Heading) -> None:
    content = sample(MEETING, record=TEXT)
    docx = export(MEETING, content, heading)
    other = sample(MEETING, record="<p>何もない</p>")
    assert back(docx, content, heading).fields["record"].value == content.fields["record"]
    assert back(docx, other, heading).fields["record"].value == content.fields["record"]


def test_pictures_come_back_after_libreoffice_saved_the_file(tmp_path: Path) -> None:
    content = sample(MEETING, record=TEXT)
    saved = saved_by_libreoffice(export(MEETING, content, WITH), tmp_path).parts
    docx = assemble(pack(name, data) for name, data in saved.items())
    for base in (content, sample(MEETING, record="<p>何もない</p>")):
        assert back(docx, base).fields["record"].value == content.fields["record"]


def test_equal_values_give_equal_bytes() -> None:
    assert export(MEETING, sample(MEETING, record=TEXT), WITH) == export(MEETING, sample(MEETING, record=TEXT), WITH)


def test_libreoffice_draws_them(tmp_path: Path) -> None:
    from pypdf import PdfReader

    pdf = PdfReader(rendered(export(MEETING, sample(MEETING, record=TEXT), WITH), tmp_path))
    assert (320, 200) in {image.image.size for one in pdf.pages for image in one.images if image.image}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>会場</p>", TEXT),
        (TEXT, "<p>会場</p>"),
        (TEXT, TEXT.replace("動線", "席").replace("<p>会場</p>", "<p>会場の案</p>")),
        ('<figure><img data-file="12" alt="図"></figure>', '<figure><img data-file="13" alt="図"></figure>'),
    ],
)  # fmt: skip
def test_a_picture_comes_and_goes_in_a_redline(before: str, after: str) -> None:
    old, new = (sample(MEETING, record=text) for text in (before, after))
    docx = redline(MEETING, Side(old, WITH), Side(new, WITH), by=BY, style="tracked", cut=cut_words)
    found = opened(docx)
    for content, decide in ((new, deciding.accepted), (old, deciding.rejected)):
        decided = decide(etree.fromstring(found.parts["word/document.xml"]))
        wanted = opened(export(MEETING, content, WITH))
        assert pictures_of(decided) == pictures_of(wanted.document)


def pictures_of(root: etree._Element) -> list[tuple[str, str]]:
    shown = root.iter(f"{W}drawing")
    return [
        (one.xpath("string(.//*[local-name()='docPr']/@descr)"), one.xpath("string(.//@*[local-name()='embed'])"))
        for one in shown
    ]


def test_what_stayed_is_not_marked() -> None:
    content = sample(MEETING, record=TEXT)
    moved = Content(content.title, {**content.fields, "place": "区民ホール", "absentees": content.fields["attendees"]})
    docx = redline(MEETING, Side(content, WITH), Side(moved, WITH), by=BY, style="tracked", cut=cut_words)
    changes = opened(docx).document.xpath("//w:ins//w:drawing | //w:del//w:drawing", namespaces=NS)
    assert changes == []
