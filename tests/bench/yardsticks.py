"""Two engines to hold the search next to, in the same run: Whoosh as it comes, and tantivy. Both get the terms ready made.

Each indexes the same bigrams and Sudachi words and the reader tokens, and answers with the ten best; neither verifies phrases,
quotes, counts facets or keeps what is typed apart from its synonyms.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import tantivy
from whoosh import fields, query, scoring
from whoosh.filedb.filestore import FileStorage

from search_index import Entry, normalise
from search_index.analysis import words
from tests.bench.bench_search import READER

Ask = Callable[[str], int]


def pairs(text: str) -> list[str]:
    """Return the bigrams of a text."""
    return [text[at : at + 2] for at in range(len(text) - 1) if text[at : at + 2].strip()]


def terms(text: str) -> tuple[list[str], list[str]]:
    """Return a text's bigrams and words."""
    same = normalise(text)
    return pairs(same), [word.form for word in words(same)]


def text_of(entry: Entry) -> str:
    """Return all of an entry's text."""
    return "\n".join(part.text for part in entry.parts)


def stock_whoosh(entries: Iterable[Entry], folder: Path) -> Ask:
    """Return Whoosh 2.7.4 with its own searcher: BM25F over both fields, any term, the access filter as a query."""
    schema = fields.Schema(
        id=fields.NUMERIC(stored=True),
        p=fields.KEYWORD(scorable=True),
        w=fields.KEYWORD(scorable=True),
        readers=fields.KEYWORD,
    )
    index = FileStorage(str(folder)).create_index(schema)
    writer = index.writer(limitmb=256)
    for entry in entries:
        bigrams, forms = terms(text_of(entry))
        writer.add_document(
            id=entry.id,
            p=" ".join(bigrams),
            w=" ".join(form for form in forms if " " not in form),
            readers=" ".join(entry.readers),
        )
    writer.commit()
    searcher = index.searcher(weighting=scoring.BM25F(B=0.75, K1=1.2))
    allowed = query.Or([query.Term("readers", token) for token in READER])

    def ask(text: str) -> int:
        bigrams, forms = terms(text)
        wanted = [query.Term("p", one) for one in bigrams] + [query.Term("w", one, boost=2.0) for one in forms]
        return len(searcher.search(query.Or(wanted), limit=10, filter=allowed))

    return ask


def tantivy_index(entries: Iterable[Entry], folder: Path) -> Ask:
    """Return tantivy: BM25 over both fields, any term, the access filter as a clause that must hold."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True)
    for name in ("p", "w", "readers"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    index = tantivy.Index(schema, path=str(folder))
    writer = index.writer(heap_size=128_000_000, num_threads=1)
    for entry in entries:
        bigrams, forms = terms(text_of(entry))
        writer.add_document(
            tantivy.Document(id=entry.id, p=" ".join(bigrams), w=" ".join(forms), readers=" ".join(entry.readers))
        )
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    should, must = tantivy.Occur.Should, tantivy.Occur.Must

    def ask(text: str) -> int:
        bigrams, forms = terms(text)
        wanted = [(should, tantivy.Query.term_query(schema, "p", one, "freq")) for one in bigrams]
        wanted += [
            (should, tantivy.Query.boost_query(tantivy.Query.term_query(schema, "w", one, "freq"), 2.0))
            for one in forms
        ]
        allowed = [(should, tantivy.Query.term_query(schema, "readers", token, "freq")) for token in READER]
        both = [(must, tantivy.Query.boolean_query(wanted)), (must, tantivy.Query.boolean_query(allowed))]
        return len(searcher.search(tantivy.Query.boolean_query(both), limit=10).hits)

    return ask
