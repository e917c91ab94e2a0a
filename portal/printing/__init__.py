"""Word files onto paper: PDF by LibreOffice in a limited child without network.

pdfs = to_pdf([docx, docx], program)     # empty in the place of a file LibreOffice would not print
"""

from portal.printing.binding import bookmarked_pages, number_pages
from portal.printing.office import NOT_FOR_PRINT, find_program, to_pdf

__all__ = ["NOT_FOR_PRINT", "bookmarked_pages", "find_program", "number_pages", "to_pdf"]
