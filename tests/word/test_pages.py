"""Everything the portal prints, drawn by LibreOffice: as it was when somebody last looked, whole, and in one face.

The stored pictures are docs/pictures/word. After a change of a form: `python -m tests.word.pictures`, look at them, commit.
"""

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.word.desk import opened, pages, rendered_together
from tests.word.pictures import FOLDER, RESOLUTION, sheets
from tests.word.test_rendering import _font_names, squeezed, stays_inside_the_margins, texts

CELL = 12
"""Pixels of a square that is looked at as one grey: half a line, so a letter drawn a little thicker is no difference."""
DARKER, SHARE = 24, 0.02
"""Squares may differ by this much grey; more than this share of the page's squares differing is another page."""


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return sheets()


@pytest.fixture(scope="module")
def drawn(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return rendered_together(files, tmp_path_factory.mktemp("pages"))


def difference(one: Path, other: Path) -> float:
    """Return the share of squares of two pages that differ."""
    with Image.open(one) as first, Image.open(other) as second:
        size = (first.width // CELL, first.height // CELL)
        greys = [picture.convert("L").resize(size, Image.Resampling.BOX).tobytes() for picture in (first, second)]
    return sum(abs(a - b) > DARKER for a, b in zip(*greys, strict=True)) / len(greys[0])


def test_every_page_looks_as_it_did_when_somebody_looked_at_it(drawn: dict[str, Path]) -> None:
    changed = []
    for name, pdf in drawn.items():
        stored = sorted(FOLDER.glob(f"{name}-[0-9].png"))
        now = pages(pdf, RESOLUTION)
        if len(now) != len(stored):
            changed.append(f"{name}: {len(now)} pages, not {len(stored)}")
        for number, (old, new) in enumerate(zip(stored, now, strict=False), 1):
            if (share := difference(old, new)) > SHARE:
                changed.append(f"{name}, page {number}: {share:.1%} differs")
    assert changed == [], "look at the pages, then run `python -m tests.word.pictures`"


def test_a_line_more_or_a_missing_frame_is_noticed(tmp_path: Path) -> None:
    page = FOLDER / "form8-1.png"
    with Image.open(page) as picture:
        whole = picture.convert("L")
        lower = whole.copy()
        lower.paste(whole.crop((0, 400, whole.width, whole.height - 21)), (0, 421))
        lower.save(tmp_path / "lower.png")
        thicker = whole.point(lambda grey: max(grey - 12, 0) if grey < 250 else grey)
        thicker.save(tmp_path / "thicker.png")
    assert difference(page, tmp_path / "lower.png") > SHARE
    assert difference(page, tmp_path / "thicker.png") <= SHARE
    assert difference(page, FOLDER / "form8-2.png") > SHARE


def test_nothing_is_lost_over_the_edge_of_a_page_or_a_box(files: dict[str, bytes], drawn: dict[str, Path]) -> None:
    for name, pdf in drawn.items():
        stays_inside_the_margins(pdf)
        letters = Counter(squeezed(opened(files[name]).text))
        shown = Counter(squeezed("".join(texts(pdf))))
        assert letters - shown == Counter(), name


def test_no_letter_is_drawn_as_a_box_or_in_a_borrowed_face(drawn: dict[str, Path]) -> None:
    for name, pdf in drawn.items():
        for page in PdfReader(pdf).pages:
            assert {font for font in _font_names(page) if "NotoSerifCJK" not in font} == set(), name
            fonts = [one.get_object() for one in page["/Resources"]["/Font"].values()]  # type: ignore[index]
            assert all(is_embedded(font) for font in fonts), name


def is_embedded(font: object) -> bool:
    descendants = [one.get_object() for one in font.get("/DescendantFonts", [font])]  # type: ignore[attr-defined]
    files = {"/FontFile", "/FontFile2", "/FontFile3"}
    return all(files & set(one["/FontDescriptor"].get_object()) for one in descendants)
