"""Tables."""

from portal.db.audiences import Audience, AudienceToken
from portal.models.accounts import Account, Membership, SignIn, Throttle
from portal.models.documents import Act, Attachment, Blob, Document, Draft, Version
from portal.models.ledgers import AuditEntry, Counter, OutboxEntry, UsedNonce

__all__ = [
    "Account", "Act", "Attachment", "Audience", "AudienceToken", "AuditEntry", "Blob", "Counter", "Document", "Draft",
    "Membership", "OutboxEntry", "SignIn", "Throttle", "UsedNonce", "Version",
]  # fmt: skip
