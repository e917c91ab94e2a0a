"""Every kind of Word file the portal hands out, before two validators of the format and our own lint."""

from dataclasses import replace
from pathlib import Path

import pytest

from portal.kinds import Content, Kind
from portal.services.templates import blank_kind
from portal.word import Heading, Side, blank_sheets, export, find_form, lint, redline
from search_index import cut_words
from tests.word.desk import HEADING, MEETING, TRAINING, busy_meeting, busy_training, kind, sample
from tests.word.test_pictures import TEXT as PICTURES
from tests.word.test_pictures import WITH
from tests.word.test_redline import BY, RECORDS, with_record
from tests.word.validators import faults

FILE = kind("file")
SHARED = replace(HEADING, edition="shared")
HOSTILE = "<w:p/>]]>&amp;《場所》\x00\x07𠮷葛󠄀👨‍👩‍👧‍👦\u202e\ufffe\t"
ODD_TEXT = (
    "<h2>見出し</h2><p><strong><em>太<br>字</em></strong></p><ol><li><p>一</p><ul><li><p>深い</p></li></ul></li></ol>"
    '<table><caption>題</caption><thead><tr><th>A</th><th colspan="2">B</th></tr></thead><tbody><tr><td rowspan="2">x</td><td>'
    "<table><tbody><tr><td>内</td></tr></tbody></table></td><td></td></tr><tr><td>y</td></tr></tbody></table>"
    '<section data-block="decision" data-owner="各病院"><p>使う。</p></section><p><a href="https://www.example.jp/?a=1&amp;b=2">案内</a></p>'
)  # fmt: skip


def hostile(of: Kind) -> Content:
    """Return a content with odd text in every place that takes text."""
    content = sample(of)
    texts = {name: ODD_TEXT + f"<p>{HOSTILE}</p>" for name, one in of.fields.items() if one.widget == "text"}
    lines = {name: HOSTILE for name, one in of.fields.items() if one.widget in ("line", "note") and name != "title"}
    return Content(HOSTILE, {**content.fields, **of.clean("題", {**content.fields, **texts, **lines}).fields})


def reports() -> dict[str, bytes]:
    """Return exports of every shipped form: small, big, empty, hostile, and the shared edition."""
    found: dict[str, bytes] = {}
    busy = {"meeting_report": busy_meeting(), "training_report": busy_training()}
    for of in (MEETING, TRAINING, FILE):
        kinds_of_content = {
            "small": sample(of),
            "big": busy.get(of.name, sample(of)),
            "empty": Content("下書き", of.defaults()),
            "hostile": hostile(of),
        }
        for name, content in kinds_of_content.items():
            found[f"{of.name} {name}"] = export(of, content, HEADING)
            if name in ("big", "hostile"):
                found[f"{of.name} {name} shared"] = export(of, content, SHARED)
    found["pictures"] = export(MEETING, sample(MEETING, record=PICTURES), WITH)
    for sheet, title in blank_sheets().items():
        found[sheet] = export(blank_kind(), Content(title, {}), replace(HEADING, number=""), find_form(sheet))
    return found


def redlines() -> dict[str, bytes]:
    """Return 見え消し of both styles: whole reports that came and went, and every kind of change in a text."""
    pairs: dict[str, tuple[Kind, Content, Content]] = {
        "meeting comes": (MEETING, Content("下書き", MEETING.defaults()), busy_meeting()),
        "meeting turns hostile": (MEETING, busy_meeting(8), hostile(MEETING)),
        "training goes": (TRAINING, busy_training(), Content("下書き", TRAINING.defaults())),
        "file": (FILE, sample(FILE), hostile(FILE)),
    }
    found: dict[str, bytes] = {}
    for name, (of, old, new) in pairs.items():
        found[f"{name} tracked"], found[f"{name} printed"] = (
            redline(of, side(old, HEADING), side(new, HEADING), by=BY, style=style, cut=cut_words)
            for style in ("tracked", "printed")
        )
    pictures = (side(sample(MEETING, record=text), WITH) for text in ("<p>会場</p>", PICTURES))
    found["pictures come"] = redline(MEETING, *pictures, by=BY, style="tracked", cut=cut_words)
    old, new = (with_record("<h2>次</h2>".join(pair[n] for pair in RECORDS.values())) for n in (0, 1))
    for heading in (HEADING, SHARED):
        found[f"every change {heading.edition}"] = redline(
            MEETING, side(old, heading), side(new, heading), by=BY, style="tracked", cut=cut_words
        )
    return found


def side(content: Content, heading: Heading) -> Side:
    return Side(content, heading)


@pytest.mark.parametrize("made", [reports, redlines], ids=["reports", "redlines"])
def test_two_validators_and_the_lint_find_nothing(made: object, tmp_path: Path) -> None:
    files = made()  # type: ignore[operator]
    assert {name: lint(docx) for name, docx in files.items() if lint(docx)} == {}
    assert faults(files, tmp_path) == []
