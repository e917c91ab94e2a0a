"""Tables."""

from portal.db.audiences import Audience, AudienceToken
from portal.models.accounts import Account, Membership, SignIn, Throttle
from portal.models.documents import Act, Attachment, Blob, Document, Draft, Version
from portal.models.imports import ImportBatch, ImportItem
from portal.models.jobs import Job
from portal.models.ledgers import AuditEntry, Counter, OutboxEntry, UsedNonce
from portal.models.notices import ChangedDocument, KnownHit, Mail, Notice, NoticeChoice, SavedSearch
from portal.models.personal import PersonalAnswer
from portal.models.synonyms import SynonymChange
from portal.models.templates import WordTemplate

__all__ = [
    "Account", "Act", "Attachment", "Audience", "AudienceToken", "AuditEntry", "Blob", "ChangedDocument", "Counter",
    "Document", "Draft", "ImportBatch", "ImportItem", "Job", "KnownHit", "Mail", "Membership", "Notice", "NoticeChoice", "OutboxEntry",
    "PersonalAnswer", "SavedSearch", "SignIn", "SynonymChange", "Throttle", "UsedNonce", "Version", "WordTemplate",
]  # fmt: skip
