"""PDF: its pages as pictures, for people who compare a file with what was read out of it."""

from __future__ import annotations

import base64
import io
from typing import IO, Any

import pypdfium2 as pdfium
from PIL import Image

from portal.intake.limits import Damaged, Encrypted, Limits

_TALLEST = 4  # times the width; a page like a till roll is drawn no taller
_PASSWORD = 4  # FPDF_ERR_PASSWORD

# Pillow imports its formats at the first save, when the child could open no file any more.
Image.new("L", (1, 1)).save(io.BytesIO(), "WEBP")


def draw(file: IO[bytes], order: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Return the pages asked for as WebP pictures, and how many pages there are. Raises Damaged or Encrypted."""
    try:
        document = pdfium.PdfDocument(file.read(limits.file_bytes))
    except pdfium.PdfiumError as problem:
        raise (Encrypted if getattr(problem, "err_code", None) == _PASSWORD else Damaged) from problem
    first, last = order["first"], min(order["last"], len(document))
    pictures = [_picture(document[number - 1], order["width"]) for number in range(first, last + 1)]
    return {"pages": len(document), "pictures": [base64.b64encode(one).decode() for one in pictures]}


def _picture(page: Any, width: int) -> bytes:
    across, down = page.get_size()
    if not 0 < across < 20_000 or not 0 < down <= across * _TALLEST:
        raise Damaged
    drawn: Image.Image = page.render(scale=(width - 0.01) / across).to_pil()
    file = io.BytesIO()
    drawn.convert("RGB").save(file, "WEBP", quality=70, method=2)
    return file.getvalue()
