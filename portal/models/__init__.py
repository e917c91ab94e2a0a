"""Tables."""

from portal.db.audiences import Audience, AudienceToken
from portal.models.accounts import Account, Membership, SignIn, Throttle
from portal.models.documents import Act, Attachment, Blob, Document, Draft, Version
from portal.models.jobs import Job
from portal.models.ledgers import AuditEntry, Counter, OutboxEntry, UsedNonce

__all__ = [
    "Account", "Act", "Attachment", "Audience", "AudienceToken", "AuditEntry", "Blob", "Counter", "Document", "Draft", "Job",
    "Membership", "OutboxEntry", "SignIn", "Throttle", "UsedNonce", "Version",
]  # fmt: skip
