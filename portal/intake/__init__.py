"""Text out of uploaded files, in a limited child process: what a file is, whether it may come in, what it says.

file_type = sniff(path, name)          # raises Refused with a Japanese reason
found = extract(path, file_type)       # never raises because of the file, always answers in time
"""

from __future__ import annotations

from portal.intake.extracting import Extracted, extract, office_program
from portal.intake.filetypes import ALLOWED, FileType, check_limits, sniff
from portal.intake.limits import Damaged, Encrypted, Limits, Refused
from portal.intake.names import clean_name
from portal.intake.outlining import Outline, own_outline, trace_outline
from portal.intake.packages import chunks, open_package
from portal.intake.pages import Pages, as_pdf, draw_pages

__all__ = [
    "ALLOWED",
    "Damaged",
    "Encrypted",
    "Extracted",
    "FileType",
    "Limits",
    "Outline",
    "Pages",
    "Refused",
    "as_pdf",
    "check_limits",
    "chunks",
    "clean_name",
    "draw_pages",
    "extract",
    "office_program",
    "open_package",
    "own_outline",
    "sniff",
    "trace_outline",
]
