"""What a browser sends of a filled-in form, for tests that write reports."""

from typing import Any

from portal.kinds import Kind, find_kind
from portal.kinds.fields import Rows
from portal.web import forms
from tests.support.browsing import Form, Page, Visitor

Sent = dict[str, Any]


def kind_of(name: str) -> Kind:
    kind = find_kind(name)
    assert kind is not None
    return kind


def filled(kind_name: str = "meeting_report", **changed: Any) -> Sent:
    """Return the complete form of a kind, with some controls holding something else (as typed)."""
    kind = kind_of(kind_name)
    values = forms.shown(kind, kind.clean("題名", kind.example()["fields"]).fields)
    sent: Sent = {}
    for name, one in kind.fields.items():
        if isinstance(one, Rows):
            for number, row in enumerate(values[name]):
                sent |= {f"{name}-{number}-{column}": text for column, text in row.items() if text}
        elif values[name]:
            sent[name] = values[name]
    return sent | changed


def typed_text_fields(kind_name: str) -> list[str]:
    """Return the controls that take any text."""
    kind, sent = kind_of(kind_name), filled(kind_name)
    free = ("line", "note", "text")
    found = [name for name in sent if name in kind.fields and kind.fields[name].widget in free]
    for name, one in kind.fields.items():
        if isinstance(one, Rows):
            found += [f"{name}-0-{column.name}" for column in one.columns if column.widget in free]
    return found


def new_page(visitor: Visitor, ward: str = "higashinari", kind_name: str = "meeting_report", **query: str) -> Page:
    """Open the form of a new report."""
    return visitor.get(f"/{ward}/new/{kind_name}", query_string=query).follow()


def the_form(page: Page) -> Form:
    """Return the report's own form on a page, whatever other forms stand there."""
    forms_there = [page.form(number=n) for n in range(len(page.find("//main//form")))]
    return next(one for one in forms_there if {"nonce", "base"} & set(one.fields))


def nonce_of(page: Page) -> str:
    """Return the nonce the form of a new report carries."""
    return the_form(page).fields["nonce"][0]


def write(visitor: Visitor, ward: str = "higashinari", kind_name: str = "meeting_report", **changed: Any) -> Page:
    """Write a whole new report and save it; returns the answer."""
    page = new_page(visitor, ward, kind_name)
    return visitor.post(f"/{ward}/new/{kind_name}", filled(kind_name, nonce=nonce_of(page), **changed))


def number_in(page: Page) -> int:
    """Return the document an answer leads to."""
    return int(page.location.split("/documents/")[1].split("/")[0].split("?")[0])
