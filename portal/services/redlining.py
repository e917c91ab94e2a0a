"""見え消し: what became of one version of a document in another, as a Word file."""

from dataclasses import replace

from portal import word
from portal.security.workflows import Permission
from portal.services import exporting, templates
from portal.services.documents import version_of
from portal.services.errors import Refused
from portal.services.uow import UnitOfWork
from search_index import cut_words

Style = word.Style
STYLES: dict[Style, str] = {"tracked": "変更履歴つき", "printed": "印刷用"}
"""Tracked changes a person accepts or rejects in Word; strike and underline for paper."""


def redline(uow: UnitOfWork, document_id: int, *, old: int, new: int, style: Style = "tracked") -> tuple[str, bytes]:
    """Return file name and bytes of the 見え消し of two versions, on the form of the newer one. Writes one audit row.

    Raises Refused when both are the same version, NotFound when the reader's edition has no such version.
    """
    document = uow.access(document_id, Permission.EXPORT)
    if old == new:
        raise Refused("同じ版どうしの見え消しは作れません。比べる版を選び直してください。")
    before, after = version_of(uow, document, old), version_of(uow, document, new)
    heading, earlier = (exporting.heading_of(uow, document, one) for one in (after, before))
    made = word.redline(
        document.kind,
        word.Side(before.content, replace(heading, version=old, pictures=earlier.pictures)),
        word.Side(after.content, heading),
        by=word.Authorship(f"{after.author_name}（第{new}版）", after.created_at),
        style=style,
        cut=cut_words,
        form=templates.form_for(uow, document, after),
    )
    uow.audit("document.redlined", document, number=new, compared=old, format="docx")
    uow.flush()
    suffix = f"見え消し（第{old}版→第{new}版{'、印刷用' if style == 'printed' else ''}）"
    return word.file_name(document.kind, after.content, heading, suffix), made
