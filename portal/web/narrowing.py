"""Narrowing a list from its address: facets with counts, the conditions in use as chips, each with the address without it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from flask import request

SHOWN = 6
"""Values of one facet that are shown at once; the others wait behind 「ほか n 件」."""

Value = str | int


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many documents choosing it gives, and whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """One facet: `name` is its parameter in the address."""

    name: str
    title: str
    choices: tuple[Choice, ...]

    @cached_property
    def first(self) -> tuple[Choice, ...]:
        """What is shown at once: the chosen values, wherever they stand, and the first others."""
        free = max(0, SHOWN - sum(one.chosen for one in self.choices))
        others = [one.value for one in self.choices if not one.chosen][:free]
        return tuple(one for one in self.choices if one.chosen or one.value in others)

    @cached_property
    def rest(self) -> tuple[Choice, ...]:
        """What waits behind 「ほか n 件」; a single value is not worth hiding."""
        first = {one.value for one in self.first}
        rest = tuple(one for one in self.choices if one.value not in first)
        return rest if len(rest) > 1 else ()

    @property
    def open(self) -> tuple[Choice, ...]:
        """What is shown at once, the last lone value with it."""
        return self.first if self.rest else self.choices


@dataclass(frozen=True)
class Chip:
    """One condition in use, and the address of the same list without it."""

    label: str
    address: str


def facet(
    name: str, title: str, counts: Iterable[tuple[Value, int]], label: Callable[[str], str], *, first: str = ""
) -> Facet:
    """Return a facet from its counts; a chosen value that gives nothing stays there with 0. `first` goes to the front."""
    chosen = request.args.getlist(name)
    there = {str(value): count for value, count in counts}
    there |= {value: 0 for value in chosen if value and value not in there}
    ordered = sorted(there.items(), key=lambda pair: pair[0] != first) if first else there.items()
    return Facet(name, title, tuple(Choice(value, label(value), count, value in chosen) for value, count in ordered))


def chips(facets: Iterable[Facet]) -> list[Chip]:
    """Return the chosen values of the facets as chips."""
    return [Chip(one.label, without(which.name, one.value)) for which in facets for one in which.choices if one.chosen]


def without(name: str, value: str | None = None) -> str:
    """Return this list's address without one condition, from its first page."""
    kept = [pair for pair in _asked() if pair[0] != name or (value is not None and pair[1] != value)]
    return address_of(kept)


def with_(name: str, value: str) -> str:
    """Return this list's address with one parameter changed, from its first page."""
    return address_of([pair for pair in _asked() if pair[0] != name] + [(name, value)])


def plus(*more: tuple[str, str]) -> str:
    """Return this list's address with some conditions more, from its first page."""
    return address_of([*_asked(), *more])


def address_of(pairs: Iterable[tuple[str, str]]) -> str:
    """Return this list's address with exactly these parameters."""
    query = urlencode(list(pairs))
    return f"{request.path}?{query}" if query else request.path


def keeping(*names: str) -> str:
    """Return this list's address with these parameters alone."""
    return address_of([pair for pair in _asked() if pair[0] in names])


def _asked() -> list[tuple[str, str]]:
    return [pair for pair in request.args.items(multi=True) if pair[0] != "page" and pair[1]]
