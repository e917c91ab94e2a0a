"""Say what an export costs: `python -m tests.word.measure` prints CPU milliseconds and bytes for a small and a big 様式7."""

import sys
import time

from portal.word import export, exporting
from tests.word.desk import HEADING, MEETING, busy_meeting, sample

TIMES = 300


def measure(name: str, **size: int) -> None:
    """Export one report many times and print the median and the 95th percentile."""
    content = busy_meeting(**size) if size else sample(MEETING)
    docx = export(MEETING, content, HEADING)
    spent = []
    for _ in range(TIMES):
        before = time.process_time()
        export(MEETING, content, HEADING)
        spent.append((time.process_time() - before) * 1000)
    spent.sort()
    median, late = spent[TIMES // 2], spent[TIMES * 95 // 100]
    sys.stdout.write(f"{name:24} {median:6.2f} ms  p95 {late:6.2f} ms  {len(docx) / 1024:6.1f} KB\n")


def main() -> None:
    """Measure a form for each size, and compiling one."""
    measure("small")
    measure("big (26 people, 40 par.)", attendees=26, paragraphs=40)
    measure("300 people, 200 par.", attendees=300, paragraphs=200)
    exporting._compiled.clear()
    before = time.process_time()
    export(MEETING, sample(MEETING), HEADING)
    sys.stdout.write(f"{'first export of a form':24} {(time.process_time() - before) * 1000:6.2f} ms\n")


if __name__ == "__main__":
    main()
