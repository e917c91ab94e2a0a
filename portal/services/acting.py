"""Acting for a person who is not there: what they asked for earlier is done with the rights they have now."""

from sqlalchemy import or_, select

from portal.db.session import ReaderSession
from portal.kinds.calendar import today
from portal.models import Account, Membership
from portal.security.identity import Identity, Role, SystemIdentity
from portal.services.errors import Forbidden
from portal.services.site import Site
from portal.services.uow import UnitOfWork


def acting_for(site: Site, account_id: int, ward: str, role: str, *, writes: bool = True) -> UnitOfWork:
    """Return a unit of work of a person in the ward and role they once chose.

    Raises Forbidden when the account was stopped or no longer holds that role.
    """
    held = select(Account.name, Account.profession).join(Membership, Membership.account_id == Account.id)
    in_force = held.where(
        Account.id == account_id,
        Account.disabled_at.is_(None),
        Membership.ward_id == ward,
        Membership.role == role,
        or_(Membership.ends_on.is_(None), Membership.ends_on >= today()),
    )
    with ReaderSession(site.engine, SystemIdentity()) as session:
        found = session.execute(in_force).one_or_none()
    if found is None:
        raise Forbidden("頼んだ人のアカウントが停止されたか、区・役割が変わったため、行えません。")
    identity = Identity(account_id, ward, Role(role))
    return UnitOfWork(site, identity, name=found.name, profession=found.profession, writes=writes)
