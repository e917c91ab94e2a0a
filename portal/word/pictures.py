"""Pictures in a text: how large a PNG or JPEG is, told from its first bytes without decoding it, and how Word draws it."""

import struct
from dataclasses import dataclass
from functools import cached_property

from portal.word.markup import R, escape

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG segments that tell the size of the picture."""
_PIXEL, _TWIP = 9525, 635  # in English Metric Units; a picture is taken at 96 dots an inch
_TALLEST = 9600  # twentieths of a point: a picture leaves room for the words around it
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg"}
RELATION = f"{R}/image"


@dataclass(frozen=True)
class Picture:
    """An attached picture that may stand in the text: the number of the attachment and its bytes."""

    file: int
    data: bytes

    @cached_property
    def shape(self) -> tuple[str, int, int] | None:
        """The kind of file, and width and height in pixels; None for what is no whole PNG or JPEG."""
        return measure(self.data)

    @property
    def relation(self) -> str:
        """The id under which the document names the picture."""
        return f"rIdPicture{self.file}"

    @property
    def part(self) -> str:
        """Where the picture lies, seen from the document."""
        return f"media/picture{self.file}.{self.shape[0] if self.shape else ''}"


def measure(data: bytes) -> tuple[str, int, int] | None:
    """Return what a picture is and its width and height in pixels, or None."""
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">2I", data[16:24])
        kind = "png"
    elif data.startswith(_JPEG):
        height, width = _jpeg_size(data)
        kind = "jpeg"
    else:
        return None
    return (kind, width, height) if 0 < width < 100_000 and 0 < height < 100_000 else None


def _jpeg_size(data: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        segment = data[place + 1]
        if segment in _FRAMES:
            height, width = struct.unpack(">2H", data[place + 5 : place + 9])
            return height, width
        if segment == 0xFF:  # filling between segments
            place += 1
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return 0, 0


def draw(picture: Picture, number: int, alt: str, room: int) -> str:
    """Return the run that draws a picture within `room` twentieths of a point; `alt` is what is read aloud."""
    assert picture.shape is not None
    _, width, height = picture.shape
    scale = min(1.0, room * _TWIP / (width * _PIXEL), _TALLEST * _TWIP / (height * _PIXEL))
    across, down = max(int(width * _PIXEL * scale), 1), max(int(height * _PIXEL * scale), 1)
    return (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{across}" cy="{down}"/><wp:docPr id="{number}" name="図{picture.file}" descr="{escape(alt)}"/>'
        f'<a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/picture"><pic:pic xmlns:pic="{_DRAWING}/picture">'
        f'<pic:nvPicPr><pic:cNvPr id="0" name="図{picture.file}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip xmlns:r="{R}" r:embed="{picture.relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{across}" cy="{down}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )
