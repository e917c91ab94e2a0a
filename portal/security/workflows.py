"""The states of documents and who may do what in each: tables, read like DOMAIN 5f, and nothing else.

A grant is a token template: `coordinator@{ward}` is a coordinator of the document's own ward, `bureau` is 健康局,
`other@{ward}` is everyone acting in another ward, `member@*` is everybody with a ward.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What can be allowed. Creating is asked of a workflow, everything else of a document."""

    CREATE = "create"
    VIEW = "view"
    EXPORT = "export"
    EDIT = "edit"
    DELETE = "delete"
    REQUEST_CONFIRMATION = "request_confirmation"
    CONFIRM = "confirm"
    RETURN = "return"
    ACCEPT = "accept"
    SHARE = "share"
    UNSHARE = "unshare"


PERMISSION_NAMES = {
    Permission.CREATE: "作成",
    Permission.VIEW: "閲覧",
    Permission.EXPORT: "Wordで保存",
    Permission.EDIT: "編集",
    Permission.DELETE: "削除",
    Permission.REQUEST_CONFIRMATION: "法人確認の依頼",
    Permission.CONFIRM: "法人確認と提出",
    Permission.RETURN: "差し戻し",
    Permission.ACCEPT: "受付",
    Permission.SHARE: "24区への共有",
    Permission.UNSHARE: "共有の取りやめ",
}


class Edition(StrEnum):
    """Which face of a document: the full one, or the one cut for the other wards (24区共有版)."""

    FULL = "full"
    SHARED = "shared"
    RETIRED = "retired"  # an earlier shared edition that shows what is masked now: nobody reads it any more


Grants = Mapping[Permission, tuple[str, ...]]


@dataclass(frozen=True)
class State:
    """One state: its name on screen and its grants."""

    title: str
    grants: Grants


@dataclass(frozen=True)
class Transition:
    """One act that moves a document from a state to another. `asks_comment` makes the reason compulsory."""

    name: str
    title: str
    permission: Permission
    sources: tuple[str, ...]
    target: str
    asks_comment: bool = False
    by_another: bool = False
    """True: whoever wrote or handed over the document may not do it (four eyes)."""
    complete: bool = False
    """True: every required field must be filled."""


@dataclass(frozen=True)
class Workflow:
    """The life of documents of some kinds. `shared` are the states of the shared edition."""

    name: str
    first: str
    creators: tuple[str, ...]
    states: Mapping[str, State]
    transitions: tuple[Transition, ...] = ()
    shared: Mapping[str, State] | None = None

    def transition(self, name: str) -> Transition | None:
        """Return the transition of that name, or None."""
        return next((one for one in self.transitions if one.name == name), None)

    def state(self, edition: str, name: str) -> State:
        """Return a state of an edition; a state nobody knows grants nothing."""
        table = self.shared or {} if edition == Edition.SHARED else self.states
        return table.get(name, NOWHERE)


NOWHERE = State("（なし）", {})
COORDINATOR, RESPONSIBLE, WARD_OFFICE = "coordinator@{ward}", "responsible@{ward}", "ward_office@{ward}"
BUREAU, AUDITOR, OTHERS = "bureau", "auditor", "other@{ward}"
VIEW, EXPORT, EDIT, DELETE = Permission.VIEW, Permission.EXPORT, Permission.EDIT, Permission.DELETE
OFFICE = (COORDINATOR, RESPONSIBLE)
EVERYONE_CONCERNED = (*OFFICE, WARD_OFFICE, BUREAU, AUDITOR)

REPORT = Workflow(
    name="report",
    first="draft",
    creators=(COORDINATOR,),
    states={
        "draft": State("下書き", {
            VIEW: OFFICE, EDIT: OFFICE, EXPORT: (COORDINATOR,), DELETE: (COORDINATOR,),
            Permission.REQUEST_CONFIRMATION: (COORDINATOR,),
        }),
        "returned": State("差し戻し", {
            VIEW: OFFICE, EDIT: OFFICE, EXPORT: (COORDINATOR,), Permission.REQUEST_CONFIRMATION: (COORDINATOR,),
        }),
        "confirming": State("法人確認待ち", {
            VIEW: OFFICE, EXPORT: OFFICE, Permission.CONFIRM: (RESPONSIBLE,), Permission.RETURN: (RESPONSIBLE,),
        }),
        "submitted": State("提出済み", {
            VIEW: EVERYONE_CONCERNED, EXPORT: (*OFFICE, BUREAU), Permission.ACCEPT: (BUREAU,), Permission.RETURN: (BUREAU,),
        }),
        "accepted": State("受付済み", {
            VIEW: EVERYONE_CONCERNED, EXPORT: EVERYONE_CONCERNED, Permission.SHARE: (BUREAU,),
        }),
        "shared": State("24区共有", {
            VIEW: EVERYONE_CONCERNED, EXPORT: EVERYONE_CONCERNED, Permission.UNSHARE: (BUREAU,),
        }),
    },
    transitions=(
        Transition("request_confirmation", "法人確認を依頼する", Permission.REQUEST_CONFIRMATION,
                   ("draft", "returned"), "confirming", complete=True),
        Transition("confirm", "確認して提出する", Permission.CONFIRM, ("confirming",), "submitted", by_another=True, complete=True),
        Transition("return", "差し戻す", Permission.RETURN, ("confirming", "submitted"), "returned", asks_comment=True),
        Transition("accept", "受け付ける", Permission.ACCEPT, ("submitted",), "accepted"),
        Transition("share", "24区に共有する", Permission.SHARE, ("accepted",), "shared"),
        Transition("unshare", "共有をやめる", Permission.UNSHARE, ("shared",), "accepted"),
    ),
    shared={
        "shared": State("24区共有版", {VIEW: (OTHERS,), EXPORT: (OTHERS,)}),
        "withdrawn": State("共有を取りやめ", {}),
    },
)  # fmt: skip

CHOOSES_SHARED_FILES = (Permission.EDIT, Permission.SHARE)
"""Either one lets a person say which attached files go with the shared edition: who writes, and 健康局 before it shares."""

FILE = Workflow(
    name="file",
    first="kept",
    creators=(COORDINATOR, "ward_office@{ward}", "bureau@{ward}", "bureau_admin@{ward}"),
    states={
        "kept": State("区内で保管", {
            VIEW: ("member@{ward}", BUREAU, AUDITOR), EXPORT: ("member@{ward}", BUREAU, AUDITOR),
            EDIT: (COORDINATOR, WARD_OFFICE, "bureau@{ward}", "bureau_admin@{ward}"),
            DELETE: (COORDINATOR, WARD_OFFICE, "bureau@{ward}", "bureau_admin@{ward}"),
        }),
    },
)  # fmt: skip

WORKFLOWS = {workflow.name: workflow for workflow in (REPORT, FILE)}
"""Sheets and manuals add theirs here."""


def state_name(name: str) -> str:
    """Return what a state is called, whichever workflow it belongs to."""
    for workflow in WORKFLOWS.values():
        for table in (workflow.states, workflow.shared or {}):
            if name in table:
                return table[name].title
    return name
