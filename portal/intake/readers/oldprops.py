"""Title, authors and the like out of the property set that old Office files carry."""

from __future__ import annotations

import codecs
import struct

from portal.intake.limits import Damaged
from portal.intake.ole import Container
from portal.intake.readers.meter import Meter

_STREAM = "\x05SummaryInformation"
_NAMES = {2: "title", 3: "subject", 4: "author", 5: "keywords", 6: "description", 8: "last_modified_by"}
_CODE_PAGE = 1
_TEXT, _WIDE_TEXT = 0x1E, 0x1F
_CODECS = {932: "cp932", 1252: "cp1252", 65001: "utf-8"}
for _name in (*_CODECS.values(), "utf-16-le"):
    codecs.lookup(_name)


def read_properties(container: Container, meter: Meter) -> None:
    """Note the properties; a set that is missing or broken is no reason to lose the text."""
    try:
        data = container.read(_STREAM)
        (start,) = struct.unpack_from("<I", data, 44)
        (count,) = struct.unpack_from("<I", data, start + 4)
        places = dict(struct.unpack_from("<II", data, start + 8 + 8 * i) for i in range(min(count, 100)))
        page = struct.unpack_from("<H", data, start + places[_CODE_PAGE] + 4)[0] if _CODE_PAGE in places else 932
        for number, name in _NAMES.items():
            if number in places:
                meter.property(name, _value(data, start + places[number], _CODECS.get(page, "cp932")))
    except (struct.error, Damaged):
        return


def _value(data: bytes, at: int, codec: str) -> str:
    kind, length = struct.unpack_from("<II", data, at)
    if kind == _WIDE_TEXT:
        text = data[at + 8 : at + 8 + length * 2].decode("utf-16-le", errors="replace")
    elif kind == _TEXT:
        text = data[at + 8 : at + 8 + length].decode(codec, errors="replace")
    else:
        text = ""
    return text.split("\x00")[0]
