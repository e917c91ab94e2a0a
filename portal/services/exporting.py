"""Documents as Word files: what the reader may see of them, on the form of their kind."""

import tenants
from portal import word
from portal.models import Document
from portal.security.policy import state_of
from portal.security.workflows import Permission
from portal.services import templates
from portal.services.attaching import attachments
from portal.services.documents import version_of
from portal.services.uow import UnitOfWork


def as_word(uow: UnitOfWork, document_id: int, *, number: int | None = None) -> tuple[str, bytes]:
    """Return file name and bytes of a document (or an older version of it) as .docx. Writes one audit row."""
    document = uow.access(document_id, Permission.EXPORT)
    version = version_of(uow, document, number or document.version_number)
    heading = heading_of(uow, document, version.number)
    uow.audit("document.exported", document, number=version.number, format="docx")
    uow.flush()
    return (
        word.file_name(document.kind, version.content, heading),
        word.export(document.kind, version.content, heading, templates.form_for(uow, document, version)),
    )


def heading_of(uow: UnitOfWork, document: Document, version: int) -> word.Heading:
    """Return what stands on the form around the content."""
    ward = tenants.find_ward(document.ward_id)
    assert ward is not None
    return word.Heading(
        number=document.number or "",
        ward_name=ward.name,
        office=document.office or ward.office,
        contractors=tuple(document.contractors.split("、")) if document.contractors else ward.contractors,
        version=version,
        state_title=state_of(document).title,
        edition="shared" if document.is_shared_edition else "full",
        confirmed_by=document.confirmed_by_name,
        confirmed_at=document.confirmed_at,
        submitted_on=document.submitted_on,
        kept_until=None,  # the clock starts with 様式13 (DOMAIN 5g), which comes with the records issue
        attachments=tuple(one.name for one in attachments(uow, document)),
    )
