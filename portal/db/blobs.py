"""Files named by their SHA-256: written beside, synced, renamed into place, and only then named by a row."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


class BlobStore:
    """A folder of content-addressed files. Putting the same bytes twice keeps one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return where the blob of that hash lives, whether or not it is there."""
        return self.folder / sha256[:2] / sha256

    def put(self, source: IO[bytes]) -> tuple[str, int]:
        """Store everything that can be read from the source; return its hash and size in bytes.

        When this returns, the bytes survive a power cut. Raises OSError when they cannot be stored (full disk); then
        nothing half-written stays under the blob's name.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".incoming-", delete=False) as file:
            try:
                while chunk := source.read(1 << 20):
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                self._into_place(Path(file.name), digest.hexdigest())
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        return digest.hexdigest(), size

    def _into_place(self, written: Path, sha256: str) -> None:
        target = self.path(sha256)
        made = not target.parent.exists()
        target.parent.mkdir(exist_ok=True, mode=0o700)
        written.replace(target)
        sync_folder(target.parent)
        if made:
            sync_folder(self.folder)

    def is_whole(self, sha256: str) -> bool:
        """Say whether the blob is there and its bytes still have that hash."""
        path = self.path(sha256)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def stray_files(self) -> Iterator[Path]:
        """Yield what interrupted uploads left behind."""
        yield from self.folder.glob(".incoming-*")


def sync_folder(folder: Path) -> None:
    """Make the folder's own entries survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
