"""Word in and out. Plain values in, bytes out: this room knows no database and no request."""

from portal.word.exporting import export, file_name
from portal.word.forms import WordForm, find_form, uploaded_form
from portal.word.heading import Heading
from portal.word.judging import UnusableTemplate, Verdict, check_template, judge, try_template
from portal.word.linting import lint

__all__ = [
    "Heading",
    "UnusableTemplate",
    "Verdict",
    "WordForm",
    "check_template",
    "export",
    "file_name",
    "find_form",
    "judge",
    "lint",
    "try_template",
    "uploaded_form",
]
