"""Minutes as other authors would write them, written without knowledge of the reader, to measure it on.

A fixed hash of the name puts each file into half A (looked at while mending) or half B (only ever counted).
"""

from tests.intake.minutes_by_others import carers, companies, councils, strangers, varied
from tests.intake.minutes_by_others.telling import Told, every

__all__ = ["Told", "carers", "companies", "councils", "every", "strangers", "varied"]
