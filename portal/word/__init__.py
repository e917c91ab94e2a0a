"""Word in and out. Plain values in, bytes out: this room knows no database and no request."""

from portal.word.exporting import export, file_name
from portal.word.forms import WordForm, blank_sheets, find_form, shipped_file, uploaded_form
from portal.word.heading import Heading
from portal.word.judging import UnusableTemplate, Verdict, check_template, judge, try_template
from portal.word.linting import lint
from portal.word.packet import Entry, Packet, Slot, bookmarks, draw_packet
from portal.word.pictures import Picture
from portal.word.reading import Comment, Reading, Returned, read_back, stamps_of
from portal.word.reading_sheet import Change
from portal.word.redline import Side, redline
from portal.word.redline_pens import Authorship, Style

__all__ = [
    "Authorship",
    "Change",
    "Comment",
    "Entry",
    "Heading",
    "Packet",
    "Picture",
    "Reading",
    "Returned",
    "Side",
    "Slot",
    "Style",
    "UnusableTemplate",
    "Verdict",
    "WordForm",
    "blank_sheets",
    "bookmarks",
    "check_template",
    "draw_packet",
    "export",
    "file_name",
    "find_form",
    "judge",
    "lint",
    "read_back",
    "redline",
    "shipped_file",
    "stamps_of",
    "try_template",
    "uploaded_form",
]
