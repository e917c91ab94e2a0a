"""Report numbers such as R7-東成-様式7-012: one row a ward, form and 年度, counted up under its lock."""

import tenants
from portal.db.session import count_up
from portal.kinds.calendar import fiscal_year_letter
from portal.models import Counter, Document
from portal.services.uow import UnitOfWork


def give_number(uow: UnitOfWork, document: Document) -> None:
    """Give the document a number of its 年度. A draft whose meeting moves to another 年度 gets a new one there."""
    kind = document.kind
    if kind.form_number is None:
        return
    year, ward = fiscal_year_letter(document.fiscal_year), tenants.ward_name(document.ward_id).removesuffix("区")
    prefix = f"{year}-{ward}-様式{kind.form_number}-"
    if not (document.number or "").startswith(prefix):
        key = {"ward_id": document.ward_id, "kind_name": document.kind_name, "fiscal_year": document.fiscal_year}
        document.number = f"{prefix}{count_up(uow.session, Counter, 'last', **key):03d}"
