"""An entry becomes a record: its terms with their counts, its folded text, and a compact copy of what a person wrote."""

import hashlib
import json
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from typing import Any, NamedTuple

import numpy as np

from search_index import analysis
from search_index.analysis import ALL, SCOPES
from search_index.dates import day_terms
from search_index.normalise import Alignment, fold_variants, verbatim
from search_index.segment import HAS_DECISION, HAS_ISSUE, NO_DATE, NO_YEAR, PLAIN, Record
from search_index.values import Entry, Part

BOUNDARY = "\0"  # between parts; no phrase crosses it, because no folded text holds it
_CHUNK = 600
# A cut must not part a character from a mark that joins it, nor split white space.
_SAFE_CUT = re.compile(r"(?<=[。、\n\w])(?=[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fffA-Za-z0-9])")


def digest(entry: Entry) -> str:
    """Return a short fingerprint of everything the index keeps of an entry; equal entries have equal fingerprints."""
    updated = entry.updated.astimezone(UTC).isoformat() if entry.updated.tzinfo else entry.updated.isoformat()
    parts = [(part.name, part.label, part.text) for part in entry.parts]
    plain = [entry.id, entry.ward, entry.kind, entry.title, parts, sorted(entry.readers), str(entry.date)]
    plain += [entry.fiscal_year, entry.body_name, sorted(entry.items), entry.state]
    plain += [entry.has_decision, entry.has_issue, updated]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a part small enough to be unpacked and aligned for one snippet."""

    folded: str
    original: str


def all_parts(entry: Entry) -> tuple[Part, ...]:
    """Return the parts with the title first and the meeting body, whether or not the caller listed them."""
    given = {part.name for part in entry.parts}
    extra = []
    if "title" not in given:
        extra.append(Part("title", "題名", entry.title))
    if "body_name" not in given and entry.body_name:
        extra.append(Part("body_name", "会議体", entry.body_name))
    titles = [part for part in entry.parts if part.name == "title"]
    return (*titles, *extra, *(part for part in entry.parts if part.name != "title"))


def split(text: str) -> list[str]:
    """Cut a long text where folding the pieces one by one gives the same as folding the whole."""
    pieces = []
    start = 0
    while len(text) - start > _CHUNK:
        match = _SAFE_CUT.search(text, start + _CHUNK)
        if match is None:
            break
        pieces.append(text[start : match.start()])
        start = match.start()
    pieces.append(text[start:])
    return pieces


def clean(text: str) -> str:
    """Drop what no text may hold: NUL and lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\0", " ")


def make_record(entry: Entry) -> Record:
    """Analyse an entry."""
    parts = [(part, split(clean(part.text))) for part in all_parts(entry)]
    folded = [(part, [verbatim(piece) for piece in pieces]) for part, pieces in parts]
    texts = [(part, "".join(pieces)) for part, pieces in folded]
    terms = _Terms()
    for part, text in texts:
        terms.add(part, text)
    terms.add_words([term for day in [entry.date] if day for term in day_terms(day)])
    if entry.fiscal_year is not None:
        terms.add_words([f"@f{entry.fiscal_year}"])
    codes, counts = terms.arrays()
    return Record(
        id=entry.id,
        codes=codes,
        counts=counts,
        pairs=terms.pairs,
        words=terms.words,
        ward=entry.ward,
        kind=entry.kind,
        state=entry.state,
        body_name=entry.body_name,
        fiscal_year=NO_YEAR if entry.fiscal_year is None else entry.fiscal_year,
        date=NO_DATE if entry.date is None else entry.date.toordinal(),
        updated=int(entry.updated.timestamp() * 1_000_000),
        flags=HAS_DECISION * entry.has_decision + HAS_ISSUE * entry.has_issue + PLAIN * terms.plain,
        items=tuple(sorted(set(entry.items))),
        readers=tuple(sorted(entry.readers)),
        digest=bytes.fromhex(digest(entry)),
        folded=BOUNDARY.join(["", *(text for _, text in texts), ""]).encode(),
        stored=_pack(parts, folded),
        forms=terms.surfaces,
        form_codes=terms.form_codes,
    )


