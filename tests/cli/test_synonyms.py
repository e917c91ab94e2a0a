"""Synonyms from a terminal: looked at, saved, brought in; and what a search from there says of them."""

from pathlib import Path

from tests.cli.conftest import Terminal, add_account
from tests.cli.test_command import write_report


def test_the_table_goes_out_and_comes_in(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.run("synonyms", "list", "看取り") == 0
    assert "ターミナルケア" in terminal.out
    file = tmp_path / "table.csv"
    assert terminal.run("synonyms", "export", "-o", str(file)) == 0
    text = file.read_text(encoding="utf-8-sig")
    file.write_text(text + "虹色手帳,虹色手帳、にじノート,,\n", encoding="utf-8")
    assert terminal.run("synonyms", "import", str(file), "--comment", "要望", "--dry-run") == 0
    assert "追加 1件、変更 0件" in terminal.out
    assert terminal.run("synonyms", "list", "虹色") == 1
    assert terminal.run("synonyms", "import", str(file), "--comment", "要望") == 0
    assert terminal.run("synonyms", "list", "虹色") == 0
    assert terminal.run("synonyms", "import", str(tmp_path / "none.csv"), "--comment", "x") == 1
    assert "読めません" in terminal.err


def test_a_search_says_what_it_looked_for_and_what_may_have_been_meant(terminal: Terminal) -> None:
    add_account(terminal, "tanaka", "coordinator")
    report = write_report("tanaka")
    assert terminal.run("search", "退院支援") == 0
    assert "「退院支援」と合わせて、次の言葉でも探しました: 退院調整" in terminal.out
    assert terminal.run("search", "退院支援", "--without", "退院調整") == 0
    assert "退院調整" not in terminal.out.split("探しました:")[1]
    terminal.run("search", "退院四縁")
    assert "もしかして: 退院支援（1件）" in terminal.out
    assert terminal.run("related", str(report)) == 1
    assert "似た文書はありません。" in terminal.out
