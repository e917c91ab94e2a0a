"""Snippets show the original characters, mark what was looked for, and say where it stands."""

from hypothesis import given, settings
from hypothesis import strategies as st

from search_index import Hit, Part, Piece, Query, normalise
from search_index.engine import Home
from search_index.normalise import Alignment, fold_variants, verbatim
from search_index.record import Stored, make_record
from tests.search_index.office import EVERYONE, make_entry

TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("退院支援髙高﨑ｶﾞｰｹｱﾏﾈﾟ゙かがAaＡ①㈱㍻ﷺ  \n\t　\u200b\u0301\ufe00👍ßİ가각ᄀ\u11a8-"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=60,
)


def shown(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


def first(home: Home, text: str, *parts: Part, title: str = "報告") -> Hit:
    index = home.create()
    index.update([make_entry(1, parts=parts, title=title)], [], 1)
    return index.search(Query(text, EVERYONE)).hits[0]


def body(text: str) -> Part:
    return Part("text", "内容要旨", text)


def test_the_original_characters_are_marked(home: Home) -> None:
    hit = first(home, "ケアマネジャー 高橋", body("昨日、ｹｱﾏﾈｼﾞｬｰの髙橋さんが、\nＡＣＰを説明した。"))
    assert shown(hit.snippet) == "昨日、[ｹｱﾏﾈｼﾞｬｰ]の[髙橋]さんが、\nＡＣＰを説明した。"
    assert hit.part.name == "text"
    assert hit.part.label == "内容要旨"


def test_other_spellings_and_synonyms_are_marked(home: Home) -> None:
    hit = first(home, "打合せ 訪看 2025-05-10", body("令和７年５月１０日、訪問看護と打ち合わせ。"))
    assert shown(hit.snippet) == "[令和７年５月１０日]、[訪問看護]と[打ち合わせ]。"


def test_a_hit_in_an_attachment_names_the_file(home: Home) -> None:
    hit = first(home, "名簿", body("資料を配付"), Part("attachment", "出席者.xlsx", "氏名の名簿"))
    assert (hit.part.name, hit.part.label) == ("attachment", "出席者.xlsx")
    assert shown(hit.snippet) == "氏名の[名簿]"


def test_the_title_is_marked_apart(home: Home) -> None:
    hit = first(home, "看取り", body("本文に語はない"), title="看取り研修")
    assert shown(hit.title_marked) == "[看取り]研修"


def test_the_window_lies_where_most_words_stand_together(home: Home) -> None:
    filler = "別の話が長く続く。" * 200
    hit = first(home, "退院 看取り", body(f"退院の話。{filler}退院と看取りの両方。{filler}看取りの話。"))
    assert "[退院]と[看取り]の両方" in shown(hit.snippet)
    assert hit.snippet[0] == Piece("…", False)
    assert hit.snippet[-1] == Piece("…", False)
    assert sum(len(piece.text) for piece in hit.snippet) < 140


def test_only_the_searched_part_is_quoted(home: Home) -> None:
    parts = (body("転院の相談。退院も。"), Part("decisions", "決定事項", "退院支援を行う。"))
    index = home.create()
    index.update([make_entry(1, parts=parts)], [], 1)
    hit = index.search(Query("退院", EVERYONE, decided_only=True)).hits[0]
    assert hit.part.name == "decisions"


def test_latin_words_are_marked_whole(home: Home) -> None:
    hit = first(home, "pt", body("captainとPT"))
    assert shown(hit.snippet) == "captainと[PT]"


def test_a_body_of_200000_characters_is_quoted_quickly(home: Home) -> None:
    import time

    text = "長い議事の記録である。" * 20_000 + "看取りの件。"
    index = home.create()
    index.update([make_entry(1, parts=(body(text),))], [], 1)
    began = time.process_time()
    hit = index.search(Query("看取り", EVERYONE)).hits[0]
    assert time.process_time() - began < 0.2
    assert "[看取り]の件" in shown(hit.snippet)


def test_markup_is_left_as_it_is_for_the_page_to_escape(home: Home) -> None:
    hit = first(home, "script", body("<script>alert(1)</script>"))
    assert "".join(piece.text for piece in hit.snippet) == "<script>alert(1)</script>"


@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_the_alignment_folds_like_the_normaliser_and_leads_back(text: str) -> None:
    aligned = Alignment(text)
    assert aligned.folded == verbatim(text)
    assert len(fold_variants(aligned.folded)) == len(aligned.folded)
    for start in range(len(aligned.folded)):
        for end in range(start + 1, min(start + 4, len(aligned.folded)) + 1):
            left, right = aligned.back(start, end)
            assert 0 <= left < right <= len(text)
            assert aligned.folded[start:end] in verbatim(text[left:right])


@given(TEXT)
@settings(max_examples=200, deadline=None)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.lists(TEXT, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_stored_original_comes_back_whole(texts: list[str]) -> None:
    texts = [text.replace("\0", "") for text in texts]
    record = make_record(make_entry(1, *texts, title="題　名①"))
    stored = Stored(record.folded, record.stored)
    assert [stored.original(part) for part in stored.parts] == ["題　名①", *texts]
    assert stored.normalised.strip("\0") == "\0".join(map(normalise, ["題　名①", *texts])).strip("\0")


@given(TEXT, st.integers(0, 60), st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_any_window_leads_back_to_the_original(text: str, start: int, width: int) -> None:
    text = text.replace("\0", "")
    record = make_record(make_entry(1, text))
    stored = Stored(record.folded, record.stored)
    part = stored.parts[1]
    start = min(part.start + start, part.end)
    end = min(start + width, part.end)
    begin, aligned = stored.aligned(start, end)
    assert begin <= start
    assert aligned.original in text
    if start < end:
        left, right = aligned.back(start - begin, end - begin)
        assert stored.folded[start:end] in verbatim(aligned.original[left:right])
