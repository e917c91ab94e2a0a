"""The directory and streams of the old Office container (doc, xls, and every password-locked Office file).

Written here rather than taken from a library because it runs on whatever a stranger sends: every chain is followed
for at most as many steps as the file has sectors, so no loop and no false count can hold it.
"""

from __future__ import annotations

import codecs
import struct
from array import array
from dataclasses import dataclass
from typing import IO

from portal.intake.limits import Damaged

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA
_DIRECTORY_SECTORS = 4096
# Looked up now: the child that reads with this can open no file to load it from later.
codecs.lookup("utf-16-le")
_BROKEN = "ファイルが壊れているか、途中で切れています。元のファイルを開けるか確かめてください。"


@dataclass(frozen=True, slots=True)
class Entry:
    """One named thing in the container: a stream of bytes or a storage that holds others."""

    name: str
    is_stream: bool
    start: int
    size: int


class Container:
    """An old Office file opened for reading."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read the tables of the container; raise Damaged when they make no sense."""
        self._file = file
        file.seek(0, 2)
        self._length = file.tell()
        file.seek(0)
        header = file.read(512)
        if len(header) < 512 or not header.startswith(MAGIC):
            raise Damaged(_BROKEN)
        (shift, small_shift) = struct.unpack("<HH", header[30:34])
        if shift not in (9, 12) or small_shift != 6:
            raise Damaged(_BROKEN)
        self._sector = 1 << shift
        self._sectors = self._length // self._sector + 1
        (directory, _, self._cutoff, small_table, _, more, _) = struct.unpack("<7I", header[48:76])
        self._table = self._read_table(list(struct.unpack("<109I", header[76:512])), more)
        self.entries = self._read_directory(directory)
        self._small_table = self._numbers(self._chain(small_table, self._sectors))
        self._small: bytes | None = None

    def names(self) -> set[str]:
        """Return the names of all streams and storages, in lower case."""
        return {entry.name.lower() for entry in self.entries}

    def read(self, name: str) -> bytes:
        """Return the bytes of the first stream of that name."""
        for entry in self.entries:
            if entry.is_stream and entry.name.lower() == name.lower():
                return self._stream(entry)
        raise Damaged(_BROKEN)

    def _stream(self, entry: Entry) -> bytes:
        if entry.size > self._length:
            raise Damaged(_BROKEN)
        if entry.size >= self._cutoff:
            return self._chain(entry.start, -(-entry.size // self._sector))[: entry.size]
        if self._small is None:
            root = self.entries[0]
            self._small = self._chain(root.start, self._sectors)[: root.size]
        found = bytearray()
        at = entry.start
        while at < len(self._small_table) and len(found) < entry.size:
            found += self._small[at * 64 : at * 64 + 64]
            at = self._small_table[at]
        return bytes(found[: entry.size])

    def _at(self, sector: int) -> bytes:
        self._file.seek((sector + 1) * self._sector)
        return self._file.read(self._sector)

    def _numbers(self, data: bytes) -> array[int]:
        return array("I", data[: len(data) // 4 * 4])

    def _read_table(self, sectors: list[int], more: int) -> array[int]:
        per_sector = self._sector // 4 - 1
        steps = 0
        while more < _LAST_SECTOR and steps <= self._sectors // per_sector:
            numbers = self._numbers(self._at(more))
            if len(numbers) <= per_sector:
                raise Damaged(_BROKEN)
            sectors.extend(numbers[:per_sector])
            more = numbers[per_sector]
            steps += 1
        used = [sector for sector in sectors if sector < self._sectors]
        # A sector of the table describes as many sectors as it holds numbers; more than that is a false count.
        return self._numbers(b"".join(self._at(sector) for sector in used[: self._sectors // per_sector + 2]))

    def _chain(self, sector: int, most: int) -> bytes:
        pieces: list[bytes] = []
        while sector < len(self._table) and len(pieces) < min(most, self._sectors):
            pieces.append(self._at(sector))
            sector = self._table[sector]
        return b"".join(pieces)

    def _read_directory(self, start: int) -> list[Entry]:
        data = self._chain(start, _DIRECTORY_SECTORS)
        entries = []
        for at in range(0, len(data) - 127, 128):
            record = data[at : at + 128]
            length, kind = struct.unpack("<HB", record[64:67])
            if kind not in (1, 2, 5) or not 2 <= length <= 64:
                continue
            name = record[: length - 2].decode("utf-16-le", errors="replace")
            first, size = struct.unpack("<II", record[116:124])
            entries.append(Entry(name, kind == 2, first, size))
        if not entries:
            raise Damaged(_BROKEN)
        return entries
