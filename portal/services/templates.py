"""Word templates the offices own: uploaded, judged, tried on a sample, put in force for a 年度, withdrawn.

健康局 keeps those of the city, which serve every ward; a ward may keep its own, which serve its documents in their place.
A version is printed with the template that was in force when it was saved, however often templates change afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import bindparam, or_, select

import tenants
from portal import word
from portal.db.base import now
from portal.db.session import prepared
from portal.kinds import Content, Kind, all_kinds
from portal.kinds.calendar import fiscal_year, today
from portal.models import Document, Version, WordTemplate
from portal.security.policy import may_keep_templates
from portal.services import attaching
from portal.services.errors import Forbidden, NotFound, Refused, WrongState
from portal.services.uow import UnitOfWork

FORMS = {"form7": "会議等報告書（様式7）", "form8": "研修等報告書（様式8）", "plain": "そのほかの文書"}
"""The forms that may be replaced, by their folder in templates/word."""
YEARS_AHEAD = 2
"""A template may be put in force for a 年度 this far ahead."""


@dataclass(frozen=True)
class Standing:
    """One form for one ward: the template in force today (None: the shipped one), and whose it is."""

    form: str
    title: str
    ward: str
    template: WordTemplate | None


def kinds_of(form: str) -> list[Kind]:
    """Return the kinds a form prints."""
    return [kind for kind in all_kinds() if kind.word_form == form]


def upload(uow: UnitOfWork, form: str, *, name: str, source: IO[bytes], comment: str = "") -> WordTemplate:
    """Take a template in; it prints nothing until it is put in force.

    Raises Refused in words when the file cannot serve as a template, Forbidden when the reader keeps no templates.
    """
    ward = _own_ward(uow)
    _check_form(form)
    taken = attaching.take_in(uow, name=name, source=source)
    if not taken.name.lower().endswith(".docx"):
        raise Refused(
            "様式はWordのファイル（.docx）で登録してください。Wordで開き、「名前を付けて保存」で .docx を選びます。"
        )
    _try(uow, form, taken.sha256)
    template = WordTemplate(
        ward_id=ward,
        form=form,
        name=taken.name,
        comment=comment.strip()[:500],
        sha256=taken.sha256,
        created_by=uow.reader.account_id,
        created_by_name=uow.name,
    )
    uow.session.add(template)
    uow.flush()
    uow.audit("template.uploaded", ward=ward, template=template.id, form=form, sha256=taken.sha256)
    return template


def _try(uow: UnitOfWork, form: str, sha256: str) -> None:
    path = uow.site.blobs.path(sha256)
    try:
        word.check_template(path.read_bytes())
        for kind in kinds_of(form):
            given = word.uploaded_form(form, path)
            word.try_template(given, kind, _sample(uow, kind, given, shared=False))
    except word.UnusableTemplate as unusable:
        raise Refused(str(unusable)) from None


def put_in_force(uow: UnitOfWork, template_id: int, year: int) -> WordTemplate:
    """Let a template print what is saved from now on, for documents of that 年度 and later ones."""
    template = _to_change(uow, template_id)
    this_year = fiscal_year(today())
    if not this_year - 1 <= year <= this_year + YEARS_AHEAD:
        raise Refused("使い始める年度は、前年度から2年先までの中から選んでください。")
    if template.in_force_at:
        raise WrongState("この様式は、すでに使い始めています。内容を変えるときは、新しいファイルを登録してください。")
    template.fiscal_year, template.in_force_at = year, now()
    uow.audit("template.in_force", ward=template.ward_id, template=template.id, fiscal_year=year)
    uow.flush()
    return template


def withdraw(uow: UnitOfWork, template_id: int) -> WordTemplate:
    """Let a template print nothing that is saved from now on; what was printed with it stays as it is."""
    template = _to_change(uow, template_id)
    if not template.in_force_at or template.withdrawn_at:
        raise WrongState("この様式は、いま使われていません。")
    template.withdrawn_at = now()
    uow.audit("template.withdrawn", ward=template.ward_id, template=template.id)
    uow.flush()
    return template


def find(uow: UnitOfWork, template_id: int) -> WordTemplate:
    """Return one template the reader may see. Raises NotFound."""
    template = uow.session.scalars(select(WordTemplate).where(WordTemplate.id == template_id)).first()
    if template is None:
        raise NotFound
    return template


def of_form(uow: UnitOfWork, form: str) -> Sequence[WordTemplate]:
    """Return every template of a form the reader may see, the newest first."""
    _check_form(form)
    found = select(WordTemplate).where(WordTemplate.form == form).order_by(WordTemplate.id.desc())
    return uow.session.scalars(found.limit(200)).all()


def standing(uow: UnitOfWork, ward: str, year: int) -> list[Standing]:
    """Return what prints each form for a ward's documents of a 年度 saved now."""
    return [Standing(form, title, ward, _in_force(uow, form, ward, year, now())) for form, title in FORMS.items()]


def verdict(uow: UnitOfWork, template: WordTemplate) -> word.Verdict:
    """Say which marks of a template print nothing, and which fields have no mark."""
    return _verdict(template.form, form_of(uow, template))


