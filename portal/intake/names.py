"""File names as people may see and save them: one line, no path, no tricks, short enough for every disk."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 180
NAMELESS = "名称未設定"

# NFC would turn 塚 (U+FA10) and its like into the common form; a person's name must keep its own character.
_COMPATIBILITY_KANJI = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
_FORBIDDEN = str.maketrans({"<": "＜", ">": "＞", ":": "：", '"': "”", "|": "｜", "?": "？", "*": "＊"})
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
_JOINER = "\u200d"
_EDGE = ". \u3000" + _JOINER


def clean_name(name: str) -> str:
    """Return a name that is safe to show, to store and to offer for saving on any desk, with its extension kept."""
    name = re.split(r"[/\\]", _composed(name))[-1]
    name = "".join(_shown(character) for character in name).translate(_FORBIDDEN)
    name = re.sub(r" {2,}", " ", name).strip(_EDGE)
    if _RESERVED.match(name):
        name = "_" + name
    return _shorten(name or NAMELESS)


def extension_of(name: str) -> str:
    """Return the extension in lower case without its dot, or an empty string."""
    stem, dot, extension = name.rpartition(".")
    return unicodedata.normalize("NFKC", extension).lower() if dot and stem else ""


def _composed(name: str) -> str:
    pieces = _COMPATIBILITY_KANJI.split(name)
    return "".join(unicodedata.normalize("NFC", p) if i % 2 == 0 else p for i, p in enumerate(pieces))


def _shown(character: str) -> str:
    """Return what may stand for a character: direction marks and invisible ones could disguise how a name ends."""
    if character.isspace() and character != "\u3000":
        return " "
    if character == _JOINER:
        return character
    # Unassigned and private code points stay: a kanji newer than this Python, or an office's own 外字, is still a name.
    is_nothing = unicodedata.category(character) in {"Cc", "Cf", "Cs"} or ord(character) & 0xFFFE == 0xFFFE
    return "" if is_nothing else character


def _shorten(name: str) -> str:
    if len(name.encode()) <= LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 20:
        stem, dot, extension = name, "", ""
    room = LONGEST - len((dot + extension).encode())
    stem = stem.encode()[:room].decode(errors="ignore")
    # A cut may leave a joiner with nothing to join.
    return stem.rstrip(_EDGE) + dot + extension
