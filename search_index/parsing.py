"""The query language: what a person types becomes a small tree, and anything malformed still means something.

    退院支援 看取り          both                 "退院 支援" 「退院支援」   exactly these characters
    看取り OR 終末期        either               -研修  NOT 研修          not this
    (訪看 OR 訪問看護) 休日  grouping             介護*                    beginning with
    区:東成 会議体:病院連絡会 年度:R7 種類:様式7 状態:受付 決定:あり 課題:なし   filters
    題名:転帰シート 決定事項:転院 出席者:高橋                              words in one part only

Width is folded first, so （）＂：｜ work as well. Unclosed quotes and brackets end at the end; operators with
nothing to join are ignored. The reader learns from `notes` what was not taken at its word.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MAX_LENGTH = 1000
MAX_LEAVES = 16
_MAX_DEPTH = 12

FILTER_WORDS = {
    "区": "ward",
    "種類": "kind",
    "様式": "kind",
    "会議体": "body_name",
    "会議": "body_name",
    "年度": "fiscal_year",
    "事業項目": "item",
    "項目": "item",
    "状態": "state",
    "決定": "has_decision",
    "課題": "has_issue",
}
SCOPE_WORDS = {
    "題名": "title",
    "タイトル": "title",
    "件名": "title",
    "決定事項": "decisions",
    "出席者": "attendees",
    "議題": "agenda",
    "次第": "agenda",
    "宿題": "issues",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One word or phrase as typed: `how` is word, phrase or prefix; `scope` the only part it may stand in."""

    text: str
    how: str = "word"
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A field word: the facet's name and what was typed after the colon."""

    name: str
    value: str
    word: str


@dataclass(frozen=True, slots=True)
class Both:
    """All of these."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any of these."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Not this."""

    node: "Node"


Node = Leaf | Filter | Both | Either | Without


@dataclass(slots=True)
class Parsed:
    """A parsed query; `node` is None when nothing was asked for."""

    node: Node | None
    notes: list[str] = field(default_factory=list)


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the words and phrases a query asks for; what must not occur is left out."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Both | Either):
        for one in node.nodes:
            yield from leaves(one)


_TOKEN = re.compile(
    r"""
    (?P<phrase>(?P<field>[^\s"「」『』()|:*]{1,8}:)?(?:"(?P<q1>[^"]*)"?|「(?P<q2>[^」]*)」?|『(?P<q3>[^』]*)』?|[“”](?P<q4>[^“”]*)[“”]?))
  | (?P<open>\()
  | (?P<close>\))
  | (?P<or>\|+)
  | (?P<word>(?:[^\s"「『“”()|])+)
  | (?P<stray>[」』])
    """,
    re.VERBOSE,
)


def widths_folded(text: str) -> str:
    """Fold the width of what was typed, so that operators are found however they were typed."""
    return unicodedata.normalize("NFKC", text)


def parse(text: str) -> Parsed:
    """Parse what a person typed; never fails."""
    notes: list[str] = []
    text = "".join(c if c.isprintable() or c.isspace() else " " for c in text[: MAX_LENGTH * 4])
    folded = widths_folded(text.encode("utf-8", "replace").decode())
    if len(folded) > MAX_LENGTH:
        notes.append(f"検索語が長いため、はじめの{MAX_LENGTH}文字だけを検索しました。")
        folded = folded[:MAX_LENGTH]
    parser = _Parser(folded, notes)
    return Parsed(parser.parse(), notes)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # leaf, or, and, not, open, close
    node: Node | None = None


