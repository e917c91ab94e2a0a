"""The guides: what they point to is there, their pictures are small, and the table of settings is the portal's own."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from portal import settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), ROOT / "deploy" / "README.md"]
SCREENS = ROOT / "docs" / "pictures" / "screens"


def links(page: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [unquote(link) for link in re.findall(r"\]\(([^)\s]+)\)", text)]


def headings(page: Path) -> set[str]:
    """Return the anchors of a page as code hosts make them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if not link.startswith("http"):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in headings(target), link


def test_every_picture_of_the_screens_is_shown_and_small() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    pictures = set(SCREENS.glob("*.png"))
    assert pictures
    assert pictures <= shown
    assert [picture.name for picture in pictures if picture.stat().st_size > 200 * 1024] == []


def test_the_guide_for_operators_has_every_setting_as_it_is() -> None:
    assert settings.table() in (ROOT / "docs" / "運用の手引き.md").read_text(encoding="utf-8")
