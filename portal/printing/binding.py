"""What a bound PDF needs besides its pages: bookmarks that open its parts, and page numbers that begin after the front matter."""

import io
from collections.abc import Mapping

from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle


def pages_of(pdf: bytes) -> dict[str, int]:
    """Return the page, counted from 0, of each destination of a bound PDF."""
    reader = PdfReader(io.BytesIO(pdf))
    found = {}
    for name, destination in reader.named_destinations.items():
        if (page := reader.get_destination_page_number(destination)) is not None:
            found[name.removeprefix("/")] = page
    return found


def open_by_parts(pdf: bytes, parts: Mapping[str, str]) -> bytes:
    """Return a bound PDF with a bookmark for each part: destination and title, in their order. Its tags stay as they are.

    What comes before the first part is counted i, ii, iii, the rest from 1.
    """
    pages = pages_of(pdf)
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    for name, title in parts.items():
        writer.add_outline_item(title=title, page_number=pages[name])
    front = min(pages[name] for name in parts)
    if front:
        writer.set_page_label(0, front - 1, style=PageLabelStyle.LOWERCASE_ROMAN)
    writer.set_page_label(front, len(writer.pages) - 1, style=PageLabelStyle.DECIMAL, start=1)
    writer.page_mode = "/UseOutlines"
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()
