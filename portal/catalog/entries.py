"""From rows to a search entry: what of a document is found, under which part, by whom."""

import tenants
from portal.models import Attachment, Document, Version
from portal.security.policy import readers
from search_index import Entry, Part


def entry_of(document: Document, version: Version, files: list[Attachment]) -> Entry:
    """Return the search entry of one document or shared edition: only what that edition holds, for its own readers."""
    return Entry(
        id=document.id,
        ward=document.ward_id,
        kind=document.kind_name,
        title=document.title,
        parts=(
            *_parts(document, version),
            *(Part("attachment", file.name, f"{file.name}\n{file.text}") for file in files),
        ),
        readers=readers(document),
        date=document.held_on,
        fiscal_year=document.fiscal_year,
        body_name=document.body_name,
        items=tuple(document.items.split(",")) if document.items else (),
        state=document.state,
        has_decision=document.has_decision,
        has_issue=document.has_issue,
        updated=document.updated_at,
    )


def _parts(document: Document, version: Version) -> list[Part]:
    kind, content = document.kind, version.content
    parts = [Part("title", "題名", content.title), Part("text", "報告番号", document.number or "")]
    parts += [Part(one.part, one.label, text) for one, text in kind.texts(content) if one.part]
    parts.append(Part("text", "区", f"{tenants.ward_name(document.ward_id)}　{kind.full_title}"))
    return [part for part in parts if part.text]
