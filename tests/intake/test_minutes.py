"""Given old minutes of any layout, the reader answers what is sure, and answers nothing out of what is no minutes."""

import io
from pathlib import Path

import pytest

from portal.intake.limits import Limits
from portal.intake.minutes import DEFAULT_CONFIDENCE, FIELDS, Minutes, read_minutes
from portal.intake.minutes.layouts import load
from portal.intake.minutes.understanding import understand
from portal.intake.readers.meter import Meter
from tests.intake import files
from tests.intake.measure_minutes import real_cases, real_files
from tests.intake.minutes_layouts import BODY, DAY, PLACE, Sample, samples
from tests.intake.minutes_scores import Score, score

ALL = list(samples())


def read(name: str, content: bytes) -> Minutes:
    """Read a file in this process, as the child does."""
    layout = load(name.rpartition(".")[2])(io.BytesIO(content), Meter(Limits()))
    layout.name = name
    return understand(layout)


def read_text(*lines: str) -> dict[str, object]:
    """Return the sure answers out of a text of these lines."""
    minutes = read("覚え.txt", "\n".join(lines).encode())
    return {name: found.value for name, found in minutes.answers().items()}


# -- made-up layouts ----------------------------------------------------------------------------------------------------


def test_there_are_at_least_forty_layouts_of_minutes() -> None:
    assert sum(1 for sample in ALL if sample.kind == "minutes") >= 40


@pytest.mark.parametrize("sample", [s for s in ALL if s.kind == "minutes" and not s.beyond], ids=lambda s: s.name)
def test_a_layout_in_known_words_is_read_whole(sample: Sample) -> None:
    verdicts = score(read(sample.name, sample.content), sample.gold())
    assert [slip for verdict, slip in verdicts.values() if verdict != "right"] == []


@pytest.mark.parametrize("sample", [s for s in ALL if s.beyond], ids=lambda s: s.name)
def test_words_the_dictionary_lacks_are_missed_but_never_misread(sample: Sample) -> None:
    verdicts = score(read(sample.name, sample.content), sample.gold())
    assert [slip for verdict, slip in verdicts.values() if verdict in ("wrong", "invented")] == []


@pytest.mark.parametrize("sample", [s for s in ALL if s.kind != "minutes"], ids=lambda s: s.name)
def test_what_is_no_minutes_answers_nothing_and_says_what_it_is(sample: Sample) -> None:
    minutes = read(sample.name, sample.content)
    assert minutes.kind_guess == sample.kind
    assert minutes.answers() == {}


# -- traps --------------------------------------------------------------------------------------------------------------


def test_the_day_and_place_of_the_next_meeting_are_not_this_ones() -> None:
    said = read_text("連絡会 議事録", "出席者：浅野、井原", "次回", "日時：令和6年8月21日", "場所：見本区民センター")
    assert "開催日時" not in said
    assert "場所" not in said
    assert "令和6年8月21日" in str(said["次回"])


def test_what_was_decided_last_time_is_not_decided_now() -> None:
    said = read_text(
        "連絡会 議事録", "日時：令和6年5月15日", "■前回の決定事項", "・名簿を直す", "■決定事項", "・9月に行う"
    )
    assert said["決定事項"] == ["9月に行う"]


def test_nobody_absent_is_an_empty_list_and_no_person() -> None:
    minutes = read("a.txt", "議事録\n日時：令和6年5月15日\n欠席者　なし".encode())
    assert minutes.fields["欠席者"].value == []


def test_the_bare_title_names_no_meeting() -> None:
    assert "会議名" not in read_text("議事録", "日時：令和6年5月15日", "出席者：浅野、井原")


def test_a_year_comes_from_the_name_of_the_file_when_the_day_is_the_same() -> None:
    minutes = read("20240515.txt", "議事録\n日時：5/15 14:00～15:30\n参加者：浅野、井原".encode())
    other = read("20240601.txt", "議事録\n日時：5/15 14:00～15:30\n参加者：浅野、井原".encode())
    assert minutes.fields["開催日時"].value == "2024-05-15T14:00/15:30"
    assert other.fields["開催日時"].value == "--05-15T14:00/15:30"


