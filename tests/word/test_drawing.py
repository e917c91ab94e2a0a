"""New Word files drawn with python-docx: simple documents, and the shipped forms begun anew."""

import shutil
from pathlib import Path

import pytest

from portal.word import lint, seed
from portal.word.compiling import unknown_marks
from portal.word.drawing import simple_document
from portal.word.forms import FOLDER, load_form
from tests.word.desk import MEETING, TRAINING, opened


def test_a_simple_document_says_what_it_was_given_and_nothing_else() -> None:
    docx = simple_document("病院連絡会　次第", ["日時　令和8年11月19日", "甲<乙&丙"])
    page = opened(docx)
    assert page.lines == ["病院連絡会　次第", "日時　令和8年11月19日", "甲<乙&丙"]
    assert page.properties() == {"title": "病院連絡会　次第", "language": "ja-JP"}
    assert "python-docx" not in page.everything
    assert len(docx) < 10_000
    assert simple_document("病院連絡会　次第", ["日時　令和8年11月19日", "甲<乙&丙"]) == docx


def test_the_forms_drawn_anew_hold_only_marks_their_kinds_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("form7", "form8", "plain"):
        shutil.copytree(FOLDER / name, tmp_path / name)
        (tmp_path / name / "form.docx").unlink()
    monkeypatch.setattr(seed, "FOLDER", tmp_path)
    seed.main()
    for name, kind in (("form7", MEETING), ("form8", TRAINING), ("plain", MEETING)):
        assert lint((tmp_path / name / "form.docx").read_bytes()) == []
        assert unknown_marks(load_form(tmp_path / name), kind) == []
