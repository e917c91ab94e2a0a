"""A page of a PDF is drawn by the limited child; a file that is none is named as such."""

import io
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from portal.intake import draw_pages
from portal.intake.limits import Damaged, Encrypted


def a_pdf(path: Path, pages: int = 3) -> Path:
    canvas = Canvas(str(path), pagesize=(595, 842))
    for number in range(1, pages + 1):
        canvas.drawString(72, 770, f"page {number}")
        canvas.rect(72, 100, 200 * number / pages, 100, fill=1)
        canvas.showPage()
    canvas.save()
    return path


def test_the_pages_asked_for_are_drawn_at_the_width_asked_for(tmp_path: Path) -> None:
    found = draw_pages(a_pdf(tmp_path / "a.pdf"), first=2, last=9, width=600)
    assert (found.count, found.first, len(found.pictures)) == (3, 2, 2)
    pictures = [Image.open(io.BytesIO(one)).convert("L") for one in found.pictures]
    assert {one.size for one in pictures} == {(600, 850)}
    dark = [sum(one.histogram()[:128]) for one in pictures]
    assert dark[1] > dark[0] > 1000  # the box grows from page to page


def test_a_broken_file_and_a_locked_one_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing more")
    with pytest.raises(Damaged, match="壊れている"):
        draw_pages(broken)
    writer = PdfWriter(clone_from=PdfReader(a_pdf(tmp_path / "a.pdf")))
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(Encrypted, match="パスワード"):
        draw_pages(tmp_path / "locked.pdf")


def test_a_page_as_long_as_a_till_roll_is_not_drawn(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "roll.pdf"), pagesize=(10, 14000))
    canvas.showPage()
    canvas.save()
    with pytest.raises(Damaged):
        draw_pages(tmp_path / "roll.pdf")
