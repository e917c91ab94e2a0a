"""Who is acting: one account in one role in one ward. Rights of several memberships are never added up."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import tenants


class Role(StrEnum):
    """What a person is in a ward (DOMAIN 5f). The value is the name used in tokens, the API and the database."""

    COORDINATOR = "coordinator"
    RESPONSIBLE = "responsible"
    WARD_OFFICE = "ward_office"
    BUREAU = "bureau"
    BUREAU_ADMIN = "bureau_admin"
    SYSTEM_ADMIN = "system_admin"
    AUDITOR = "auditor"


WARD_ROLES = frozenset({Role.COORDINATOR, Role.RESPONSIBLE, Role.WARD_OFFICE})
CITY_ROLES = frozenset(Role) - WARD_ROLES

ROLE_NAMES = {
    Role.COORDINATOR: "コーディネーター",
    Role.RESPONSIBLE: "受託法人責任者",
    Role.WARD_OFFICE: "区役所担当",
    Role.BUREAU: "健康局担当",
    Role.BUREAU_ADMIN: "健康局管理者",
    Role.SYSTEM_ADMIN: "システム管理者",
    Role.AUDITOR: "監査担当",
}

SYSTEM = "system"
"""The token of the portal itself (index worker, checks); part of the readers of everything."""


def may_hold(role: Role, ward: str) -> bool:
    """Say whether a role exists in that tenant: ward roles in wards, city roles in the city office."""
    return (role in CITY_ROLES) == (ward == tenants.CITY)


@dataclass(frozen=True)
class Identity:
    """An account acting in one ward and role. `tokens` are what the policy, the database and the index compare."""

    account_id: int
    ward: str
    role: Role

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The reader tokens this identity holds."""
        held = {f"account:{self.account_id}", f"{self.role}@{self.ward}", f"{self.role}@*"}
        if self.role in WARD_ROLES:
            held |= {f"member@{self.ward}", "member@*"}
            held |= {f"other@{ward.slug}" for ward in tenants.all_wards() if ward.slug != self.ward}
        elif self.role in (Role.BUREAU, Role.BUREAU_ADMIN):
            held |= {"bureau", f"member@{self.ward}", "member@*"}
        elif self.role is Role.AUDITOR:
            held |= {"auditor"}
        return frozenset(held)


@dataclass(frozen=True)
class SystemIdentity:
    """The portal acting for itself: reads everything, stands in no ward. Never made from a request."""

    account_id: None = None
    ward: str = tenants.CITY
    role: None = None

    @property
    def tokens(self) -> frozenset[str]:
        """The one token that is part of everything's readers."""
        return frozenset({SYSTEM})


Reader = Identity | SystemIdentity
