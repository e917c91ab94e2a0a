"""A cache with a byte budget: what was used longest ago goes first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]
_OVERHEAD = 250


class ArrayCache:
    """Keeps arrays up to a number of bytes; safe to share between threads."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.used = 0
        self._lock = threading.Lock()
        self._arrays: OrderedDict[Hashable, Array] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Array]) -> Array:
        """Return the array kept under a key, or make and keep it."""
        with self._lock:
            found = self._arrays.get(key)
            if found is not None:
                self._arrays.move_to_end(key)
                return found
        made = make()
        self._keep(key, made)
        return made

    def _keep(self, key: Hashable, made: Array) -> None:
        size = made.nbytes + _OVERHEAD
        if size > self.budget // 4:
            return
        with self._lock:
            if key in self._arrays:
                return
            self._arrays[key] = made
            self.used += size
            while self.used > self.budget:
                _, dropped = self._arrays.popitem(last=False)
                self.used -= dropped.nbytes + _OVERHEAD

    def forget(self, segment: str) -> None:
        """Drop what belongs to a segment that is gone."""
        with self._lock:
            for key in [key for key in self._arrays if isinstance(key, tuple) and key[0] == segment]:
                self.used -= self._arrays.pop(key).nbytes + _OVERHEAD
