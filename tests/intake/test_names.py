"""Given a file name from anyone's desk, the portal keeps one that is safe on everyone's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.intake import clean_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("議事録.docx", "議事録.docx"),
        ("C:\\Users\\sato\\議事録.docx", "議事録.docx"),
        ("../../etc/passwd", "passwd"),
        ("/srv/議事録.pdf", "議事録.pdf"),
        ("か\u3099いき\u3099.txt", "がいぎ.txt"),
        ("議事録\u202excod.exe", "議事録xcod.exe"),
        ("\u200f議事\u200b録\ufeff.docx", "議事録.docx"),
        ("改行\nと\tタブ.txt", "改行 と タブ.txt"),
        ("...隠し.docx", "隠し.docx"),
        ("末尾.docx. . ", "末尾.docx"),
        ("CON.txt", "_CON.txt"),
        ("com1", "_com1"),
        ("control.txt", "control.txt"),
        ('区:"東成"|1?.xlsx', "区：”東成”｜1？.xlsx"),
        ("", "名称未設定"),
        ("....", "名称未設定"),
        ("\x00\x1b", "名称未設定"),
        ("👨‍👩‍👧 家族.png", "👨‍👩‍👧 家族.png"),
    ],
)
def test_a_name_is_made_safe_and_stays_readable(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


@pytest.mark.parametrize("name", ["\ufa10.docx", "髙﨑.docx", "𠮷田.docx", "辻\U000e0100.docx", "德邉.docx"])
def test_the_kanji_of_a_persons_name_stay_as_they_were_written(name: str) -> None:
    assert clean_name(name) == name


def test_a_long_name_is_cut_before_its_extension() -> None:
    kept = clean_name("病院連絡会" * 60 + ".docx")
    assert len(kept.encode()) <= 180
    assert kept.startswith("病院連絡会")
    assert kept.endswith(".docx")


def test_an_endless_extension_is_no_extension() -> None:
    assert len(clean_name("a." + "x" * 500).encode()) <= 180


@given(st.text(max_size=300))
def test_whatever_the_name_the_result_is_short_plain_and_stable(name: str) -> None:
    kept = clean_name(name)
    assert kept
    assert len(kept.encode()) <= 180
    assert not set(kept) & set('/\\<>:"|?*\n\r\t\x00\u202e\u2066')
    assert not kept.startswith(".")
    assert clean_name(kept) == kept
