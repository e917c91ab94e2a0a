"""Before old minutes are brought in, an operator sees what would be read out of them."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.intake.minutes_layouts import PEOPLE, PLACE, samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with minutes, an agenda, and a file nobody should open."""
    made = tmp_path / "昔の議事録"
    (made / "平成").mkdir(parents=True)
    chosen = {sample.name: sample.content for sample in samples()}
    (made / "平成" / "form-01.docx").write_bytes(chosen["form-01.docx"])
    (made / "not-01.docx").write_bytes(chosen["not-01.docx"])
    (made / "道具.exe").write_bytes(b"MZ")
    return made


def test_a_dry_run_gives_every_field_with_its_confidence_as_json(terminal: Terminal, folder: Path) -> None:
    assert terminal.run("import", str(folder), "--dry-run", "--json") == 0
    said = json.loads(terminal.out)
    assert list(said) == ["not-01.docx", "平成/form-01.docx", "道具.exe"]
    form = said["平成/form-01.docx"]
    assert form["開催日時"]["value"] == "2024-05-15T14:00/15:30"
    assert form["場所"]["value"] == PLACE
    assert form["出席者"]["value"] == PEOPLE
    assert form["作成日"]["value"] == "令和6年5月20日"
    assert 0.75 <= form["会議名"]["confidence"] <= 1
    assert form["欠席者"] == {"value": None, "confidence": 0.0}
    assert {found["value"] for found in said["not-01.docx"].values()} == {None}
    assert "受け付けていません" in said["道具.exe"]["error"]
    assert "3件のうち1件" in terminal.err


def test_a_dry_run_needs_no_site_and_leaves_nothing_behind(terminal: Terminal, folder: Path) -> None:
    assert terminal.run("import", str(folder), "--dry-run") == 0
    assert "病院連絡会" in terminal.out
    assert "［次第］" in terminal.out
    assert not terminal.data.exists()


def test_a_zip_is_read_like_the_folder_it_was_made_of(terminal: Terminal, folder: Path, tmp_path: Path) -> None:
    terminal.run("import", str(folder), "--dry-run", "--json")
    expected = json.loads(terminal.out)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        for path in folder.rglob("*"):
            package.write(path, path.relative_to(folder).as_posix())
    terminal.run("import", str(tmp_path / "a.zip"), "--dry-run", "--json")
    assert json.loads(terminal.out) == expected


def test_a_higher_confidence_leaves_fewer_answers(terminal: Terminal, folder: Path) -> None:
    terminal.run("import", str(folder), "--dry-run", "--json", "--confidence", "0.99")
    assert json.loads(terminal.out)["平成/form-01.docx"]["場所"]["value"] is None
    assert terminal.run("import", str(folder), "--dry-run", "--confidence", "2") == 2


def test_what_cannot_be_meant_is_said(terminal: Terminal, folder: Path) -> None:
    assert terminal.run("import", str(folder)) == 1
    assert "--ward" in terminal.err
    assert terminal.run("import", str(folder), "--json", "--ward", "higashinari") == 1
    assert "--dry-run" in terminal.err
    assert terminal.run("import", str(folder / "ない"), "--dry-run") == 1
