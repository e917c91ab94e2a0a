"""Draw the shipped forms into docs/pictures/word: `python -m tests.word.pictures`. Look at them after every change of a form."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image

from portal.word import export
from tests.word.desk import HEADING, MEETING, TRAINING, busy_meeting, busy_training, pages, rendered

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "word"
SHEETS = {
    "form7": (MEETING, busy_meeting(), HEADING),
    "form8": (TRAINING, busy_training(), HEADING),
    "form7-shared": (MEETING, MEETING.cut(busy_meeting()), replace(HEADING, edition="shared")),
}


def main() -> None:
    """Write one small grey picture per page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for name, (of, content, heading) in SHEETS.items():
        with tempfile.TemporaryDirectory() as folder:
            for number, page in enumerate(pages(rendered(export(of, content, heading), Path(folder)), 90), 1):
                target = FOLDER / f"{name}-{number}.png"
                with Image.open(page) as picture:
                    picture.convert("L").quantize(16).save(target, optimize=True)
                sys.stdout.write(f"{target.name}: {target.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main()
