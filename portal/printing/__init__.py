"""Word files onto paper: PDF by LibreOffice in a limited child without network.

pdfs = to_pdf([docx, docx], program)     # empty in the place of a file LibreOffice would not print
"""

from portal.printing.binding import open_by_parts, pages_of
from portal.printing.office import NOT_FOR_PRINT, find_program, forget_scratch, to_pdf

__all__ = ["NOT_FOR_PRINT", "find_program", "forget_scratch", "open_by_parts", "pages_of", "to_pdf"]
