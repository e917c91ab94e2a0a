"""DOMAIN 5f written once more, by hand and as people read it, so that the portal's own tables are checked against another hand.

Columns: coordinator, 受託法人責任者, ward office of the document's own ward; the same three of another ward; 健康局担当,
健康局管理者, システム管理者, 監査. Letters: v view, x export, e edit, d delete, q ask for confirmation, k confirm, r return,
a accept, p share, u unshare; - nothing. Whoever has e or p says which attached files go with the shared edition.
"""

from dataclasses import dataclass, field

from portal.security.identity import Identity, Role
from portal.security.policy import LocalRole
from portal.security.workflows import Edition, Permission

OWN, OTHER, CITY = "higashinari", "ikuno", "city"

LETTERS = {
    "v": Permission.VIEW,
    "x": Permission.EXPORT,
    "e": Permission.EDIT,
    "d": Permission.DELETE,
    "q": Permission.REQUEST_CONFIRMATION,
    "k": Permission.CONFIRM,
    "r": Permission.RETURN,
    "a": Permission.ACCEPT,
    "p": Permission.SHARE,
    "u": Permission.UNSHARE,
}

COLUMNS = (
    (OWN, Role.COORDINATOR), (OWN, Role.RESPONSIBLE), (OWN, Role.WARD_OFFICE),
    (OTHER, Role.COORDINATOR), (OTHER, Role.RESPONSIBLE), (OTHER, Role.WARD_OFFICE),
    (CITY, Role.BUREAU), (CITY, Role.BUREAU_ADMIN), (CITY, Role.SYSTEM_ADMIN), (CITY, Role.AUDITOR),
)  # fmt: skip

REPORT = """
full   draft       vxedq  ve   -    -    -    -    -    -    -  -
full   returned    vxeq   ve   -    -    -    -    -    -    -  -
full   confirming  vx     vxkr -    -    -    -    -    -    -  -
full   submitted   vx     vx   v    -    -    -    vxar vxar -  v
full   accepted    vx     vx   vx   -    -    -    vxp  vxp  -  vx
full   shared      vx     vx   vx   -    -    -    vxu  vxu  -  vx
full   nonsense    -      -    -    -    -    -    -    -    -  -
shared shared      -      -    -    vx   vx   vx   -    -    -  -
shared withdrawn   -      -    -    -    -    -    -    -    -  -
shared draft       -      -    -    -    -    -    -    -    -  -
"""

# A file is open to everybody of its ward; whoever keeps the ward's papers may change it, the contractor's 責任者 may not.
FILE = """
full   kept        vxed   vx   vxed -    -    -    vx   vx   -  vx
full   draft       -      -    -    -    -    -    -    -    -  -
shared kept        -      -    -    -    -    -    -    -    -  -
"""

# A file of 健康局 itself: only the city office, no ward.
CITY_FILE = """
full   kept        -      -    -    -    -    -    vxed vxed -  vx
"""

# What a single document can open to a single person, on top of the row above: in no state more than viewing, and editing
# where the state lets anybody edit at all.
LOCAL = {None: "", LocalRole.READER: "v", LocalRole.EDITOR: "ve"}


@dataclass(frozen=True)
class Thing:
    """As much of a document as the policy asks for."""

    ward_id: str
    workflow_name: str
    edition: str
    state: str
    deleted: bool = False
    local_roles: tuple[tuple[str, LocalRole], ...] = ()
    hands: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Case:
    """One cell: a person, a document, and what the person may do to it."""

    reader: Identity
    thing: Thing
    may: frozenset[Permission] = field(compare=False)

    def __str__(self) -> str:
        thing, reader = self.thing, self.reader
        local = ",".join(role for _, role in thing.local_roles)
        gone = "deleted " if thing.deleted else ""
        return f"{reader.role}@{reader.ward} {gone}{thing.workflow_name} {thing.edition}/{thing.state} {local}".strip()


def cases() -> list[Case]:
    """Return every combination of role, ward, state, edition, deletion and local role."""
    tables = [("report", OWN, REPORT), ("file", OWN, FILE), ("file", CITY, CITY_FILE)]
    return [
        case
        for workflow, ward, table in tables
        for line in table.strip().split("\n")
        for deleted in (False, True)
        for local in LOCAL
        for case in _row(workflow, ward, line.split(), deleted, local)
    ]


def _row(workflow: str, ward: str, cells: list[str], deleted: bool, local: LocalRole | None) -> list[Case]:
    edition, state, *letters = cells
    anybody_edits = any("e" in one for one in letters)
    living = any(one != "-" for one in letters)
    row = []
    for number, ((place, role), granted) in enumerate(zip(COLUMNS, letters, strict=True)):
        reader = Identity(100 + number, place, role)
        extra = LOCAL[local] if living and edition == Edition.FULL else ""
        extra = extra if anybody_edits else extra.replace("e", "")
        may = "" if deleted else granted.strip("-") + extra
        grants = ((f"account:{reader.account_id}", local),) if local else ()
        thing = Thing(ward, workflow, edition, state, deleted, grants)
        row.append(Case(reader, thing, frozenset(LETTERS[one] for one in may)))
    return row
