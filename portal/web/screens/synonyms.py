"""The synonyms of the search, kept by 健康局: looked at, changed with a reason, tried out, taken back, saved and brought in."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.services import suggesting, synonyms
from portal.services.errors import NotFound, Refused
from portal.services.synonyms import Group
from portal.web import list_files
from portal.web.guard import Needs, needs
from portal.words import t

bp = Blueprint("synonyms", __name__, url_prefix="/admin/synonyms")
LARGEST_FILE = 2 << 20
"""Bytes of CSV."""


@bp.get("")
@needs(Needs.SYNONYM_EDITOR)
def listing() -> ResponseReturnValue:
    """List the groups, narrowed by a word, or hand the list out as a file."""
    words = request.args.get("q", "").strip()[:100]
    if form := list_files.wanted_format():
        return list_files.as_file(synonyms.listing(g.uow, words=words), form)
    return render_template("synonyms.html", groups=synonyms.groups(g.uow, words=words), words=words)


@bp.get("/new")
@needs(Needs.SYNONYM_EDITOR)
def new() -> str:
    """Ask which words mean the same."""
    return _page(None, typed={"words": request.args.get("q", "")[:100]})


@bp.post("/new")
@needs(Needs.SYNONYM_EDITOR)
def create() -> ResponseReturnValue:
    """Add a group, or show what it would do."""
    entered = request.form
    return _change(
        None,
        lambda: synonyms.add(
            g.uow, words=_typed("words"), related=_typed("related"), comment=entered.get("comment", "")
        ),
    )


@bp.get("/group")
@needs(Needs.SYNONYM_EDITOR)
def show() -> str:
    """Show one group with its history."""
    return _page(synonyms.group(g.uow, request.args.get("key", "")))


@bp.post("/group")
@needs(Needs.SYNONYM_EDITOR)
def change() -> ResponseReturnValue:
    """Change a group, switch it, bring an earlier state back, or show what it would do."""
    entered = request.form
    key, act = request.args.get("key", ""), entered.get("act", "save")
    about: dict[str, Any] = {"comment": entered.get("comment", ""), "base": entered.get("base", -1, type=int)}
    group = synonyms.group(g.uow, key)
    if act in ("off", "on"):
        return _change(group, lambda: synonyms.switch(g.uow, key, off=act == "off", **about))
    if act.startswith("restore-"):
        number = int(act.removeprefix("restore-")) if act.removeprefix("restore-").isdecimal() else -1
        return _change(group, lambda: synonyms.restore(g.uow, key, number, **about))
    return _change(
        group, lambda: synonyms.change(g.uow, key, words=_typed("words"), related=_typed("related"), **about)
    )


def _change(group: Group | None, act: Callable[[], Group]) -> ResponseReturnValue:
    """Do an act, or only try it out; a refusal is told above what was typed."""
    typed = {name: request.form.get(name, "") for name in ("words", "related", "comment")}
    try:
        if request.form.get("act") == "try":
            g.may_write = False
            tried = suggesting.effects(g.uow, synonyms.on_trial(g.uow, _typed("words"), _typed("related")))
            return _page(group, effects=tried, typed=typed)
        changed = act()
    except NotFound:
        raise
    except Refused as refused:
        g.uow.session.rollback()
        return _page(group, told=str(refused), typed=typed), 422
    flash(t("「{key}」のグループを保存しました。次の検索から使われます。", key=changed.key), "good")
    return redirect(url_for(".show", key=changed.key), 303)


def _page(
    group: Group | None,
    *,
    told: str = "",
    effects: list[suggesting.Effect] | None = None,
    typed: dict[str, str] | None = None,
) -> str:
    words = {"words": "", "related": "", "comment": ""}
    if group:
        words |= {"words": "\n".join(group.words), "related": "\n".join(group.related)}
    return render_template(
        "synonyms_group.html", group=group, told=told, effects=effects, typed=words | (typed or {}),
        states=synonyms.history(g.uow, group.key) if group else [],
    )  # fmt: skip


def _typed(name: str) -> list[str]:
    """Return the words of a box: one a line, or with a 、 between."""
    return request.form.get(name, "").replace("、", "\n").splitlines()


@bp.get("/import")
@needs(Needs.SYNONYM_EDITOR)
def ask_import() -> str:
    """Ask for a file."""
    return render_template("synonyms_import.html", told="", done=None, text="", comment="")


@bp.post("/import")
@needs(Needs.SYNONYM_EDITOR)
def bring_in() -> ResponseReturnValue:
    """Show what a file would change; once that was seen, change it."""
    comment, sure = request.form.get("comment", ""), request.form.get("sure") == "1"
    text = request.form.get("text", "")
    try:
        text = text or _uploaded()
        done = synonyms.import_csv(g.uow, text, comment=comment)
    except Refused as refused:
        g.uow.session.rollback()
        told = str(refused)
        return render_template("synonyms_import.html", told=told, done=None, text="", comment=comment), 422
    if not sure:
        g.may_write = False
        return render_template("synonyms_import.html", told="", done=done, text=text, comment=comment)
    flash(t("{added}件を追加し、{changed}件を変えました。", added=len(done.added), changed=len(done.changed)), "good")
    return redirect(url_for(".listing"), 303)


def _uploaded() -> str:
    given = request.files.get("file")
    content = given.read(LARGEST_FILE + 1) if given else b""
    if not content:
        raise Refused("CSVファイルを選んでください。")
    if len(content) > LARGEST_FILE:
        raise Refused("ファイルが大きすぎます。2MBまでのCSVにしてください。")
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("文字コードを読み取れません。ExcelでUTF-8のCSVとして保存してください。")
