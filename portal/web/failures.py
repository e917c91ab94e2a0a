"""What people see when an act is refused: a page or a problem document (RFC 9457), never a stack trace."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError

from portal.kinds import Invalid
from portal.services.attaching import FileRefused, FileTooLarge
from portal.services.errors import (
    EditConflict,
    Forbidden,
    NotFound,
    Refused,
    SearchRebuilding,
    StorageFull,
    WrongState,
)  # fmt: skip
from portal.services.printing import NoPrinter
from portal.services.privacy import PersonalFound
from portal.services.signing_in import CodeNeeded, SignInRefused, TooManyTries
from portal.web.guard import NotSignedIn, PasswordChangeNeeded
from portal.words import t

log = logging.getLogger(__name__)

STATUS: dict[type[Exception], int] = {
    NotFound: 404,
    Forbidden: 403,
    PasswordChangeNeeded: 403,
    NotSignedIn: 401,
    SignInRefused: 401,
    CodeNeeded: 401,
    TooManyTries: 429,
    EditConflict: 412,
    WrongState: 409,
    FileTooLarge: 413,
    FileRefused: 415,
    NoPrinter: 406,
    StorageFull: 507,
    SearchRebuilding: 503,
    Invalid: 422,
    PersonalFound: 422,
    Refused: 400,
}
SENTENCES = {
    400: "送られた内容を読み取れませんでした。画面を開き直して、もう一度操作してください。",
    404: "お探しの文書は見つかりません。",
    405: "この操作はできません。",
    413: "送られた内容が大きすぎます。",
    415: "この形式は受け付けられません。",
    503: "いまは保存できません。入力した内容は画面に残っています。少し待ってから、もう一度操作してください。",
    500: "思わぬ不具合が起きました。入力した内容が残っているか確かめ、同じことが続くときはシステム管理者に連絡してください。",
}


def install(app: Flask) -> None:
    """Answer every failure in words."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Invalid, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _unexpected)


def status_of(failure: Exception) -> int:
    """Return the HTTP status of a refusal."""
    return next(STATUS[cls] for cls in type(failure).__mro__ if cls in STATUS)


def _refused(failure: Exception) -> ResponseReturnValue:
    status = status_of(failure)
    extra: dict[str, Any] = {}
    if isinstance(failure, Invalid):
        extra["errors"] = [{"path": p.path, "label": p.label, "message": p.message} for p in failure.problems]
    if isinstance(failure, PersonalFound):
        extra["personal"] = failure.told()
    headers = {}
    if isinstance(failure, TooManyTries):
        headers["Retry-After"] = str(failure.wait)
    if status == 503:
        headers["Retry-After"] = "10"
    if _is_api():
        if isinstance(failure, NotSignedIn):
            headers["WWW-Authenticate"] = "Bearer"
        return _problem(status, str(failure), headers, **extra)
    if isinstance(failure, NotSignedIn) and request.method == "GET" and not _wants_json():
        return redirect(url_for("sign_in.form", next=request.full_path if request.query_string else request.path))
    if isinstance(failure, PasswordChangeNeeded) and not _wants_json():
        return redirect(url_for("account.password"))
    return _page(status, str(failure), headers, **extra)


def _stale_form(_: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        "画面を開いてから時間がたったため、送信を受け付けられませんでした。前の画面に戻って開き直してください。",
        {},
    )


def _http(failure: HTTPException) -> ResponseReturnValue:
    status = failure.code or 500
    if isinstance(failure, SecurityError):
        return "Unknown host.", 400, {"Content-Type": "text/plain"}
    if 300 <= status < 400:
        return failure.get_response()
    told = failure.description if status == 403 and failure.description else SENTENCES.get(status, failure.name)
    allowed = failure.valid_methods if isinstance(failure, MethodNotAllowed) else None
    return _page(status, told, {"Allow": ", ".join(allowed)} if allowed else {})


def _database_away(failure: OperationalError) -> ResponseReturnValue:
    log.error("database: %s", type(failure.orig).__name__)
    return _page(503, SENTENCES[503], {"Retry-After": "10"})


def _unexpected(failure: Exception) -> ResponseReturnValue:
    log.exception("unexpected failure at %s", request.endpoint, exc_info=failure)
    return _page(500, SENTENCES[500], {})


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _page(status: int, told: str, headers: dict[str, str], **extra: Any) -> ResponseReturnValue:
    if _is_api() or _wants_json():
        return _problem(status, told, headers, **extra)
    errors = [one["message"] for one in extra.get("errors", ())]
    return render_template("failure.html", status=status, told=t(told), errors=errors), status, headers


def _problem(status: int, told: str, headers: dict[str, str], **extra: Any) -> ResponseReturnValue:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": told, **extra}
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers)
    response.headers["Content-Type"] = "application/problem+json"
    return response
