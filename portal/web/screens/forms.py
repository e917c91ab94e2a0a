"""様式: the register of forms, the Word templates that print them, blank sheets to take away."""

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import tenants
from portal import word
from portal.kinds import form_register
from portal.kinds.calendar import fiscal_year, fiscal_year_name, today
from portal.models import WordTemplate
from portal.security.policy import may_keep_templates
from portal.services import lists, printing, templates
from portal.services.errors import NotFound, Refused
from portal.web import list_files
from portal.web.guard import Needs, needs
from portal.web.headers import hand_out
from portal.word.package import DOCX
from portal.words import t

bp = Blueprint("forms", __name__, url_prefix="/forms")
FIRST_YEAR = 2017


@bp.get("")
@needs(Needs.PERSON)
def register() -> ResponseReturnValue:
    """Show the register of a 年度, what prints each form, and the blank sheets."""
    year = _year(request.args.get("year", type=int))
    if form := list_files.wanted_format():
        return list_files.as_file(lists.register(year), form)
    return render_template(
        "forms.html", here="forms", year=year, years=range(fiscal_year(today()) + 1, FIRST_YEAR - 1, -1),
        forms=form_register.forms(year), made_by=form_register.MADE_BY, contents=form_register.CONTENTS,
        standing=templates.standing(g.uow, g.uow.reader.ward, year), blanks=word.blank_sheets(),
        titles=templates.FORMS,
    )  # fmt: skip


def _year(asked: int | None) -> int:
    this_year = fiscal_year(today())
    return min(max(asked or this_year, FIRST_YEAR), this_year + 1)


@bp.get("/blank/<sheet>")
@needs(Needs.PERSON)
def blank(sheet: str) -> Response:
    """Hand out a blank sheet with the reader's office on it."""
    name, made = templates.blank(g.uow, sheet)
    return hand_out(Response(made, mimetype=DOCX), name)


@bp.get("/<form>")
@needs(Needs.PERSON)
def of_form(form: str) -> str:
    """List the templates of a form, and take a new one in."""
    return _form_page(form)


@bp.post("/<form>")
@needs(Needs.PERSON)
def upload(form: str) -> ResponseReturnValue:
    """Take a template in; what stands against it is said on the page, and nothing typed is lost."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Refused(t("Wordのファイルを選んでください。"))
        made = templates.upload(
            g.uow, form, name=sent.filename, source=sent.stream, comment=request.form.get("comment", "")
        )
    except NotFound:
        raise
    except Refused as refused:
        return _form_page(form, told=str(refused)), 422
    flash(t("登録しました。印を確かめ、見本を見てから使い始めてください。"), "good")
    return redirect(url_for(".template", template_id=made.id), 303)


def _form_page(form: str, told: str = "") -> str:
    found = templates.of_form(g.uow, form)
    standing = {one.form: one for one in templates.standing(g.uow, g.uow.reader.ward, fiscal_year(today()))}
    return render_template(
        "forms_form.html", here="forms", form=form, title=templates.FORMS[form], found=found, told=told,
        standing=standing[form], may_keep=may_keep_templates(g.uow.reader), typed=request.form,
        whose=tenants.ward_name(g.uow.reader.ward),
    )  # fmt: skip


@bp.get("/<form>/file")
@needs(Needs.PERSON)
def shipped(form: str) -> Response:
    """Hand out the shipped template of a form, or a made-up document printed on it."""
    return _hand_out(form, None)


@bp.get("/templates/<int:template_id>")
@needs(Needs.PERSON)
def template(template_id: int) -> str:
    """Show what is to be said of a template, its sample, and whether it is in force."""
    return _template_page(template_id)


def _template_page(template_id: int, told: str = "") -> str:
    found, pages = templates.find(g.uow, template_id), dict[str, int]()
    try:
        for edition in ("", "shared"):
            drawn = printing.sample_pages(g.uow, found, shared=bool(edition))
            pages[edition] = drawn.count if drawn else 0
    except printing.NoPrinter as none:
        no_pages = str(none)
    else:
        no_pages = "" if all(pages.values()) else t("いま印刷中です。少し待って、この画面を開き直してください。")
    this_year = fiscal_year(today())
    return render_template(
        "forms_template.html", here="forms", one=found, title=templates.FORMS[found.form], told=told,
        verdict=templates.verdict(g.uow, found), pages=pages, no_pages=no_pages,
        may_change=may_keep_templates(g.uow.reader) and found.ward_id == g.uow.reader.ward,
        years=[this_year + ahead for ahead in range(-1, templates.YEARS_AHEAD + 1)], this_year=this_year,
    )  # fmt: skip


@bp.get("/templates/<int:template_id>/file")
@needs(Needs.PERSON)
def template_file(template_id: int) -> Response:
    """Hand out a template, or a made-up document printed on it."""
    found = templates.find(g.uow, template_id)
    return _hand_out(found.form, found)


def _hand_out(form: str, found: WordTemplate | None) -> Response:
    if sample := request.args.get("sample"):
        made = templates.sample(g.uow, form, found, shared=sample == "shared")
        name = t("見本_{form}.docx", form=templates.FORMS[form])
    else:
        name, made = templates.file_of(g.uow, form, found)
    return hand_out(Response(made, mimetype=DOCX), name)


@bp.get("/templates/<int:template_id>/pages/<int:number>")
@needs(Needs.PERSON)
def page(template_id: int, number: int) -> Response:
    """Show one page of the sample, as it is printed."""
    found = printing.sample_pages(
        g.uow, templates.find(g.uow, template_id), shared="shared" in request.args, first=number
    )
    if found is None or not found.pictures:
        raise NotFound
    return Response(found.pictures[0], mimetype="image/webp")


@bp.post("/templates/<int:template_id>/force")
@needs(Needs.PERSON)
def force(template_id: int) -> ResponseReturnValue:
    """Let a template print from now on."""
    try:
        found = templates.put_in_force(g.uow, template_id, request.form.get("year", 0, type=int))
    except NotFound:
        raise
    except Refused as refused:
        return _template_page(template_id, told=str(refused)), 422
    year = fiscal_year_name(found.fiscal_year or 0)
    flash(t("{year}の文書から、この様式で印刷します。すでに保存した版は、元の様式のままです。", year=year), "good")
    return redirect(url_for(".template", template_id=template_id), 303)


@bp.post("/templates/<int:template_id>/withdraw")
@needs(Needs.PERSON)
def withdraw(template_id: int) -> ResponseReturnValue:
    """Let a template print no more."""
    templates.withdraw(g.uow, template_id)
    flash(t("この様式を使うのをやめました。これから保存する版は、前の様式で印刷します。"), "good")
    return redirect(url_for(".template", template_id=template_id), 303)
