"""Say how well personal words are found: `python -m tests.kinds.measure_personal` over made-up snippets.

Every third snippet is the unseen third: its figures are printed, never its texts. One person wrote rules and snippets, so it flatters;
the decision page tells how the last 80 did before any rule was mended.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from portal.kinds import personal

SNIPPETS = Path(__file__).with_name("personal_snippets.tsv")
Snippet = tuple[frozenset[str], str]
ENOUGH = 0.8


def snippets() -> tuple[list[Snippet], list[Snippet]]:
    """Return the looked-at two thirds and the unseen third; each kind and the harmless ones are divided alike."""
    looked_at: list[Snippet] = []
    unseen: list[Snippet] = []
    seen: Counter[str] = Counter()
    for line in SNIPPETS.read_text(encoding="utf-8").splitlines():
        kinds, _, text = line.partition("\t")
        seen[kinds] += 1
        snippet = frozenset() if kinds == "-" else frozenset(kinds.split(",")), text
        (unseen if seen[kinds] % 3 == 0 else looked_at).append(snippet)
    return looked_at, unseen


def kinds_in(text: str) -> set[str]:
    """Return the kinds found in a text; an age beside a name counts as the name as well."""
    found = {one.kind for one in personal.find(text)}
    return found | {"name"} if "age" in found else found


def counted(given: Iterable[Snippet]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Return by kind what was rightly found, what was missed, and what was found where nothing of it stands."""
    right: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    for wanted, text in given:
        found = kinds_in(text)
        right.update(wanted & found)
        missed.update(wanted - found)
        if not wanted:
            alarms.update(found)
    return right, missed, alarms


def precision_and_recall(given: Iterable[Snippet]) -> tuple[float, float]:
    """Return both over all kinds together."""
    right, missed, alarms = (sum(one.values()) for one in counted(given))
    return right / max(1, right + alarms), right / max(1, right + missed)


def main() -> None:
    """Print precision and recall by kind, and the looked-at snippets that go wrong."""
    for title, given in zip(("looked at", "unseen"), snippets(), strict=True):
        right, missed, alarms = counted(given)
        sys.stdout.write(f"{title}: {len(given)} snippets\n")
        for kind in [one for one in personal.KINDS if one != "author"]:
            precision = right[kind] / max(1, right[kind] + alarms[kind])
            recall = right[kind] / max(1, right[kind] + missed[kind])
            sys.stdout.write(
                f"  {kind:10} precision {precision:.2f}  recall {recall:.2f}  of {right[kind] + missed[kind]}\n"
            )
        sys.stdout.write("  all        precision {:.2f}  recall {:.2f}\n".format(*precision_and_recall(given)))
    for wanted, text in snippets()[0]:
        found = kinds_in(text)
        if (wanted - found) or (not wanted and found):
            shown = " ".join(f"{one.kind}[{one.text}]" for one in personal.find(text))
            sys.stdout.write(f"{','.join(wanted) or '-'}: {text}  -> {shown}\n")
    report = "\n".join(text for _, text in snippets()[0]) * 4
    begun = time.process_time()
    personal.find(report)
    sys.stdout.write(f"{len(report):,} characters in {(time.process_time() - begun) * 1000:.1f} ms\n")


if __name__ == "__main__":
    main()
