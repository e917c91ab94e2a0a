"""Opening a zip package without trusting it: counted, measured and searched before anything is unpacked."""

from __future__ import annotations

import codecs
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from portal.intake.limits import MB, Damaged, Limits, Refused, TooLarge, in_words

_END = b"PK\x05\x06"
_END_SIZE = 22
_CHUNK = 64 * 1024
_MODEST = 20 * MB

# zipfile asks for these while reading names; the child can open no file to load them from later on.
for _name in ("cp437", "utf-8"):
    codecs.lookup(_name)


def open_package(file: IO[bytes], limits: Limits) -> zipfile.ZipFile:
    """Open a zip package whose directory keeps within the limits, or say what is wrong with it."""
    _check_directory_size(file, limits)
    try:
        package = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError, UnicodeError) as error:
        raise Damaged("ファイルが壊れているか、途中で切れています。元のファイルを開けるか確かめてください。") from error
    _check_entries(package.infolist(), _size_of(file), limits)
    return package


def part_names(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the parts by their name in lower case, since Office does not tell cases apart."""
    return {name.lower(): name for name in package.namelist()}


def chunks(package: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield a part piece by piece; zipfile never gives more than the size that was checked."""
    try:
        with package.open(name) as part:
            while piece := part.read(_CHUNK):
                yield piece
    except (
        zipfile.BadZipFile,
        EOFError,
        ValueError,
        OSError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        zlib.error,
    ) as error:
        raise Damaged("ファイルの一部が壊れていて読めません。元のファイルを開けるか確かめてください。") from error


def _size_of(file: IO[bytes]) -> int:
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    return size


def _check_directory_size(file: IO[bytes], limits: Limits) -> None:
    """Look at the closing record alone, so that a directory of millions of entries is never loaded."""
    size = _size_of(file)
    file.seek(max(0, size - 65_536 - _END_SIZE))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise Damaged("ファイルが途中で切れています。元のファイルを開けるか確かめ、もう一度追加してください。")
    count, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    # Office never needs the 64-bit form below 50 MB; it would hide the true counts from this look.
    if count == 0xFFFF or directory == 0xFFFFFFFF or b"PK\x06\x07" in tail[max(0, at - 20) : at]:
        raise Refused("特殊な圧縮形式（ZIP64）のファイルは受け付けていません。Office で保存し直してください。")
    if count > limits.entries or directory > limits.entries * 400:
        raise TooLarge(f"中に含まれる部品が多すぎます（上限 {limits.entries:,} 個）。")


def _check_entries(entries: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise TooLarge(f"中に含まれる部品が多すぎます（上限 {limits.entries:,} 個）。")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes or (unpacked > _MODEST and unpacked > packed * limits.ratio):
        raise TooLarge(
            f"展開すると {in_words(unpacked)} になり、上限（{in_words(limits.unpacked_bytes)}、"
            f"圧縮率 {limits.ratio} 倍）を超えます。図や空白の行を減らして保存し直してください。"
        )
    seen: set[str] = set()
    for entry in entries:
        _check_entry(entry, seen)
    if sum(entry.compress_size for entry in entries) > packed:
        raise Refused("ファイルの内部構造が不正です（部品が重なっています）。受け付けられません。")


def _check_entry(entry: zipfile.ZipInfo, seen: set[str]) -> None:
    name = entry.filename.lower()
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name:
        raise Refused("ファイルの内部構造が不正です（部品の名前が外を指しています）。受け付けられません。")
    if name in seen:
        raise Refused("ファイルの内部構造が不正です（同じ名前の部品が二つあります）。受け付けられません。")
    seen.add(name)
    if entry.flag_bits & 0x1:
        raise Refused("パスワード付きの圧縮ファイルは受け付けていません。")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("特殊な圧縮形式のファイルは受け付けていません。Office で保存し直してください。")
