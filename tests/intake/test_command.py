"""Given a file someone complains about, an operator sees on the command line what the portal makes of it."""

import json
import subprocess
import sys
from pathlib import Path

from tests.intake import files


def test_the_command_says_what_was_read_and_what_was_not(tmp_path: Path) -> None:
    good, bad = tmp_path / "議事録.docx", tmp_path / "道具.exe"
    good.write_bytes(files.docx(files.paragraph("本文の語")))
    bad.write_bytes(b"MZ")
    done = subprocess.run(
        [sys.executable, "-m", "portal.intake", "--text", str(good), str(bad), str(tmp_path / "ない.docx")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["status"], first["text"], first["type"]) == ("ok", "本文の語", "Word 文書")
    assert second["status"] == "refused"
    assert "受け付けていません" in second["message"]
    assert third["status"] == "refused"
