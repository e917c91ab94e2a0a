"""One's own account: role, look, sign-ins, password, second factor, and what one did."""

from io import BytesIO

import segno
from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, send_file, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from portal.services import accounts, auditing, lists, signing_in
from portal.services.errors import NotFound, Refused
from portal.web import list_files
from portal.web.guard import Needs, needs, the_session, the_site
from portal.web.redirects import safe_next
from portal.web.screens.sign_in import end_session
from portal.words import t

bp = Blueprint("account", __name__)
PENDING = "second_factor"
"""Where the browser's signed form session keeps the sealed secret until a code has proved it."""


@bp.get("/account")
@needs(Needs.PERSON)
def show() -> str:
    """Show the person's own account."""
    return render_template(
        "account.html",
        here="account",
        sign_ins=signing_in.sign_ins(g.uow),
        roles=signing_in.memberships(g.uow),
        idle=the_site().settings.session_idle_minutes,
        device=sign_in_in_words,
        mail_address=g.uow.account.mail_address,
    )


@bp.get("/session/token")
@needs(Needs.PERSON, first_password=True)
def token() -> ResponseReturnValue:
    """Give the page's scripts a fresh form token, so that a draft goes on after signing in again in another tab."""
    return jsonify(csrf_token=generate_csrf(), account=str(the_session().identity.account_id))


@bp.get("/account/sign-ins")
@needs(Needs.PERSON)
def sign_ins() -> ResponseReturnValue:
    """Save the list of one's sign-ins; it is shown on the account's page."""
    form = list_files.wanted_format()
    if not form:
        return redirect(url_for(".show", _anchor="sign-ins"))
    return list_files.as_file(lists.sign_ins(g.uow, lambda one: sign_in_in_words(one.channel, one.device)), form)


@bp.post("/account/sign-ins/<int:sign_in_id>/end")
@needs(Needs.PERSON)
def end_one(sign_in_id: int) -> ResponseReturnValue:
    """End one of one's own sign-ins."""
    signing_in.sign_out(g.uow, sign_in_id)
    if sign_in_id == the_session().sign_in_id:
        return end_session(redirect(url_for("sign_in.form"), 303))
    flash(t("その端末をログアウトさせました。"), "good")
    return redirect(url_for(".show", _anchor="sign-ins"), 303)


@bp.post("/account/sign-ins/end-all")
@needs(Needs.PERSON)
def end_all() -> ResponseReturnValue:
    """End every sign-in of the person, this one too."""
    signing_in.sign_out_everywhere(g.uow)
    response = end_session(redirect(url_for("sign_in.form"), 303))
    flash(t("すべての端末からログアウトしました。"), "good")
    return response


# -- password ---------------------------------------------------------------------------------------------------------


@bp.get("/account/password")
@needs(Needs.PERSON, first_password=True)
def password() -> ResponseReturnValue:
    """Ask for the present and the new password."""
    return _password_page(safe_next(request.args.get("next"), otherwise=""))


