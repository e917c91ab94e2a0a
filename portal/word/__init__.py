"""Word in and out. Plain values in, bytes out: this room knows no database and no request."""

from portal.word.exporting import export, file_name
from portal.word.heading import Heading
from portal.word.linting import lint

__all__ = ["Heading", "export", "file_name", "lint"]
