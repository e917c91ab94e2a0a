"""Many Word files bound into one: each keeps its looks, the pages are counted through, the contents tell the true pages."""

import io
import re
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from docx.shared import Mm
from PIL import Image
from pypdf import PdfReader

from portal.printing import open_by_parts, pages_of, to_pdf
from portal.word import Entry, Packet, Slot, bookmarks, draw_packet, export, lint
from portal.word.binding import END
from portal.word.markup import nodes, parse, strings
from portal.word.package import read_parts
from tests.support.packages import require_package, require_program
from tests.word.desk import HEADING, MEETING, TRAINING, busy_meeting, busy_training
from tests.word.test_validity import hostile
from tests.word.validators import faults


def officers_file() -> bytes:
    """Return a file an office drew itself: other styles under the same names, lists, a picture in the text and in the header."""
    document = docx.Document()
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(picture, "PNG")
    document.add_heading("区で描いた様式", 1)
    document.add_paragraph("一つ目", style="List Number")
    document.add_paragraph("二つ目", style="List Number")
    document.add_paragraph("本文")
    document.add_picture(picture, width=Mm(20))
    document.add_table(2, 2)
    document.sections[0].header.paragraphs[0].add_run().add_picture(picture, width=Mm(10))
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def packet() -> Packet:
    meeting, training = export(MEETING, busy_meeting(), HEADING), export(TRAINING, busy_training(), HEADING)
    odd = export(MEETING, hostile(MEETING), replace(HEADING, ward_name="生野区"))
    return Packet(
        "令和8年10月分　<会議等>＆報告書",
        [("提出", "4区のうち3区"), ("作成日", "令和8年11月22日")],
        ["各区の報告", "意見交換 & その他"],
        [
            Slot("北区", [Entry("病院連絡会", meeting), Entry("研修会", training)]),
            Slot("東成区", [Entry("変わった字 <w:p/>\x00", odd)]),
            Slot("生野区", missing="提出されていません。"),
            Slot("西成区", [Entry("区で描いた様式", officers_file()), Entry("もう一度", officers_file())]),
        ],
    )


@pytest.fixture(scope="module")
def bound() -> bytes:
    return draw_packet(packet())


def test_validators_and_lint_find_nothing(bound: bytes, tmp_path: Path) -> None:
    assert lint(bound) == []
    known = draw_packet(packet(), dict.fromkeys(bookmarks(packet()), 7))
    nothing = draw_packet(Packet("題", slots=[Slot("北区", missing="ありません。")]))
    assert faults({"packet": bound, "with numbers": known, "nothing there": nothing}, tmp_path) == []


def test_the_same_documents_give_the_same_bytes(bound: bytes) -> None:
    assert draw_packet(packet()) == bound


def test_every_document_is_there_in_its_own_section_with_its_own_footer(bound: bytes) -> None:
    parts = read_parts(bound)
    body = parse(parts["word/document.xml"])
    assert len(nodes(body, "//w:sectPr")) == 1 + 5 + 1
    assert strings(body, "//w:bookmarkStart/@w:name") == [
        "slot1x1",
        "slot1x2",
        "slot2x1",
        "slot3x1",
        "slot4x1",
        "slot4x2",
        END,
    ]
    assert not nodes(body, "//w:sdt")
    ids = strings(body, "//w:bookmarkStart/@w:id")
    assert len(ids) == len(set(ids))
    feet = [data.decode() for name, data in parts.items() if name.startswith("word/footer")]
    assert any("生野区" in foot for foot in feet)
    assert not any("NUMPAGES" in foot for foot in feet)


def test_an_offices_own_looks_stay_beside_those_of_the_shipped_forms(bound: bytes) -> None:
    parts = read_parts(bound)
    body, styles = parse(parts["word/document.xml"]), parse(parts["word/styles.xml"])
    used = set(strings(body, "//w:pStyle/@w:val"))
    defined = strings(styles, "//w:style/@w:styleId")
    assert used <= set(defined)
    assert len(defined) == len(set(defined))
    assert {"Title", "x1Heading1", "x1Normal"} <= used
    assert len([name for name in parts if name.startswith("word/media/")]) == 1
    restarted = [
        one.get("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}val") for one in nodes(body, "//w:numId")
    ]
    assert len(set(restarted)) > 2


def test_the_pages_in_the_contents_are_the_true_ones_on_paper_too() -> None:
    require_package("fonts-noto-cjk")
    program = str(require_program("libreoffice-writer-nogui", "soffice"))
    made = packet()
    parts = bookmarks(made)
    (pdf,) = to_pdf([draw_packet(made)], program, bound=True)
    pages = pages_of(pdf)
    front = pages["slot1x1"]
    assert front == 3  # cover, 次第, contents
    numbered = {name: pages[name] - front + 1 for name in parts}
    assert list(numbered.values()) == sorted(set(numbered.values()))
    found = PdfReader(io.BytesIO(open_by_parts(pdf, parts)))
    contents = found.pages[front - 1].extract_text()
    for name, title in parts.items():
        row = next(line for line in contents.splitlines() if title.split("　")[1][:4] in line)
        assert row.split()[-1] == str(numbered[name]), row
    assert [str(one.title) for one in found.outline] == list(parts.values())
    assert found.page_labels[: front + 1] == ["i", "ii", "iii", "1"]
    assert "提出されていません" in found.pages[pages["slot3x1"]].extract_text()
    assert f"/ {len(found.pages) - front}" in found.pages[front].extract_text().replace("\n", " ")
    assert found.trailer["/Root"]["/MarkInfo"]["/Marked"]

    again = read_parts(draw_packet(made, numbered))["word/document.xml"].decode()
    told = re.findall(r"PAGEREF (slot\w+) .*?<w:t[^>]*>(\d+)</w:t>", again)
    assert {name: int(number) for name, number in told} == numbered
