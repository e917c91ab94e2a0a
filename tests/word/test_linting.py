"""The lint sees what Word stumbles over, one fault at a time; most of these pass one of the two validators."""

from collections.abc import Callable

import pytest

from portal.word import export, lint
from portal.word.markup import R
from portal.word.package import assemble, pack, read_parts
from tests.word.desk import HEADING, MEETING, sample
from tests.word.test_redline import tracked

DOCUMENT, TYPES, STYLES = "word/document.xml", "[Content_Types].xml", "word/styles.xml"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
DRAWING = (
    '<w:p><w:r><w:drawing xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
    '<wp:inline><wp:docPr id="7" name="印"/></wp:inline></w:drawing></w:r></w:p>'
)
PICTURE = f'<w:p><w:r><w:drawing><a:blip xmlns:a="{A}" xmlns:r="{R}" r:embed="rId99"/></w:drawing></w:r></w:p>'
LIST = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="99"/></w:numPr></w:pPr></w:p>'
CONTROL = '<w:sdt><w:sdtPr><w:id w:val="9990"/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>'
Parts = dict[str, bytes]


def at_the_end(xml: str) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        parts[DOCUMENT] = parts[DOCUMENT].replace(b"<w:sectPr", xml.encode() + b"<w:sectPr", 1)

    return change


def instead(old: str, new: str, part: str = DOCUMENT) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        assert old.encode() in parts[part], old
        parts[part] = parts[part].replace(old.encode(), new.encode(), 1)

    return change


def add_picture(parts: Parts) -> None:
    parts["word/media/image1.png"] = b"\x89PNG"


def plain_text(parts: Parts) -> None:
    parts[DOCUMENT] = parts[DOCUMENT].replace(b"w:delText", b"w:t")


def table(inner: str) -> str:
    return f'<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>{inner}</w:tbl>'


MUTANTS: dict[str, tuple[Callable[[Parts], None], str]] = {
    "a cell without a last paragraph": (
        at_the_end(table(f"<w:tr><w:tc><w:p/>{table('<w:tr><w:tc><w:p/></w:tc></w:tr>')}</w:tc></w:tr>") + "<w:p/>"),
        "does not end with a paragraph",
    ),
    "an empty cell": (at_the_end(table("<w:tr><w:tc/></w:tr>") + "<w:p/>"), "does not end with a paragraph"),
    "a table without rows": (at_the_end(table("") + "<w:p/>"), "without rows"),
    "a row of too many cells": (
        at_the_end(table("<w:tr><w:tc><w:p/></w:tc><w:tc><w:p/></w:tc></w:tr>") + "<w:p/>"),
        "covers 2 of 1 columns",
    ),
    "two tables that touch": (at_the_end(table("<w:tr><w:tc><w:p/></w:tc></w:tr>") * 2 + "<w:p/>"), "touch"),
    "a table at the end": (at_the_end(table("<w:tr><w:tc><w:p/></w:tc></w:tr>")), "ends with a table"),
    "a control id twice": (at_the_end(CONTROL * 2), "control id 9990 occurs 2 times"),
    "a control tag twice": (instead('<w:tag w:val="place"/>', '<w:tag w:val="held_on"/>'), "control tag held_on"),
    "a bookmark name twice": (instead('w:name="_f_place"', 'w:name="_f_held_on"'), "bookmark name _f_held_on"),
    "a bookmark without an end": (at_the_end('<w:p><w:bookmarkStart w:id="9999" w:name="x"/></w:p>'), "not closed"),
    "a name that is too long": (
        at_the_end(f'<w:p><w:bookmarkStart w:id="9999" w:name="{"x" * 41}"/><w:bookmarkEnd w:id="9999"/></w:p>'),
        "is too long",
    ),
    "a picture number twice": (at_the_end(DRAWING * 2), "drawing id 7 occurs 2 times"),
    "a paragraph in a paragraph": (at_the_end("<w:p><w:p/></w:p>"), "a paragraph inside a paragraph"),
    "an unknown style": (instead('w:pStyle w:val="Title"', 'w:pStyle w:val="Titel"'), "style Titel is not defined"),
    "an unknown list": (at_the_end(LIST), "list 99 is not defined"),
    "a picture that is not there": (at_the_end(PICTURE), "picture rId99 is not in the file"),
    "a part without a type": (add_picture, "word/media/image1.png has no content type"),
    "a part that is pointed to and not there": (lambda parts: parts.pop(STYLES) and None, "which is not there"),
    "no types at all": (lambda parts: parts.pop(TYPES) and None, "no content types"),
    "a place that was not filled": (at_the_end("<?portal slot 3?>"), "a place was not filled"),
    "broken markup": (instead("</w:body>", "</w:boddy>"), "unreadable"),
    "no document": (lambda parts: parts.pop(DOCUMENT) and None, "no document part"),
}  # fmt: skip
CHANGES: dict[str, tuple[Callable[[Parts], None], str]] = {
    "plain text in what went": (plain_text, "w:t inside w:del"),
    "text of what went elsewhere": (at_the_end("<w:p><w:r><w:delText>甲</w:delText></w:r></w:p>"), "outside w:del"),
    "a field in what went": (
        at_the_end('<w:p><w:del w:id="900" w:author="甲"><w:r><w:instrText>PAGE</w:instrText></w:r></w:del></w:p>'),
        "w:t inside w:del",
    ),
    "a change number twice": (
        at_the_end('<w:p><w:ins w:id="1" w:author="甲"/><w:ins w:id="1" w:author="甲"/></w:p>'),
        "change id 1 occurs",
    ),
    "a change by nobody": (at_the_end('<w:p><w:ins w:id="900"/></w:p>'), "a change by nobody"),
}  # fmt: skip


def faults_of(docx: bytes, change: Callable[[Parts], None]) -> list[str]:
    parts = read_parts(docx)
    change(parts)
    return lint(assemble(pack(name, data) for name, data in parts.items()))


@pytest.mark.parametrize("name", MUTANTS)
def test_a_fault_in_an_export_is_named(name: str) -> None:
    change, told = MUTANTS[name]
    assert any(told in fault for fault in faults_of(export(MEETING, sample(MEETING), HEADING), change))


@pytest.mark.parametrize("name", CHANGES)
def test_a_fault_in_a_redline_is_named(name: str) -> None:
    change, told = CHANGES[name]
    docx = tracked(MEETING, sample(MEETING), sample(MEETING, place="区民ホール"))
    assert any(told in fault for fault in faults_of(docx, change))


def test_what_is_not_changed_has_no_fault() -> None:
    assert faults_of(export(MEETING, sample(MEETING), HEADING), lambda parts: None) == []
