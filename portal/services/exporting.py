"""Documents as Word files: what the reader may see of them, on the form of their kind."""

from dataclasses import dataclass, replace

import tenants
from portal import word
from portal.models import Document, Version
from portal.security.policy import state_of
from portal.security.workflows import Permission
from portal.services import picturing, templates
from portal.services.attaching import attachments
from portal.services.documents import version_of
from portal.services.stamps import write_stamp
from portal.services.uow import UnitOfWork


@dataclass(frozen=True)
class Made:
    """A document, or an older version of it, as the Word file it becomes."""

    document: Document
    number: int
    name: str
    docx: bytes


def as_word(uow: UnitOfWork, document_id: int, *, number: int | None = None) -> tuple[str, bytes]:
    """Return file name and bytes of a document (or an older version of it) as .docx. Writes one audit row."""
    made = make(uow, document_id, number=number)
    audit(uow, made.document, made.number, "docx")
    return made.name, made.docx


def make(uow: UnitOfWork, document_id: int, *, number: int | None = None) -> Made:
    """Return a document as a Word file; whoever hands it out calls `audit`."""
    document = uow.access(document_id, Permission.EXPORT)
    version = version_of(uow, document, number or document.version_number)
    name = word.file_name(document.kind, version.content, heading_of(uow, document, version))
    return Made(document, version.number, name, as_handed_out(uow, document, version))


def as_handed_out(uow: UnitOfWork, document: Document, version: Version) -> bytes:
    """Return a version as .docx with the stamp by which an edited file is known again."""
    stamp = write_stamp(uow.site, document.public_id, version.number, is_shared=document.is_shared_edition)
    heading = replace(heading_of(uow, document, version), stamp=stamp)
    return word.export(document.kind, version.content, heading, templates.form_for(uow, document, version))


def audit(uow: UnitOfWork, document: Document, number: int, form: str) -> None:
    """Write down that a version of a document was handed out."""
    uow.audit("document.exported", document, number=number, format=form)
    uow.flush()


def heading_of(uow: UnitOfWork, document: Document, version: Version) -> word.Heading:
    """Return what stands on the form around the content."""
    ward = tenants.find_ward(document.ward_id)
    assert ward is not None
    files = attachments(uow, document)
    return word.Heading(
        number=document.number or "",
        ward_name=ward.name,
        office=document.office or ward.office,
        contractors=tuple(document.contractors.split("、")) if document.contractors else ward.contractors,
        version=version.number,
        state_title=state_of(document).title,
        edition="shared" if document.is_shared_edition else "full",
        confirmed_by=document.confirmed_by_name,
        confirmed_at=document.confirmed_at,
        submitted_on=document.submitted_on,
        saved_at=version.created_at,
        kept_until=None,  # the clock starts with 様式13 (DOMAIN 5g), which comes with the records issue
        attachments=tuple(one.name for one in files),
        pictures=picturing.pictures_of(uow, version.content, files),
    )
