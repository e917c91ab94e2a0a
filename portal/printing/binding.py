"""What a bound PDF needs besides its pages: page numbers that begin after the front matter, and bookmarks to open it by."""

import io

from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle


def number_pages(pdf: bytes, *, front: int) -> bytes:
    """Return a PDF whose first `front` pages are counted i, ii, iii and the others from 1; its tags stay as they are."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    pages = len(writer.pages)
    if front:
        writer.set_page_label(0, min(front, pages) - 1, style=PageLabelStyle.LOWERCASE_ROMAN)
    if pages > front:
        writer.set_page_label(front, pages - 1, style=PageLabelStyle.DECIMAL, start=1)
    writer.page_mode = "/UseOutlines"
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def bookmarked_pages(pdf: bytes) -> dict[str, int]:
    """Return the page, counted from 0, that each bookmark of the first level opens."""
    reader = PdfReader(io.BytesIO(pdf))
    found: dict[str, int] = {}
    for one in reader.outline:
        if not isinstance(one, list) and (page := reader.get_destination_page_number(one)) is not None:
            found.setdefault(str(one.title), page)
    return found
