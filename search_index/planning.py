"""From what was typed to what is looked up: words, spellings, synonyms, dates.

A typed word becomes units, each of which may be met in several ways: by its normalised words, verbatim, or through a
synonym. A long run without spaces is read as a sentence: any of its words will do, and rarer words weigh more.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate

from search_index import analysis
from search_index.analysis import ALL, SCOPES, word_code
from search_index.dates import find_dates, fiscal_year_in
from search_index.normalise import fold_variants, normalise, verbatim
from search_index.parsing import Both, Filter, Leaf, Node, Parsed, Without, parse
from search_index.synonyms import Group, Synonyms
from search_index.values import Synonym

SENTENCE_UNITS = 5
SYNONYM_WEIGHT = 0.5
RELATED_WEIGHT = 0.25
_MAX_UNITS = 48
_MAX_OF_ALL = 64  # units of all words together


@dataclass(frozen=True, slots=True)
class Way:
    """One way to meet a unit: all these words, or this text verbatim (in the normalised layer)."""

    codes: tuple[int, ...]
    text: str
    weight: float = 1.0
    forms: tuple[str, ...] = ()
    by_words: bool = True  # a synonym of several words must stand together


@dataclass(frozen=True, slots=True)
class Unit:
    """Something a document should hold, in any of several ways."""

    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A leaf ready to be looked up.

    `text` is the normalised text, `exact` the verbatim one; `how` is word, sentence, phrase or prefix.
    """

    how: str
    text: str
    exact: str
    units: tuple[Unit, ...]
    scope: int = ALL
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """An inner node of a plan: `how` is both, either or without."""

    how: str
    nodes: tuple["Branch | Wanted", ...]


Step = Branch | Wanted


