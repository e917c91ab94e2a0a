"""Where an index lives: generations of a folder, one of them current, and commits that survive a power cut.

    folder/                 0700
      current -> g-...      a symbolic link, replaced by renaming: the switch to a rebuilt index is one instant
      g-.../                one generation: Whoosh's table of contents and the segment files it names
      MAIN_WRITELOCK        one writer at a time, whatever the generation
      REBUILDLOCK           one rebuild at a time; writers go on meanwhile

A commit writes the new segment and brings it to the disk, then Whoosh writes its table of contents beside the old one and
renames it; our storage adds the fsync of file and folder that Whoosh leaves out. Whatever moment the power goes, the
folder holds the last complete commit.
"""

import contextlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, clean_files

from search_index import analysis
from search_index.codec import INDEX_NAME, WardSchema, WardSegment, make_schema
from search_index.values import IndexBusy, IndexDamaged, IndexMissing, IndexOutdated, SearchIndexError

CURRENT = "current"
_PREFIX = "g-"
_ATTEMPTS = 50


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class SyncedStorage(FileStorage):  # type: ignore[misc]
    """Whoosh's folder storage, with every rename made to last."""

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Bring a file to the disk, rename it, and bring the name to the disk."""
        folder = Path(self.folder)
        with (folder / oldname).open("rb") as file:
            os.fsync(file.fileno())
        super().rename_file(oldname, newname, safe=safe)
        sync_folder(folder)


@dataclass(frozen=True, slots=True)
class Commit:
    """The state of an index at one commit."""

    generation: Path
    number: int
    schema: WardSchema
    segments: tuple[WardSegment, ...]

    @property
    def stamp(self) -> int:
        """The last outbox row this commit holds."""
        return self.schema.stamp


class Store:
    """The folder of an index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # --- reading ---

    def generation(self) -> Path:
        """Return the folder of the current generation."""
        link = self.folder / CURRENT
        try:
            name = link.readlink().name
        except FileNotFoundError as error:
            raise IndexMissing("検索の索引がまだありません。索引を作成してください。") from error
        except OSError as error:
            raise IndexDamaged("索引のフォルダーが壊れています。索引を作り直してください。") from error
        return self.folder / name

    def mark(self) -> tuple[int, int, int]:
        """Return what changes whenever the current generation or anything in it does; one system call."""
        found = os.stat(self.folder / CURRENT)  # noqa: PTH116 - a Path's own stat takes twice as long
        return found.st_dev, found.st_ino, found.st_mtime_ns

    def read(self) -> Commit:
        """Return the latest commit."""
        self._check_safe()
        for attempt in range(_ATTEMPTS):
            generation = self.generation()
            try:
                return self._read(generation)
            except FileNotFoundError:
                # A writer committed, or a rebuild switched, between our two looks.
                time.sleep(0.002 * attempt)
        raise IndexDamaged("索引の目次が見つかりません。索引を作り直してください。")

    def _read(self, generation: Path) -> Commit:
        storage = SyncedStorage(str(generation))
        number = TOC._latest_generation(storage, INDEX_NAME)
        if number < 0:
            if generation.is_dir() and generation == self.generation():
                raise IndexDamaged("索引の目次がありません。索引を作り直してください。")
            raise FileNotFoundError(generation)
        try:
            toc = TOC.read(storage, INDEX_NAME, gen=number)
        except (FileNotFoundError, MemoryError):
            raise
        except Exception as error:  # a damaged pickle may raise anything
            raise IndexDamaged("索引の目次が読めません。索引を作り直してください。") from error
        return self._checked(generation, number, toc)

    def _checked(self, generation: Path, number: int, toc: TOC) -> Commit:
        if not isinstance(toc.schema, WardSchema) or not all(isinstance(s, WardSegment) for s in toc.segments):
            raise IndexDamaged("索引の形式が異なります。索引を作り直してください。")
        if toc.schema.analysis != analysis.version():
            raise IndexOutdated("索引が古い辞書または表で作られています。索引を作り直してください。")
        return Commit(generation, number, toc.schema, tuple(toc.segments))

    def _check_safe(self) -> None:
        """Refuse a folder that others may write to: what stands in it is unpickled."""
        try:
            found = self.folder.stat()
        except FileNotFoundError as error:
            raise IndexMissing("検索の索引がまだありません。索引を作成してください。") from error
        if not stat.S_ISDIR(found.st_mode):
            raise IndexDamaged("索引の場所がフォルダーではありません。")
        if found.st_mode & 0o022 or found.st_uid not in (os.geteuid(), 0):
            raise IndexDamaged("索引のフォルダーに他の利用者が書き込めます。権限を 0700 にしてください。")

    # --- writing ---

    def make_folder(self) -> None:
        """Make the folder for the owner alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)

    @contextlib.contextmanager
    def lock(self, name: str = "MAIN_WRITELOCK", *, wait: float = 30.0) -> Iterator[None]:
        """Hold a lock of the index; the system frees it when the process dies."""
        lock = FileStorage(str(self.folder)).lock(name)
        until = time.monotonic() + wait
        while not lock.acquire():
            if time.monotonic() > until:
                raise IndexBusy("ほかの処理が索引を更新しています。しばらくしてからやり直してください。")
            time.sleep(0.01)
        try:
            yield
        finally:
            lock.release()

    def start_generation(self, stamp: int) -> Path:
        """Make the folder of a new generation with an empty index; it is not current yet."""
        generation = self.folder / f"{_PREFIX}{time.strftime('%Y%m%d%H%M%S')}-{secrets.token_hex(4)}"
        generation.mkdir(mode=0o700)
        TOC(make_schema(stamp, analysis.version()), [], 0).write(SyncedStorage(str(generation)), INDEX_NAME)
        return generation

    def commit(self, before: Commit, segments: list[WardSegment], stamp: int) -> Commit:
        """Make these segments the index; files nobody names any more are removed."""
        storage = SyncedStorage(str(before.generation))
        number = before.number + 1
        schema = before.schema.copy()
        schema.stamp = stamp
        sync_folder(before.generation)
        TOC(schema, segments, number).write(storage, INDEX_NAME)
        clean_files(storage, INDEX_NAME, number, segments)
        for leftover in before.generation.glob(f"_{INDEX_NAME}_*.toc.*"):
            leftover.unlink(missing_ok=True)  # a writer that was killed while it wrote its table of contents
        return Commit(before.generation, number, schema, tuple(segments))

    def first_commit(self, generation: Path) -> Commit:
        """Return the empty commit of a generation that was just started."""
        return self._read(generation)

    def switch(self, generation: Path) -> None:
        """Make a generation the current one, in one instant that lasts."""
        sync_folder(generation)
        beside = self.folder / f".{CURRENT}-{secrets.token_hex(4)}"
        beside.symlink_to(generation.name)
        beside.replace(self.folder / CURRENT)
        sync_folder(self.folder)

    def sweep(self, keep: Path | None = None) -> None:
        """Remove generations that are not current and not `keep`; their readers hold on to what they mapped."""
        try:
            current = self.generation()
        except SearchIndexError:
            current = None
        for path in self.folder.iterdir():
            if path.name.startswith(_PREFIX) and path not in (current, keep):
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(f".{CURRENT}-"):
                path.unlink(missing_ok=True)
