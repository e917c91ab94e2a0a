"""Several people doing something at the very same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all acts together in threads; return what each returned, or the exception it raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(timeout=30)
        try:
            return act()
        except Exception as failure:
            return failure

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
