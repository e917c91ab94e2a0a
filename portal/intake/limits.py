"""How much an uploaded file may cost, and the three ways of saying no to one."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one uploaded file may use; the defaults are the portal's own."""

    file_bytes: int = 50 * MB
    unpacked_bytes: int = 300 * MB
    entries: int = 10_000
    ratio: int = 200
    pixels: int = 150_000_000
    text_chars: int = 2_000_000
    elements: int = 3_000_000
    cells: int = 500_000
    memory_bytes: int = 768 * MB
    office_memory_bytes: int = 4096 * MB
    cpu_seconds: int = 8
    wall_seconds: float = 10.0


class Refused(Exception):
    """The file may not come in; the message is Japanese and says why and what to do."""

    status = "refused"


class TooLarge(Refused):
    """The file, or what it unpacks to, is over a limit."""

    status = "too_large"


class Damaged(Refused):
    """The content cannot be read as what it claims to be."""

    status = "damaged"


class Encrypted(Refused):
    """The content is locked with a password."""

    status = "encrypted"


class Unsupported(Refused):
    """The content is of an old or rare form that this reader does not know."""

    status = "unsupported"


def in_words(size: int) -> str:
    """Return a size in bytes as people read it."""
    if size >= MB:
        return f"{size / MB:.0f} MB" if size >= 10 * MB else f"{size / MB:.1f} MB"
    return f"{max(1, size // 1024)} KB"
