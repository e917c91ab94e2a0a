"""From a terminal: many documents into one file, a PDF, and the list of what takes time."""

import zipfile
from pathlib import Path

import pytest

from portal.word import lint
from tests.cli.conftest import Terminal, add_account
from tests.cli.test_command import write_report

TANAKA = ["--as", "tanaka"]


@pytest.fixture
def report(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("PORTAL_SOFFICE", "none")
    add_account(terminal, "tanaka", "coordinator")
    return write_report("tanaka")


def test_documents_are_packed_and_the_work_is_listed_and_forgotten(
    terminal: Terminal, report: int, tmp_path: Path
) -> None:
    second = write_report("tanaka")
    target = tmp_path / "parcel.zip"
    assert terminal.run("pack", str(report), str(second), *TANAKA, "-o", str(target)) == 0
    with zipfile.ZipFile(target) as parcel:
        assert all(lint(parcel.read(name)) == [] for name in parcel.namelist())
        assert len(parcel.namelist()) == 2
    assert (
        terminal.run("pack", str(report), str(second), *TANAKA, "--to", "docx", "-o", str(tmp_path / "bound.docx")) == 0
    )
    assert lint((tmp_path / "bound.docx").read_bytes()) == []
    assert terminal.run("jobs", "list", *TANAKA) == 0
    assert "文書2件をWordで保存" in terminal.out
    assert terminal.run("jobs", "cancel", "1", *TANAKA) == 0
    assert "一覧から消しました" in terminal.out
    assert terminal.run("jobs", "cancel", "1", *TANAKA) == 1
    assert "番号1の作業はありません" in terminal.err
    assert terminal.run("jobs", "work") == 0
    assert "0件の作業をしました" in terminal.out


def test_what_cannot_be_packed_says_why(terminal: Terminal, report: int) -> None:
    for line, said in (
        (["--month", "2026-10"], "この月に提出された文書はありません"),
        (["--month", "十月"], "2026-10 のように"),
        ([], "文書IDを並べるか"),
        ([str(report), "--month", "2026-10"], "文書IDを並べるか"),
        (["--month", "2026-10", "--ward", "nowhere"], "nowhere"),
        ([str(report), "--to", "pdf"], "PDFを作れません"),
        (["999999"], "保存できるものがありません"),
    ):
        assert terminal.run("pack", *line, *TANAKA) == 1, line
        assert said in terminal.err, line
    assert terminal.run("export", str(report), "--pdf", *TANAKA) == 1
    assert "PDFを作れません" in terminal.err
    assert terminal.run("check") == 0
    assert "PDFは作れません" in terminal.out


def test_somebody_elses_documents_and_work_are_not_there(terminal: Terminal, report: int, tmp_path: Path) -> None:
    person = ["--name", "佐藤", "--ward", "ikuno", "--role", "coordinator"]
    assert terminal.run("account", "add", "sato", *person) == 0
    assert terminal.run("pack", str(report), *TANAKA, "-o", str(tmp_path)) == 0
    assert terminal.run("pack", str(report), "--as", "sato", "-o", str(tmp_path)) == 1
    assert "保存できるものがありません" in terminal.err
    assert terminal.run("jobs", "list", "--as", "sato") == 0
    assert terminal.out.count("\n") == 2  # the head, and the own work that failed
    assert terminal.run("jobs", "cancel", "1", "--as", "sato") == 1


def test_a_soffice_that_is_not_there_is_refused_by_name(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SOFFICE", "/nowhere/soffice")
    assert terminal.run("check") == 2
    assert "PORTAL_SOFFICE" in terminal.err