@bp.post("/account/password")
@needs(Needs.PERSON, first_password=True)
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other sign-in of the account ends."""
    entered, wanted = request.form, safe_next(request.form.get("next"), otherwise="")
    try:
        if entered.get("new", "") != entered.get("again", ""):
            raise Refused("新しいパスワードが2回とも同じになるように入力してください。")
        mine = the_session().sign_in_id
        accounts.change_password(g.uow, old=entered.get("old", ""), new=entered.get("new", ""), keep_sign_in=mine)
    except Refused as refused:
        return _password_page(wanted, told=str(refused)), 422
    flash(t("パスワードを変えました。ほかの端末からはログアウトしました。"), "good")
    return redirect(_after_password(wanted), 303)


def _password_page(wanted: str, told: str = "") -> str:
    return render_template(
        "account_password.html",
        here="account",
        next=wanted,
        told=told,
        first=the_session().must_change_password,
        shortest=accounts.SHORTEST_WITH_SECOND_FACTOR if the_session().second_factor else accounts.SHORTEST,
    )


def _after_password(wanted: str) -> str:
    """Return where to go on: a person who has just begun chooses the role first, if there is a choice."""
    if not the_session().must_change_password:
        return wanted or url_for(".show")
    if len(signing_in.memberships(g.uow)) > 1:
        return url_for("sign_in.choose", next=wanted or "/")
    return wanted or "/"


# -- second factor ----------------------------------------------------------------------------------------------------


@bp.get("/account/second-factor")
@needs(Needs.PERSON)
def second_factor() -> ResponseReturnValue:
    """Show the key for the authenticator app and ask for a code."""
    if the_session().second_factor:
        return redirect(url_for(".without_second_factor"))
    if not _pending_secret():
        session[PENDING] = accounts.seal_secret(the_site(), accounts.new_totp_secret())
    return _second_factor_page()


@bp.get("/account/second-factor/qr.png")
@needs(Needs.PERSON)
def second_factor_picture() -> ResponseReturnValue:
    """Draw the key as a QR code."""
    secret = _pending_secret()
    if not secret:
        raise NotFound
    picture = BytesIO()
    segno.make(accounts.totp_address(g.uow.account, secret)).save(picture, kind="png", scale=6, border=4)
    picture.seek(0)
    return send_file(picture, mimetype="image/png")


@bp.post("/account/second-factor")
@needs(Needs.PERSON)
def turn_on() -> ResponseReturnValue:
    """Turn the second factor on once a code proves that the app has the key."""
    secret = _pending_secret()
    if not secret:
        flash(t("時間がたったため、新しい鍵を作りました。もう一度アプリに登録してください。"), "warn")
        return redirect(url_for(".second_factor"), 303)
    try:
        if not accounts.password_fits(the_site(), g.uow.account, request.form.get("password", "")):
            raise Refused("いまのパスワードが違います。")
        accounts.turn_on_totp(g.uow, secret=secret, code=request.form.get("code", ""))
    except Refused as refused:
        return _second_factor_page(told=str(refused)), 422
    session.pop(PENDING, None)
    flash(t("2段階認証を設定しました。次のログインから確認コードが必要です。"), "good")
    return redirect(url_for(".show"), 303)


@bp.get("/account/second-factor/off")
@needs(Needs.PERSON)
def without_second_factor() -> ResponseReturnValue:
    """Ask whether the second factor shall go."""
    return render_template("account_second_factor_off.html", here="account", told="")


@bp.post("/account/second-factor/off")
@needs(Needs.PERSON)
def turn_off() -> ResponseReturnValue:
    """Take the second factor away."""
    try:
        accounts.turn_off_totp(g.uow, password=request.form.get("password", ""))
    except Refused as refused:
        return render_template("account_second_factor_off.html", here="account", told=str(refused)), 422
    flash(t("2段階認証をやめました。"), "good")
    return redirect(url_for(".show"), 303)


def _pending_secret() -> str:
    return accounts.open_secret(the_site(), str(session.get(PENDING, "")))


def _second_factor_page(told: str = "") -> str:
    secret = _pending_secret()
    key = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template("account_second_factor.html", here="account", key=key, told=told)


# -- what I did -------------------------------------------------------------------------------------------------------


@bp.get("/account/acts")
@needs(Needs.PERSON)
def acts() -> ResponseReturnValue:
    """List what the person did, in any of their roles."""
    if form := list_files.wanted_format():
        return list_files.as_file(lists.own_acts(g.uow), form)
    trail = auditing.own_acts(g.uow, page=request.args.get("page", 1, type=int))
    return render_template("account_acts.html", here="account", trail=trail)


_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def sign_in_in_words(channel: str, device: str) -> str:
    """Return what a sign-in is used from: a browser, or a program."""
    programs = {"api": t("ほかのシステム（API）"), "feed": t("フィード：{name}", name=device)}
    return programs.get(channel) or device_in_words(device)


def device_in_words(agent: str) -> str:
    """Return what a browser said of itself, as people call it: Edge（Windows）."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    if browser and system:
        return f"{browser}（{system}）"
    return browser or system or t("不明な端末")
