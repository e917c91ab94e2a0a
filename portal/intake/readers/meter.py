"""The meter every reader writes into: it collects text and properties and stops the reading when there is enough."""

from __future__ import annotations

import re

from portal.intake.limits import Limits, TooLarge

LONG = "長いため、途中までの文字を検索の対象にしました。"
BROKEN = "ファイルの一部が壊れているため、読めたところだけを検索の対象にしました。"

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_TRAILING = re.compile(r"[ \t\u3000]+\n")
_GAPS = re.compile(r"\n{3,}")
_LONGEST_PROPERTY = 2_000
_MOST_PROPERTIES = 60


class Enough(Exception):
    """The text has reached its limit; what was collected is kept."""


class Meter:
    """Text and properties of one file, counted while they come."""

    def __init__(self, limits: Limits) -> None:
        """Begin with nothing."""
        self.limits = limits
        self.properties: dict[str, str] = {}
        self.truncated = False
        self.remark = ""
        self.when_empty = ""
        self._pieces: list[str] = []
        self._chars = 0
        self._elements = 0

    def write(self, text: str) -> None:
        """Add text; raise Enough once the limit is reached."""
        room = self.limits.text_chars - self._chars
        self._pieces.append(text[:room])
        self._chars += len(text)
        if len(text) > room:
            raise Enough

    def cut_short(self, remark: str) -> None:
        """Note that not everything was read, and why."""
        self.truncated = True
        self.remark = remark

    def line(self, text: str) -> None:
        """Add text as a line of its own, unless it is blank."""
        if text.strip():
            self.write(text.strip("\n") + "\n")

    def count_elements(self, number: int) -> None:
        """Count XML elements; a document of millions of them is no document."""
        self._elements += number
        if self._elements > self.limits.elements:
            raise TooLarge("中の要素が多すぎるため、文字を取り出せません。空白の行や図を減らして保存し直してください。")

    def property(self, name: str, value: str) -> None:
        """Note a document property, unless it is blank."""
        value = _UNWANTED.sub("", value).strip()[:_LONGEST_PROPERTY]
        if value and len(self.properties) < _MOST_PROPERTIES:
            self.properties[name[:100]] = value

    def has_text(self) -> bool:
        """Say whether anything but blanks was collected."""
        return any(piece.strip() for piece in self._pieces)

    def text(self) -> str:
        """Return the collected text without control characters and without long gaps."""
        text = (
            "".join(self._pieces).replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
        )
        text = _UNWANTED.sub("", text)
        return _GAPS.sub("\n\n", _TRAILING.sub("\n", text)).strip()
