"""The 24 wards and the city office as tenants: one TOML file each, and the registry that reads them.

A ward is added by adding a file here; nothing else names the wards one by one.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CITY = "city"
"""Slug of the 25th tenant, 健康局, which runs the programme for all wards."""


@dataclass(frozen=True)
class Ward:
    """One tenant. `order` is the city's usual order (行政順), `code` the 5-digit municipal code, `contractors` the 受託法人."""

    slug: str
    name: str
    kana: str
    order: int
    code: str
    check_code: str
    contractors: tuple[str, ...]
    office: str
    phone: str
    hours: str

    @property
    def short_name(self) -> str:
        """The name as used in report numbers: 東成 for 東成区."""
        return self.name.removesuffix("区")


@cache
def _registry() -> dict[str, Ward]:
    found = []
    for file in files(__name__).iterdir():
        if file.name.endswith(".toml"):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            found.append(Ward(**{**data, "contractors": tuple(data["contractors"])}))
    return {ward.slug: ward for ward in sorted(found, key=lambda ward: ward.order)}


def all_tenants() -> tuple[Ward, ...]:
    """Return the wards in the city's order, then the city office."""
    return tuple(_registry().values())


def all_wards() -> tuple[Ward, ...]:
    """Return the 24 wards in the city's order, without the city office."""
    return tuple(ward for ward in all_tenants() if ward.slug != CITY)


def find_ward(slug: str) -> Ward | None:
    """Return the tenant of that slug, or None."""
    return _registry().get(slug)


def ward_name(slug: str) -> str:
    """Return the tenant's full name; the slug itself for one that is not registered (an old record)."""
    ward = find_ward(slug)
    return ward.name if ward else slug
