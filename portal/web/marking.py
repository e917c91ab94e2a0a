"""The searched words on a page: marked where they stand, the place that says most about them to jump to.

What is marked is finished HTML (escaped text and canonical rich text), cut into tags and text; only text is touched.
"""

import html
import re
from dataclasses import dataclass

from markupsafe import Markup

from search_index.normalise import Alignment, fold_variants, normalise
from search_index.parsing import leaves, parse

MOST = 2000
"""Marks on one page; more would help nobody."""
_TOKENS = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>|[^<]+|<""")
_RUNS = re.compile(r"[一-鿿々〆ヶ]{2,}|[ァ-ヺー]{2,}|[a-z0-9]{2,}")
_LATIN = re.compile(r"[a-z0-9]")


@dataclass(frozen=True)
class Marked:
    """A page with its marks: how many there are; the one to jump to has the id `hit`."""

    markup: Markup
    count: int


def mark(markup: str, query: str) -> Marked:
    """Mark the words of a query in finished HTML."""
    tokens = _TOKENS.findall(markup)
    texts = {n: _Text(html.unescape(one)) for n, one in enumerate(tokens) if not one.startswith("<")}
    pattern = _pattern(_standing(_words(query), [one.folded for one in texts.values()]))
    if pattern is None:
        return Marked(Markup(markup), 0)  # noqa: S704 (as it came)
    spans = {n: found for n, text in texts.items() if (found := text.spans(pattern))}
    facts = _in_facts(tokens)
    telling = [n for n in spans if n not in facts] or list(spans)
    best = max(telling, key=lambda n: (len({texts[n].folded[a:b] for a, b in spans[n]}), -n), default=-1)
    count = 0
    for n, found in spans.items():
        if count < MOST:
            tokens[n] = texts[n].marked(found, "hit" if n == best else "")
            count += len(found)
    return Marked(Markup("".join(tokens)), count)  # noqa: S704 (tags as they came, text escaped)


def _in_facts(tokens: list[str]) -> set[int]:
    """Return the places in tables of short facts: 事業項目 and the like hold the same words in every report."""
    found, inside = set[int](), False
    for n, piece in enumerate(tokens):
        inside = piece == '<table class="facts">' or (inside and piece != "</table>")
        if inside:
            found.add(n)
    return found


class _Text:
    """One stretch of text and its folded reading."""

    def __init__(self, original: str) -> None:
        self.original = original
        self._aligned = Alignment(original)
        self.folded = fold_variants(self._aligned.folded)

    def spans(self, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        return [match.span() for match in pattern.finditer(self.folded)]

    def marked(self, spans: list[tuple[int, int]], name: str) -> str:
        shown, at = "", 0
        for start, end in spans:
            left, right = self._aligned.back(start, end)
            if left < at or left >= right:
                continue
            opened = f'<mark id="{name}">' if name else "<mark>"
            shown += _escaped(self.original[at:left]) + opened + _escaped(self.original[left:right]) + "</mark>"
            at, name = right, ""
        return shown + _escaped(self.original[at:])


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _words(query: str) -> list[str]:
    """Return what a query asks for, in the folded reading; what must not occur is left out."""
    node = parse(query).node
    found = (normalise(leaf.text).strip() for leaf in leaves(node)) if node else ()
    return list(dict.fromkeys(one for one in found if one))


def _standing(words: list[str], texts: list[str]) -> list[str]:
    """Keep the words that stand on the page; of those that do not (a whole sentence, say) take the parts that do."""
    kept: list[str] = []
    for word in words:
        if any(word in text for text in texts):
            kept.append(word)
        else:
            kept += [run for run in _RUNS.findall(word) if any(run in text for text in texts)]
    return sorted(set(kept), key=lambda one: (-len(one), one))


def _pattern(words: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(_expression, words))) if words else None


def _expression(word: str) -> str:
    before = r"(?<![a-z0-9])" if _LATIN.match(word[0]) else ""
    after = r"(?![a-z0-9])" if _LATIN.match(word[-1]) else ""
    return before + re.escape(word) + after
