"""Old minutes of any layout: which meeting, when, where, who, what was said and decided, and how sure each answer is.

minutes = read_minutes(path)           # in a limited child process; never raises because of the file
minutes.answers()                      # what is sure enough to be shown as an answer

The child turns the file into lines and tables (`layouts`), cuts those into labelled parts (`labels`, `sections`, `tables`),
and answers from the parts (`understanding`); `labels.tsv` holds the wordings.
"""

from __future__ import annotations

from portal.intake.minutes.model import DEFAULT_CONFIDENCE, FIELDS, Found, Minutes
from portal.intake.minutes.reading import read_minutes

__all__ = ["DEFAULT_CONFIDENCE", "FIELDS", "Found", "Minutes", "read_minutes"]