def look_at(form: str, docx: Path) -> word.Verdict:
    """Say the same of a file that is registered nowhere. Raises Refused when it cannot serve as a template."""
    _check_form(form)
    try:
        word.check_template(docx.read_bytes())
    except word.UnusableTemplate as unusable:
        raise Refused(str(unusable)) from None
    return _verdict(form, word.uploaded_form(form, docx))


def _verdict(form: str, given: word.WordForm) -> word.Verdict:
    found = [word.judge(given, kind) for kind in kinds_of(form)]
    unknown = [name for name in found[0].unknown if all(name in one.unknown for one in found)]
    return word.Verdict(tuple(unknown), found[0].unmarked, found[0].omitted)


def file_of(uow: UnitOfWork, form: str, template: WordTemplate | None) -> tuple[str, bytes]:
    """Return a template itself (the shipped one for None) as a file to edit in Word."""
    _check_form(form)
    if template is None:
        return f"{FORMS[form]}_標準のひな形.docx", word.shipped_file(form)
    return template.name, uow.site.blobs.path(template.sha256).read_bytes()


def sample(uow: UnitOfWork, form: str, template: WordTemplate | None, *, shared: bool = False) -> bytes:
    """Return a made-up document printed on a template (the shipped one for None)."""
    _check_form(form)
    given = form_of(uow, template) if template else word.find_form(form)
    return _sample(uow, kinds_of(form)[0], given, shared=shared)


def _sample(uow: UnitOfWork, kind: Kind, given: word.WordForm, *, shared: bool) -> bytes:
    ward = tenants.find_ward(uow.reader.ward) or tenants.all_wards()[0]
    made = kind.example()
    content = kind.clean(made["title"], made["fields"])
    heading = word.Heading(
        number=f"R8-{ward.short_name}-見本-001",
        ward_name=ward.name,
        office=ward.office,
        contractors=ward.contractors,
        state_title="見本",
        edition="shared" if shared else "full",
    )
    return word.export(kind, content, heading, given)


def form_of(uow: UnitOfWork, template: WordTemplate) -> word.WordForm:
    """Return a template ready to print."""
    return word.uploaded_form(template.form, uow.site.blobs.path(template.sha256))


def form_for(uow: UnitOfWork, document: Document, version: Version) -> word.WordForm:
    """Return what prints a version: the template that was in force when it was saved, or the shipped form."""
    form = document.kind.word_form
    template = _in_force(uow, form, document.ward_id, document.fiscal_year, version.created_at)
    return form_of(uow, template) if template else word.find_form(form)


_IN_FORCE = prepared(
    select(WordTemplate).where(
        WordTemplate.form == bindparam("form"),
        or_(WordTemplate.ward_id == bindparam("ward"), WordTemplate.ward_id == tenants.CITY),
        WordTemplate.fiscal_year <= bindparam("year"),
        WordTemplate.in_force_at <= bindparam("moment"),
        or_(WordTemplate.withdrawn_at.is_(None), WordTemplate.withdrawn_at > bindparam("moment")),
    )
)


def _in_force(uow: UnitOfWork, form: str, ward: str, year: int, moment: datetime) -> WordTemplate | None:
    """Return the template of the ward, or else of the city, for a 年度 at a moment: the latest 年度, then the latest act."""
    asked = {"form": form, "ward": ward, "year": year, "moment": moment}
    with uow.session.past_sight():  # a document of another ward is printed on that ward's form
        candidates = uow.session.scalars(_IN_FORCE, asked).all()
    return max(candidates, key=lambda one: (one.ward_id == ward, one.fiscal_year, one.in_force_at), default=None)


def _own_ward(uow: UnitOfWork) -> str:
    if not may_keep_templates(uow.reader):
        raise Forbidden("様式の登録は、健康局と、区のコーディネーター・受託法人責任者に認められています。")
    return uow.reader.ward


def _to_change(uow: UnitOfWork, template_id: int) -> WordTemplate:
    ward, template = _own_ward(uow), find(uow, template_id)
    if template.ward_id != ward:
        raise Forbidden("この様式は、登録した区（市の様式は健康局）だけが変えられます。")
    return template


def _check_form(form: str) -> None:
    if form not in FORMS:
        raise NotFound


def blank_kind() -> Kind:
    """Return a kind without fields, for blank sheets: only what is known of the ward is printed on them."""
    return Kind(name="blank", title="様式", workflow="file", sections=())


def blank(uow: UnitOfWork, sheet: str) -> tuple[str, bytes]:
    """Return a shipped blank sheet with the office of the reader's ward on it."""
    titles = word.blank_sheets()
    if sheet not in titles:
        raise NotFound
    ward = tenants.find_ward(uow.reader.ward)
    heading = word.Heading(
        number="", ward_name=ward.name if ward else "", office=ward.office if ward else "",
        contractors=ward.contractors if ward else (),
    )  # fmt: skip
    made = word.export(blank_kind(), Content(titles[sheet], {}), heading, word.find_form(sheet))
    return f"{titles[sheet]}{f'_{ward.name}' if ward else ''}.docx", made
