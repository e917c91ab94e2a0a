"""Walking the XML of Office packages without ever holding it.

The standard library's expat is used instead of lxml: it builds no tree, knows nothing of files or networks, reports a
DOCTYPE before acting on it, keeps no stack that nesting could overflow, and costs the child no import worth measuring.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterable
from typing import IO, Protocol
from xml.parsers import expat

from portal.intake import ole
from portal.intake.limits import Damaged, Encrypted, Refused
from portal.intake.packages import chunks, open_package, part_names
from portal.intake.readers.meter import BROKEN, Meter

Attributes = dict[str, str]
_DOCTYPE = "文書の中に外部を呼び出す定義（DOCTYPE）があるため、安全のため読みません。Office で保存し直してください。"


class Handler(Protocol):
    """What listens to a walk: the names it is told are local ones, the namespaces of Office being many."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """There is text."""


def walk(pieces: Iterable[bytes], handler: Handler, meter: Meter) -> None:
    """Tell the handler what stands in an XML part; refuse one that declares a DOCTYPE."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    waiting = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal waiting
        waiting += 1
        handler.start(name[name.rfind("}") + 1 :], attributes)

    def end(name: str) -> None:
        handler.end(name[name.rfind("}") + 1 :])

    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.data
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            meter.count_elements(waiting)
            waiting = 0
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Damaged("文書の中身が壊れていて読めません。元のファイルを開けるか確かめてください。") from error


def _refuse_doctype(*_: object) -> None:
    raise Refused(_DOCTYPE)


def local(attributes: Attributes, name: str) -> str:
    """Return an attribute by its local name, whatever its namespace."""
    if name in attributes:
        return attributes[name]
    ending = "}" + name
    return next((value for key, value in attributes.items() if key.endswith(ending)), "")


class Package:
    """An Office package: its parts, and which part points to which."""

    def __init__(self, file: IO[bytes], meter: Meter) -> None:
        """Open the package; raise Encrypted when it is a locked one."""
        if file.read(8).startswith(ole.MAGIC):
            if "encryptedpackage" in ole.Container(file).names():
                raise Encrypted
            raise Damaged
        self._meter = meter
        self._zip: zipfile.ZipFile = open_package(file, meter.limits)
        self._names = part_names(self._zip)

    def walk(self, part: str, handler: Handler) -> None:
        """Walk a part of the package; a part that is not there is as good as empty."""
        name = self._names.get(part.lower())
        if name is not None:
            walk(chunks(self._zip, name), handler, self._meter)

    def walk_if_whole(self, part: str, handler: Handler) -> None:
        """Walk a part without which the rest still makes sense: a broken header must not cost the body."""
        try:
            self.walk(part, handler)
        except Damaged:
            self._meter.cut_short(BROKEN)

    def main_part(self) -> str:
        """Return the part the package is about."""
        parts = self.related("", "officeDocument")
        if not parts or parts[0].lower() not in self._names:
            raise Damaged
        return parts[0]

    def related(self, part: str, kind: str) -> list[str]:
        """Return the parts a part points to as being of a kind, each once, in the order they are declared."""
        return [target for target in dict.fromkeys(self.relations(part, kind).values()) if target != part]

    def relations(self, part: str, kind: str) -> dict[str, str]:
        """Return the parts of a kind by the ids under which a part knows them."""
        return self._relations(part, kind).targets

    def external(self, part: str) -> dict[str, str]:
        """Return the addresses a part links to by the ids under which it knows them; nobody follows them."""
        return self._relations(part, "hyperlink").addresses

    def _relations(self, part: str, kind: str) -> _Relations:
        folder, name = posixpath.split(part)
        found = _Relations(folder, kind)
        self.walk_if_whole(posixpath.join(folder, "_rels", name + ".rels"), found)
        return found

    def read_properties(self) -> None:
        """Note title, authors and other properties of the document."""
        for kind in ("core-properties", "extended-properties", "custom-properties"):
            for part in self.related("", kind):
                self.walk_if_whole(part, _Properties(self._meter))


class _Relations:
    def __init__(self, folder: str, kind: str) -> None:
        self.targets: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self._folder = folder
        self._ending = "/" + kind

    def start(self, name: str, attributes: Attributes) -> None:
        if name != "Relationship":
            return
        if attributes.get("TargetMode") == "External":
            self.addresses[attributes.get("Id", "")] = attributes.get("Target", "")
        elif attributes.get("Type", "").endswith(self._ending):
            target = posixpath.normpath(posixpath.join("/" + self._folder, attributes.get("Target", "")))
            self.targets[attributes.get("Id", "")] = target.lstrip("/")

    def end(self, name: str) -> None:
        """Nothing to do."""

    def data(self, text: str) -> None:
        """Nothing to do."""


_PROPERTY_NAMES = {
    "title": "title",
    "subject": "subject",
    "creator": "author",
    "lastModifiedBy": "last_modified_by",
    "keywords": "keywords",
    "description": "description",
    "category": "category",
    "language": "language",
    "created": "created",
    "modified": "modified",
    "Company": "company",
    "Manager": "manager",
}


class _Properties:
    """Core, extended and custom properties alike: small parts of one element a property."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._custom = ""
        self._text: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self._text.clear()
        if name == "property":
            self._custom = attributes.get("name", "")

    def end(self, name: str) -> None:
        if name in _PROPERTY_NAMES:
            self._meter.property(_PROPERTY_NAMES[name], "".join(self._text))
        elif self._custom and name != "Properties":
            self._meter.property(f"custom:{self._custom}", "".join(self._text))
            self._custom = ""
        self._text.clear()

    def data(self, text: str) -> None:
        if len(self._text) < 1000:
            self._text.append(text)