class _Parser:
    def __init__(self, text: str, notes: list[str]) -> None:
        self.notes = notes
        self.leaves = 0
        self.tokens: list[_Token] = []
        for match in _TOKEN.finditer(text):
            self._read(match)
        self.position = 0

    # --- tokens ---

    def _read(self, match: re.Match[str]) -> None:
        if match["open"]:
            self.tokens.append(_Token("open"))
        elif match["close"]:
            self.tokens.append(_Token("close"))
        elif match["or"]:
            self.tokens.append(_Token("or"))
        elif match["phrase"]:
            self._read_phrase(match)
        elif match["word"]:
            if match["word"] in ("-", "−") and match.string[match.end() : match.end() + 1] in tuple('"「『“('):
                self.tokens.append(_Token("not"))
            else:
                self._read_word(match["word"])

    def _read_phrase(self, match: re.Match[str]) -> None:
        quoted = next(match[name] for name in ("q1", "q2", "q3", "q4") if match[name] is not None)
        prefix = (match["field"] or "")[:-1]
        if prefix[:1] in ("-", "−") and prefix:
            self.tokens.append(_Token("not"))
            prefix = prefix[1:]
        if prefix in FILTER_WORDS:
            self._leaf(Filter(FILTER_WORDS[prefix], quoted, prefix))
        elif prefix in SCOPE_WORDS:
            self._leaf(Leaf(quoted, "phrase", SCOPE_WORDS[prefix]))
        else:
            if prefix:
                self._read_word(prefix)
            if quoted.strip():
                self._leaf(Leaf(quoted, "phrase"))

    def _read_word(self, word: str) -> None:
        if word in ("OR", "AND", "NOT"):
            self.tokens.append(_Token(word.lower()))
            return
        if not word.strip("-−"):
            return
        negative = word[0] in "-−"
        if negative:
            self.tokens.append(_Token("not"))
            word = word.lstrip("-−")
        name, colon, value = word.partition(":")
        if colon and value and name in FILTER_WORDS:
            self._leaf(Filter(FILTER_WORDS[name], value, name))
        elif colon and value and name in SCOPE_WORDS:
            self._plain(value, SCOPE_WORDS[name])
        else:
            self._plain(word, "")

    def _plain(self, word: str, scope: str) -> None:
        prefix = word.endswith("*")
        pieces = [piece for piece in word.split("*") if piece]
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            self._leaf(Leaf(piece, "prefix" if prefix or not last else "word", scope))

    def _leaf(self, node: Node) -> None:
        if isinstance(node, Leaf) and not any(character.isalnum() for character in node.text):
            node = Leaf(node.text, "phrase", node.scope)
        self.leaves += 1
        if self.leaves <= MAX_LEAVES:
            self.tokens.append(_Token("leaf", node))
        elif self.leaves == MAX_LEAVES + 1:
            self.notes.append(f"検索語が多いため、はじめの{MAX_LEAVES}語だけを検索しました。")

    # --- tree ---

    def parse(self) -> Node | None:
        nodes: list[Node] = []
        while self.position < len(self.tokens):
            node = self._either(0)
            if node is not None:
                nodes.append(node)
            elif self.position < len(self.tokens):
                self.position += 1  # a closing bracket nobody opened
        return _joined(Both, nodes)

    def _peek(self) -> str:
        return self.tokens[self.position].kind if self.position < len(self.tokens) else ""

    def _either(self, depth: int) -> Node | None:
        nodes = []
        while True:
            node = self._both(depth)
            if node is not None:
                nodes.append(node)
            if self._peek() != "or":
                return _joined(Either, nodes)
            self.position += 1

    def _both(self, depth: int) -> Node | None:
        nodes = []
        while self._peek() not in ("", "or", "close"):
            node = self._one(depth)
            if node is not None:
                nodes.append(node)
        return _joined(Both, nodes)

    def _one(self, depth: int) -> Node | None:
        negative = False
        while self._peek() in ("and", "not"):
            negative = negative ^ (self._peek() == "not")
            self.position += 1
        kind = self._peek()
        if kind in ("", "or", "close"):
            return None
        token = self.tokens[self.position]
        self.position += 1
        node = self._bracket(depth + 1) if kind == "open" else token.node
        if node is None or not negative:
            return node
        return Without(node)

    def _bracket(self, depth: int) -> Node | None:
        if depth > _MAX_DEPTH:
            return None  # the bracket is ignored, what stands in it goes on
        node = self._either(depth)
        if self._peek() == "close":
            self.position += 1
        return node


def _joined(make: type[Both] | type[Either], nodes: Sequence[Node]) -> Node | None:
    if not nodes:
        return None
    return nodes[0] if len(nodes) == 1 else make(tuple(nodes))
