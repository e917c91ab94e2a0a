"""Minutes as other authors would write them, written without knowledge of the reader, to measure it on.

A fixed hash of the name puts each file into half A (looked at while mending) or half B (only ever counted). The harder ones,
written when the reader was known, are C; the last lot, written after most of the mending
and looked at after it had been measured once, is D.
"""

from tests.intake.minutes_by_others import carers, companies, councils, harder, people_told, strangers, unseen, varied
from tests.intake.minutes_by_others.telling import Told, every

__all__ = ["Told", "carers", "companies", "councils", "every", "harder", "people_told", "strangers", "unseen", "varied"]