@dataclass(frozen=True, slots=True)
class Planned:
    """A whole query: the tree, its positive leaves, filters typed as words, and what to tell the reader."""

    step: Step | None
    positive: tuple[Wanted, ...] = ()
    negative: tuple[Wanted, ...] = ()
    filters: tuple[Filter, ...] = ()
    notes: tuple[str, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    sentence: bool = False


@dataclass(slots=True)
class _Making:
    synonyms: Synonyms
    without: frozenset[str]
    scope: int
    without_words: frozenset[str] = frozenset()
    positive: list[Wanted] = field(default_factory=list)
    negative: list[Wanted] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    applied: dict[str, Synonym] = field(default_factory=dict)


def make_plan(
    text: str,
    synonyms: Synonyms,
    without: frozenset[str],
    scope: int = ALL,
    without_words: frozenset[str] = frozenset(),
) -> Planned:
    """Read a typed query."""
    parsed: Parsed = parse(text)
    off = frozenset(fold_variants(verbatim(word)) for word in without_words)
    making = _Making(synonyms, without, scope, off, notes=list(parsed.notes))
    step = _step(parsed.node, making, negative=False) if parsed.node is not None else None
    return Planned(
        step,
        tuple(making.positive),
        tuple(making.negative),
        tuple(making.filters),
        tuple(making.notes),
        tuple(making.applied.values()),
        any(wanted.how == "sentence" for wanted in making.positive),
    )


def _step(node: Node, making: _Making, *, negative: bool) -> Step | None:
    if isinstance(node, Filter):
        if negative:
            making.notes.append(f"「{node.word}:{node.value}」を除く指定は使えないため、無視しました。")
        else:
            making.filters.append(node)
        return None
    if isinstance(node, Leaf):
        wanted = _unwanted(node, making) if negative else _wanted(node, making)
        if wanted is not None:
            (making.negative if negative else making.positive).append(wanted)
        return wanted
    if isinstance(node, Without):
        inner = _step(node.node, making, negative=not negative)
        return None if inner is None else Branch("without", (inner,))
    steps = tuple(step for child in node.nodes if (step := _step(child, making, negative=negative)) is not None)
    if not steps:
        return None
    return steps[0] if len(steps) == 1 else Branch("both" if isinstance(node, Both) else "either", steps)


def _wanted(leaf: Leaf, making: _Making) -> Wanted | None:
    exact = verbatim(leaf.text).strip()
    if not exact:
        return None
    text = fold_variants(exact)
    scope = SCOPES.get(leaf.scope, making.scope)
    if leaf.how == "prefix":
        return Wanted(leaf.how, text, exact, (), scope, leaf.text)
    if leaf.how == "phrase":
        # Words rank what holds the phrase; they find nothing by themselves unless everything else failed.
        words, _ = _units(text, replace(making, synonyms=Synonyms(()), applied={}), scope)
        return Wanted(leaf.how, text, exact, words, scope, leaf.text)
    text = exact = exact.strip("、。,.!?・;:'`~^=_…‥") or exact
    text = fold_variants(exact)
    units, sentence = _units(text, making, scope)
    return Wanted("sentence" if sentence else "word", text, exact, units, scope, leaf.text)


def _unwanted(leaf: Leaf, making: _Making) -> Wanted | None:
    """Read a word that must not occur: as it is typed, without synonyms, and never word by word."""
    wanted = _wanted(leaf, replace(making, synonyms=Synonyms(()), applied={}))
    if wanted is None or (wanted.how != "sentence" and len(wanted.units) < 2):
        return wanted
    return replace(wanted, units=(), how="word" if wanted.how == "sentence" else wanted.how)


# --- units -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    form: str
    start: int
    end: int


@lru_cache(maxsize=2_000)
def _tokens(text: str) -> tuple[tuple[_Token, ...], bool]:
    """Return the content words and whether the text reads like a sentence; kept, because people type the same things."""
    tokens = tuple(_Token(word.form, word.start, word.end) for word in analysis.words(text))
    spoken = len(tokens) > 1 and analysis.has_particles(text)
    return tokens, spoken


def _units(text: str, making: _Making, scope: int) -> tuple[tuple[Unit, ...], bool]:
    """Cut a typed word into units; dates and synonyms are taken whole."""
    tokens, spoken = _tokens(text)
    spans = list(_spans(text, tokens, making))
    if not spans:
        return (), False
    room = max(_MAX_OF_ALL - sum(len(wanted.units) for wanted in making.positive), 1)
    if len(spans) > min(_MAX_UNITS, room):
        making.notes.append("文が長いため、はじめのほうの語で検索しました。")
    units = tuple(_unit(text, span, making, scope) for span in spans[: min(_MAX_UNITS, room)])
    return units, len(units) > 1 and (spoken or len(units) >= SENTENCE_UNITS)


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    forms: tuple[str, ...]
    date: str = ""


def _spans(text: str, tokens: tuple[_Token, ...], making: _Making) -> Iterator[_Span]:
    """Yield dates, synonyms (longest first) and single words, from left to right."""
    dates = {found.start: found for found in find_dates(text)}
    position = 0
    for number, token in enumerate(tokens):
        if token.start < position:
            continue
        found = next((dates[at] for at in dates if token.start <= at < token.end or at == token.start), None)
        if found is not None:
            yield _Span(found.start, found.end, (), found.term)
            position = found.end
            continue
        last = _synonym_end(text, tokens, number, making)
        yield _Span(token.start, tokens[last].end, tuple(t.form for t in tokens[number : last + 1]))
        position = tokens[last].end


def _synonym_end(text: str, tokens: tuple[_Token, ...], number: int, making: _Making) -> int:
    """Return the last token of the longest synonym that begins here, or the token itself."""
    start = tokens[number].start
    for last in range(min(number + 8, len(tokens)) - 1, number, -1):
        surface = text[start : tokens[last].end]
        if len(surface) <= making.synonyms.longest and making.synonyms.of(surface, making.without):
            return last
    return number


def _unit(text: str, span: _Span, making: _Making, scope: int) -> Unit:
    surface = text[span.start : span.end]
    if span.date:
        return Unit((Way((word_code(span.date, scope),), surface, 1.0, (span.date,)),))
    codes = tuple(word_code(form, scope) for form in span.forms)
    # A single kana or letter met inside other words says nothing; its word form does.
    ways = [Way(codes, surface if len(surface) > 1 or len(text) == 1 else "", 1.0, span.forms)]
    groups = making.synonyms.of(surface, making.without)
    if not groups and len(span.forms) == 1:
        groups = making.synonyms.of_form(span.forms[0], making.without)
    for group in groups:
        others = tuple(word for word in group.all_words if fold_variants(verbatim(word)) != surface)
        wanted = tuple(word for word in others if fold_variants(verbatim(word)) not in making.without_words)
        off = tuple(word for word in others if word not in wanted)
        making.applied.setdefault(group.key, Synonym(group.key, surface, wanted, off))
        ways += [_other_way(word, group, surface, scope) for word in wanted]
    return Unit(tuple(ways))


def _other_way(word: str, group: Group, typed: str, scope: int) -> Way:
    text = fold_variants(verbatim(word))
    forms = tuple(token.form for token in _tokens(text)[0])
    close = group.is_close(text, typed) or typed not in map(normalise, group.all_words)
    weight = SYNONYM_WEIGHT if close else RELATED_WEIGHT
    return Way(tuple(word_code(form, scope) for form in forms), text, weight, forms, len(forms) == 1)


# --- what would take too long ----------------------------------------------------------------------


def lightened(planned: Planned, cost: Callable[[str, int], int], most: int) -> Planned:
    """Leave out texts that are so common that looking for all of them would take too long; words are still looked for.

    `cost` says how many documents would have to be looked into for a text in a scope. The cheapest are always kept.
    """
    costs = {text: cost(*text) for wanted in (*planned.positive, *planned.negative) for text in _texts(wanted)}
    ordered = sorted(costs, key=lambda text: costs[text])
    summed = dict(zip(ordered, accumulate(costs[text] for text in ordered), strict=True))
    dear = {text for text in ordered[1:] if summed[text] > most}
    if not dear or planned.step is None:
        return planned
    light = {wanted: _without(wanted, dear) for wanted in (*planned.positive, *planned.negative)}
    note = "ありふれた語が多いため、一部は単語としてだけ検索しました。"
    return replace(
        planned,
        step=_replaced(planned.step, light),
        positive=tuple(light[wanted] for wanted in planned.positive),
        negative=tuple(light[wanted] for wanted in planned.negative),
        notes=(*planned.notes, note),
    )


def _texts(wanted: Wanted) -> set[tuple[str, int]]:
    """Return the texts a leaf looks for verbatim."""
    texts = {wanted.exact, wanted.text, *(way.text for unit in wanted.units for way in unit.ways)}
    return {(text, wanted.scope) for text in texts if text}


def _without(wanted: Wanted, dear: set[tuple[str, int]]) -> Wanted:
    """Return a leaf that looks for its words only, where a text is too dear; a phrase of such words becomes those words."""

    def kept(text: str) -> str:
        return "" if (text, wanted.scope) in dear else text

    units = tuple(Unit(tuple(replace(way, text=kept(way.text)) for way in unit.ways)) for unit in wanted.units)
    text, exact = kept(wanted.text), kept(wanted.exact)
    how = "word" if wanted.how == "phrase" and not exact else wanted.how
    return replace(wanted, units=units, text=text, exact=exact, how=how)


def _replaced(step: Step, light: Mapping[Wanted, Wanted]) -> Step:
    if isinstance(step, Wanted):
        return light[step]
    return replace(step, nodes=tuple(_replaced(node, light) for node in step.nodes))


def fiscal_year(value: str) -> int | None:
    """Read the value of 年度:"""
    return fiscal_year_in(verbatim(value))
