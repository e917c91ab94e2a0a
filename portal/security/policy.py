"""THE place for "who may". Pure functions over the tables of workflows.py; the database and the index only repeat them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import tenants
from portal.security.identity import ROLE_NAMES, SYSTEM, WARD_ROLES, Identity, Reader, Role
from portal.security.workflows import (
    CHOOSES_SHARED_FILES,
    PERMISSION_NAMES,
    WORKFLOWS,
    Edition,
    Permission,
    State,
    Transition,
    Workflow,
)


class LocalRole(StrEnum):
    """What a single document can grant to a single account, on top of its state."""

    READER = "reader"
    EDITOR = "editor"


LOCAL_GRANTS = {
    LocalRole.READER: frozenset({Permission.VIEW}),
    LocalRole.EDITOR: frozenset({Permission.VIEW, Permission.EDIT}),
}


class Securable(Protocol):
    """What the policy needs to know of a document."""

    @property
    def ward_id(self) -> str: ...
    @property
    def workflow_name(self) -> str: ...
    @property
    def edition(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def deleted(self) -> bool: ...
    @property
    def local_roles(self) -> Sequence[tuple[str, LocalRole]]:
        """Pairs of principal token (`account:42`) and local role."""
        ...

    @property
    def hands(self) -> frozenset[int]:
        """Accounts that made the document, wrote its current version or handed it over."""
        ...


@dataclass(frozen=True)
class Decision:
    """Whether, and why, in words a person understands."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


def workflow_of(thing: Securable) -> Workflow:
    """Return the workflow a document lives by."""
    return WORKFLOWS[thing.workflow_name]


def state_of(thing: Securable) -> State:
    """Return the state a document is in; a deleted one is in none."""
    return State("削除済み", {}) if thing.deleted else workflow_of(thing).state(thing.edition, thing.state)


def tokens_for(permission: Permission, thing: Securable) -> frozenset[str]:
    """Return the tokens that grant a permission on a document."""
    state = state_of(thing)
    granted = {token.format(ward=thing.ward_id) for token in state.grants.get(permission, ())}
    if state.grants and thing.edition == Edition.FULL:
        open_to_edit = Permission.EDIT in state.grants
        granted |= {
            principal
            for principal, role in thing.local_roles
            if permission in LOCAL_GRANTS[role] and (permission is not Permission.EDIT or open_to_edit)
        }
    return frozenset(granted)


def readers(thing: Securable) -> frozenset[str]:
    """Return the reader tokens to be kept with the document, in the database and in the index."""
    return tokens_for(Permission.VIEW, thing) | {SYSTEM}


def permits(reader: Reader, permission: Permission, thing: Securable) -> bool:
    """Say whether the reader may do this to the document."""
    if permission is Permission.VIEW and SYSTEM in reader.tokens:
        return True
    if reader.tokens.isdisjoint(tokens_for(permission, thing)):
        return False
    return not _needs_another_hand(permission, thing) or reader.account_id not in thing.hands


def decide(reader: Reader, permission: Permission, thing: Securable) -> Decision:
    """Decide whether the reader may do this to the document, and say why."""
    allowed = permits(reader, permission, thing)
    if allowed and SYSTEM in reader.tokens:
        return Decision(True, "ポータル自身の処理です。")
    met = reader.tokens & tokens_for(permission, thing)
    state = state_of(thing)
    if not met:
        return Decision(
            False, f"「{state.title}」の文書の{PERMISSION_NAMES[permission]}は、{_who(reader)}には認められていません。"
        )
    if not allowed:
        return Decision(False, "自分が作成・依頼した報告は、自分では確認できません。別の責任者が確認してください。")
    rule = "、".join(sorted(token_in_words(token) for token in met))
    return Decision(True, f"「{state.title}」の文書の{PERMISSION_NAMES[permission]}は、{rule}に認められています。")


def _needs_another_hand(permission: Permission, thing: Securable) -> bool:
    return any(one.by_another for one in workflow_of(thing).transitions if one.permission is permission)


def choosing_shared_files(reader: Reader, thing: Securable) -> Permission | None:
    """Return the permission by which the reader may say which files go with the shared edition, or None."""
    return next((one for one in CHOOSES_SHARED_FILES if permits(reader, one, thing)), None)


def may_create(reader: Reader, workflow_name: str, ward: str) -> bool:
    """Say whether the reader may make a new document of that workflow in that ward."""
    creators = {token.format(ward=ward) for token in WORKFLOWS[workflow_name].creators}
    return not reader.tokens.isdisjoint(creators)


def transitions_for(reader: Reader, thing: Securable) -> tuple[Transition, ...]:
    """Return the transitions the reader may do to the document now."""
    return tuple(
        one
        for one in workflow_of(thing).transitions
        if thing.edition == Edition.FULL and thing.state in one.sources and permits(reader, one.permission, thing)
    )


def acts_across_wards(reader: Reader) -> bool:
    """Say whether the reader's office works on documents of every ward (健康局) rather than of its own."""
    return SYSTEM in reader.tokens or "bureau" in reader.tokens


def may_administer_accounts(reader: Reader) -> bool:
    """Say whether the reader makes and disables accounts (DOMAIN 5f: HA and SA)."""
    return reader.role in (Role.BUREAU_ADMIN, Role.SYSTEM_ADMIN)


def may_keep_templates(reader: Reader) -> bool:
    """Say whether the reader keeps Word templates: 健康局 for the city, those who write and confirm for their own ward."""
    return reader.role in (Role.BUREAU, Role.BUREAU_ADMIN, Role.COORDINATOR, Role.RESPONSIBLE)


def may_read_audit(reader: Reader) -> bool:
    """Say whether the reader reads everybody's acts; own acts are open to each person."""
    return reader.role in (Role.BUREAU, Role.BUREAU_ADMIN, Role.AUDITOR)


def may_edit_synonyms(reader: Reader) -> bool:
    """Say whether the reader keeps the synonyms of the search (健康局)."""
    return SYSTEM in reader.tokens or reader.role in (Role.BUREAU, Role.BUREAU_ADMIN)


def readers_in_words(thing: Securable) -> tuple[str, ...]:
    """Return who can see the document, in words, own ward first."""
    return tuple(token_in_words(token) for token in sorted(readers(thing) - {SYSTEM}, key=_order))


_TOKEN_ORDER = ("coordinator", "responsible", "ward_office", "member", "bureau", "auditor", "other", "account")


def _order(token: str) -> tuple[int, str]:
    head = token.replace(":", "@").partition("@")[0]
    return (_TOKEN_ORDER.index(head) if head in _TOKEN_ORDER else len(_TOKEN_ORDER), token)


def token_in_words(token: str) -> str:
    """Return a token as people say it: coordinator@higashinari is 東成区のコーディネーター."""
    head, _, place = token.partition("@")
    if head.startswith("account:"):
        return "個別に指定された人"
    where = "24区" if place == "*" else tenants.ward_name(place)
    if head == "other":
        return f"{where}以外の23区"
    if head == "member":
        return f"{where}の全員"
    if head in ("bureau", "auditor") and not place:
        return {"bureau": "健康局", "auditor": "監査担当"}[head]
    return f"{where}の{ROLE_NAMES[Role(head)]}" if head in set(Role) else token


def _who(reader: Reader) -> str:
    if not isinstance(reader, Identity):
        return "ポータル自身"
    place = tenants.ward_name(reader.ward)
    return f"{place}の{ROLE_NAMES[reader.role]}" if reader.role in WARD_ROLES else ROLE_NAMES[reader.role]
