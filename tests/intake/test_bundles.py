"""Given a folder or a ZIP of files, each is handed over once, by the name people gave it."""

import io
import zipfile
from pathlib import Path

import pytest

from portal.intake import Refused
from portal.intake.bundles import files_in
from portal.intake.limits import Limits


def zip_of(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return buffer.getvalue()


def test_a_folder_is_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b/議事録.txt", "a.txt", ".DS_Store", "~$a.docx", "b/.hidden/x.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    assert [item.name for item in files_in(tmp_path)] == ["a.txt", "b/議事録.txt"]


def test_a_zip_gives_its_files_one_at_a_time(tmp_path: Path) -> None:
    source = tmp_path / "古い議事録.zip"
    source.write_bytes(zip_of({"平成30年/議事録.txt": b"1", "a.txt": b"2", "__MACOSX/a.txt": b"3"}))
    found = [(item.name, item.path.read_bytes() if item.path else b"") for item in files_in(source)]
    assert found == [("a.txt", b"2"), ("平成30年/議事録.txt", b"1")]


def test_names_in_shift_jis_are_read_as_their_writer_meant_them(tmp_path: Path) -> None:
    content = zip_of({"GIJIROKU.txt": b"x"})
    named = "議事録XX".encode("cp932")
    source = tmp_path / "a.zip"
    source.write_bytes(content.replace(b"GIJIROKU", named))
    assert [item.name for item in files_in(source)] == ["議事録XX.txt"]


def test_a_name_that_climbs_out_of_the_zip_goes_nowhere(tmp_path: Path) -> None:
    source = tmp_path / "a.zip"
    source.write_bytes(zip_of({"../../b.txt": b"x"}))
    (item,) = files_in(source)
    assert item.name == "b.txt"
    assert not (tmp_path.parent / "b.txt").exists()


def test_one_entry_that_is_too_large_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "a.zip"
    source.write_bytes(zip_of({"a.txt": b"x" * 3000, "b.txt": b"y"}))
    large, good = files_in(source, Limits(file_bytes=1000))
    assert large.path is None
    assert "大きすぎます" in large.message
    assert good.name == "b.txt"


def test_a_broken_zip_and_a_single_file_are_refused_in_words(tmp_path: Path) -> None:
    lone = tmp_path / "a.docx"
    lone.write_bytes(b"x")
    with pytest.raises(Refused, match="フォルダーでも"):
        list(files_in(lone))
