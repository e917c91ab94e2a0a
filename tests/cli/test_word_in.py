"""A report that was edited in Word comes back at the terminal."""

import json
from pathlib import Path

from tests.cli.conftest import Terminal, add_account
from tests.cli.test_command import write_report
from tests.word.test_round_trip_service import edited


def test_a_word_file_is_compared_and_then_taken_over(terminal: Terminal, tmp_path: Path) -> None:
    add_account(terminal, "tanaka", "coordinator", "higashinari")
    report = str(write_report("tanaka"))
    target = tmp_path / "報告.docx"
    assert terminal.run("export", report, "--as", "tanaka", "-o", str(target)) == 0
    target.write_bytes(edited(target.read_bytes(), ("東成区役所 3階会議室", "区民センター")))
    assert terminal.run("word-in", report, str(target), "--as", "tanaka") == 0
    assert "区民センター" in terminal.out
    assert "--take" in terminal.out
    assert terminal.run("word-in", report, str(target), "--as", "tanaka", "--take", "all", "--json") == 0
    told = json.loads(terminal.out)
    assert ([one["name"] for one in told["fields"]], told["version"]) == (["next_place"], 2)
    assert terminal.run("word-in", report, str(tmp_path / "nai.docx"), "--as", "tanaka") == 1
    assert "ありません" in terminal.err
