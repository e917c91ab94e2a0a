"""Many files at once: a folder with its folders, or a ZIP, given one file after another so that thousands cost no more than one."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from portal.intake.limits import Limits, Refused, TooLarge, in_words
from portal.intake.packages import chunks

_MOST_FILES = 20_000
_HIDDEN = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a bundle: its name within it, and where it lies until the next one is asked for, or why it cannot be had."""

    name: str
    path: Path | None
    message: str = ""


def is_zip(source: Path) -> bool:
    """Say whether a file is a ZIP by its content."""
    return source.is_file() and zipfile.is_zipfile(source)


def files_in(source: Path, limits: Limits | None = None) -> Iterator[Item]:
    """Yield the files of a folder or ZIP in a steady order; hidden ones and links are left out.

    Raises Refused when the source is neither, or a ZIP that is no honest one.
    """
    if source.is_dir():
        for path in folder_files(source):
            yield Item(path.relative_to(source).as_posix(), path)
    elif is_zip(source):
        yield from _unpacked(source, limits or Limits())
    else:
        raise Refused(f"「{source.name}」はフォルダーでも ZIP ファイルでもありません。")


def folder_files(folder: Path) -> list[Path]:
    """Return the files below a folder in a steady order, hidden ones and links left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not _is_hidden(path.relative_to(folder).parts)
    )


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith((".", "~$")) or part in _HIDDEN for part in parts)


def _unpacked(source: Path, limits: Limits) -> Iterator[Item]:
    """Yield the files of a ZIP, each in the same temporary place; nothing is written under a name the ZIP gives."""
    try:
        package = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused("ZIP ファイルが壊れているか、途中で切れています。作り直してください。") from error
    with package, tempfile.TemporaryDirectory(prefix="bundle-") as folder:
        entries = [(shown_name(entry), entry) for entry in package.infolist() if not entry.is_dir()]
        if len(entries) > _MOST_FILES:
            raise TooLarge(f"ZIP ファイルの中のファイルが多すぎます（上限 {_MOST_FILES:,} 個）。分けてください。")
        target = Path(folder) / "file"
        for name, entry in sorted(entries, key=lambda pair: pair[0]):
            if _is_hidden(PurePosixPath(name).parts):
                continue
            try:
                _unpack(package, entry, target, limits)
            except Refused as refused:
                yield Item(name, None, str(refused))
                continue
            yield Item(name, target)


def shown_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry; Japanese Windows writes names in Shift_JIS without saying so."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("cp932")
        except UnicodeError:
            pass
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))


def _unpack(package: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, limits: Limits) -> None:
    if entry.flag_bits & 0x1:
        raise Refused("パスワード付きの ZIP のため読めません。パスワードを外してください。")
    if entry.file_size > limits.file_bytes:
        raise TooLarge(
            f"ファイルが大きすぎます（{in_words(entry.file_size)}）。上限は {in_words(limits.file_bytes)} です。"
        )
    with target.open("wb") as file:
        for piece in chunks(package, entry.filename):
            file.write(piece)
