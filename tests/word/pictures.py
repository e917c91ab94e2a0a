"""Draw everything the portal prints into docs/pictures/word: `python -m tests.word.pictures`. Look at them after a change of a form.

tests/word/test_pages.py draws them again and compares, so a page that looks different is either looked at or a fault.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image

from portal.kinds import Content
from portal.services.templates import blank_kind
from portal.word import Side, Style, blank_sheets, export, find_form, redline
from search_index import cut_words
from tests.word.desk import (
    HEADING,
    MEETING,
    TRAINING,
    busy_meeting,
    busy_training,
    kind,
    pages,
    rendered_together,
    sample,
)
from tests.word.test_redline import BY

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "word"
RESOLUTION = 90


def sheets() -> dict[str, bytes]:
    """Return one sample of each thing the portal prints, by the name of its picture."""
    found = {
        "form7": export(MEETING, busy_meeting(), HEADING),
        "form7-shared": export(MEETING, MEETING.cut(busy_meeting()), replace(HEADING, edition="shared")),
        "form8": export(TRAINING, busy_training(), HEADING),
        "plain": export(kind("file"), sample(kind("file")), HEADING),
        "redline-tracked": edited("tracked"),
        "redline-printed": edited("printed"),
    }
    for name, title in blank_sheets().items():
        found[name] = export(blank_kind(), Content(title, {}), replace(HEADING, number=""), find_form(name))
    return found


def edited(style: Style) -> bytes:
    """Return the 見え消し of a report after an afternoon's work on it."""
    old = busy_meeting(attendees=6, paragraphs=3)
    people, record = old.fields["attendees"], old.fields["record"]
    text = (
        record.replace("3日前", "5日前", 2)
        .replace("という声が出た", "との声があった", 2)
        .replace("<li><p>病院が送る</p></li>", "<li><p>病院が送る</p></li><li><p>区役所が確かめる</p></li>")
        .replace("<h3>決めたこと</h3>", "<p>全員が賛成した。</p><h3>決まったこと</h3>")
        .replace("<tr><td>回復期", "<tr><td>慢性期</td><td>見本第三病院</td><td>1</td><td>0</td></tr><tr><td>回復期")
    )
    newcomer = {**people[0], "name": "新任 太郎", "affiliation": "地域包括支援センター"}
    fields = {"place": "東成区役所 3階会議室", "attendees": [*people[:2], newcomer, *people[3:]], "record": text}
    new = Content(old.title, {**old.fields, **fields, "absentees": []})
    sides = (Side(old, replace(HEADING, version=1)), Side(new, replace(HEADING, version=2)))
    return redline(MEETING, *sides, by=BY, style=style, cut=cut_words)


def main() -> None:
    """Write one small grey picture per page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        for name, pdf in rendered_together(sheets(), Path(folder)).items():
            for number, page in enumerate(pages(pdf, RESOLUTION), 1):
                target = FOLDER / f"{name}-{number}.png"
                with Image.open(page) as picture:
                    picture.convert("L").quantize(16).save(target, optimize=True)
                sys.stdout.write(f"{target.name}: {target.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main()