class _Terms:
    """Collects the codes of one entry."""

    def __init__(self) -> None:
        self._codes: list[Any] = []
        self._counts: list[Any] = []
        self._words: Counter[int] = Counter()
        self.surfaces: dict[str, set[str]] = {}
        self.form_codes: dict[str, int] = {}
        self.plain = True
        self.pairs = 0
        self.words = 0

    def add(self, part: Part, text: str) -> None:
        """Add one part's folded text, under ALL and under its own scope."""
        same = fold_variants(text)
        self.plain = self.plain and same == text
        counts, surfaces = analysis.word_counts(same)
        self.pairs += max(len(same) - 1, 0)
        self.words += counts.total()
        for form, met in surfaces.items():
            self.surfaces.setdefault(form, set()).update(met)
        scope = SCOPES.get(part.name)
        for form, count in counts.items():
            code = self.form_codes.get(form)
            if code is None:
                code = self.form_codes[form] = analysis.word_code(form)
            self._words[code] += count
            if scope:
                self._words[analysis.word_code(form, scope)] += count
        for where in (ALL, scope) if scope else (ALL,):
            self._add_text(same, text, where)

    def _add_text(self, same: str, text: str, scope: int) -> None:
        if not same:
            return
        codes = [analysis.pair_codes(same, scope), analysis.character_codes(same, scope)]
        self._codes += codes
        self._counts += [np.ones(len(code), dtype=np.int64) for code in codes]
        if text != same:
            codes = [analysis.pair_codes(text, scope), analysis.character_codes(text, scope)]
            self._codes += codes
            self._counts += [np.zeros(len(code), dtype=np.int64) for code in codes]

    def add_words(self, forms: list[str]) -> None:
        """Add words that stand for facts about the entry, not for text."""
        for form in forms:
            code = self.form_codes.setdefault(form, analysis.word_code(form))
            self._words[code] = max(self._words[code], 1)

    def arrays(self) -> tuple[Any, Any]:
        """Return the distinct codes in order and how often each occurs, 255 at most."""
        words = np.array(list(self._words), dtype=np.uint64)
        codes = np.concatenate([*self._codes, words])
        counts = np.concatenate([*self._counts, np.array(list(self._words.values()), dtype=np.int64)])
        unique, inverse = np.unique(codes, return_inverse=True)
        summed = np.bincount(inverse, weights=counts, minlength=len(unique))
        return unique, np.minimum(summed, 255).astype(np.uint8)


# --- the copy of what a person wrote ---------------------------------------------------------------


def _pack(parts: list[tuple[Part, list[str]]], folded: list[tuple[Part, list[str]]]) -> bytes:
    """Keep the original of each chunk as its difference to the folded text, which is nearly nothing."""
    layout: list[Any] = []
    blobs: list[bytes] = []
    for (part, originals), (_, foldeds) in zip(parts, folded, strict=True):
        sizes = []
        for original, same in zip(originals, foldeds, strict=True):
            blob = b"" if original == same else _deflate(original.encode(), same.encode())
            sizes += [len(same), len(blob)]
            blobs.append(blob)
        layout.append([part.name, clean(part.label), sizes])
    head = json.dumps(layout, ensure_ascii=False, separators=(",", ":")).encode()
    return len(head).to_bytes(4, "little") + head + b"".join(blobs)


def _deflate(data: bytes, dictionary: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary[-32_000:])
    return packer.compress(data) + packer.flush()


def _inflate(data: bytes, dictionary: bytes) -> bytes:
    unpacker = zlib.decompressobj(-15, dictionary[-32_000:])
    return unpacker.decompress(data) + unpacker.flush()


class StoredPart(NamedTuple):
    """A part as the index keeps it: its place in the folded text and where its packed original lies."""

    name: str
    label: str
    start: int
    end: int
    blob: int
    sizes: list[int]

    @property
    def chunks(self) -> list[tuple[int, int, int, int]]:
        """The stretches it is packed in: folded start, folded end, blob start, blob end."""
        found, at, blob = [], self.start, self.blob
        for size, length in zip(self.sizes[::2], self.sizes[1::2], strict=True):
            found.append((at, at + size, blob, blob + length))
            at, blob = at + size, blob + length
        return found


class Stored:
    """Gives back the original text of a document, chunk by chunk."""

    def __init__(self, folded: bytes, packed: bytes) -> None:
        self.folded = folded.decode()
        self._packed = packed
        head = 4 + int.from_bytes(packed[:4], "little")
        self.parts = self._read(json.loads(packed[4:head]), head)

    def _read(self, layout: list[Any], blob: int) -> list[StoredPart]:
        parts = []
        at = 1
        for name, label, sizes in layout:
            end = at + sum(sizes[::2])
            parts.append(StoredPart(name, label, at, end, blob, sizes))
            at, blob = end + 1, blob + sum(sizes[1::2])
        return parts

    def aligned(self, chunk: tuple[int, int, int, int]) -> Alignment:
        """Return a chunk's original with its alignment."""
        original = self._chunk(chunk)
        return Alignment(original, folded=original) if chunk[2] == chunk[3] else Alignment(original)

    def original(self, part: StoredPart) -> str:
        """Return a part's whole original text."""
        return "".join(map(self._chunk, part.chunks))

    def _chunk(self, chunk: tuple[int, int, int, int]) -> str:
        start, end, blob_start, blob_end = chunk
        same = self.folded[start:end]
        if blob_start == blob_end:
            return same
        return _inflate(self._packed[blob_start:blob_end], same.encode()).decode()