def test_a_day_far_from_the_head_is_not_the_meetings() -> None:
    assert "開催日時" not in read_text("連絡会 議事録", "出席者：浅野、井原", "内容：", "5月20日に研修を行う。", *BODY)


def test_every_answer_shows_where_it_was_read() -> None:
    minutes = read("a.txt", f"議事録\n日時：{DAY}\n場所：{PLACE}".encode())
    found = minutes.fields["場所"]
    assert (found.place, found.text, found.snippet) == ("3行目", PLACE, f"場所：{PLACE}")
    assert DEFAULT_CONFIDENCE <= found.confidence < 1


def test_headed_parts_that_fit_no_field_are_named() -> None:
    minutes = read("a.txt", f"議事録\n日時：{DAY}\n傍聴者：2名\n出席者：浅野、井原".encode())
    assert minutes.not_understood == ("傍聴者：2名",)


# -- real files ---------------------------------------------------------------------------------------------------------


def test_real_files_are_read_as_well_as_was_promised() -> None:
    folder = real_files()
    if folder is None:
        pytest.skip("legacy-minutes is not on this machine (PORTAL_SHARED)")
    total, out_of_others = Score(), []
    for case in real_cases(folder):
        if case.path.suffix == ".doc":
            continue  # read by way of LibreOffice: tests.intake.measure_minutes
        minutes = read(case.path.name, case.path.read_bytes())
        for verdict, slip in score(minutes, case.gold).values():
            total.add(verdict, f"{case.path.name} {slip}")
        if case.gold["kind"] in ("not-minutes", "log"):
            out_of_others += list(minutes.answers().values())
    assert total.found >= 0.85, total.slips
    assert total.false <= 0.03, total.slips
    assert out_of_others == []


# -- the child ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["form-01.docx", "sheet-04.xlsx", "print-02.pdf", "typed-01.txt"])
def test_the_child_reads_as_this_process_does(name: str, tmp_path: Path) -> None:
    sample = next(one for one in ALL if one.name == name)
    path = tmp_path / name
    path.write_bytes(sample.content)
    assert read_minutes(path) == read(name, sample.content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("爆弾.docx", files.docx("", {"word/a.xml": b"\x00" * 310_000_000}), "展開すると"),
        ("途中.docx", files.docx(files.paragraph("日時：令和6年5月15日"))[:400], "切れて"),
        ("実行.exe", b"MZ", "受け付けていません"),
        ("偽.pdf", b"MZ" * 100, "中身は"),
        ("空.txt", b"", "空です"),
        ("写真.png", files.png(10, 10), "読み取れません"),
        ("外部.docx", files.zipped(files.package("docx", '<!DOCTYPE a [<!ENTITY x "y">]><a/>')), "DOCTYPE"),
    ],
)
def test_a_hostile_file_is_named_with_its_reason(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    minutes = read_minutes(path)
    assert (minutes.kind_guess, minutes.fields) == ("unreadable", {})
    assert said in minutes.warnings[0]


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "長い.docx"
    path.write_bytes(files.docx(files.paragraph("日時：") * 200))
    minutes = read_minutes(path, limits=Limits(wall_seconds=0.01))
    assert minutes.kind_guess == "unreadable"
    assert "時間内" in minutes.warnings[0]


@pytest.mark.parametrize("said", ["議題", "日時：5/15", "○", "浅野"])
def test_a_sheet_of_thousands_of_rows_is_read_in_time(said: str, tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{said}</t></is></c></row>' for n in range(1, 8_000))
    path = tmp_path / "議事録.xlsx"
    path.write_bytes(files.xlsx(rows))
    assert read_minutes(path).kind_guess != "unreadable"


def test_every_field_has_the_name_people_know() -> None:
    assert len(FIELDS) == 14
    assert {"会議名", "開催日時", "場所", "出席者", "決定事項", "次回"} <= set(FIELDS)
