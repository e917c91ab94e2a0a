"""Tokens: signing in for programs, and signing out."""

from flask import Response, g, request

from portal.security.identity import Role
from portal.services import signing_in
from portal.services.signing_in import CodeNeeded
from portal.services.uow import UnitOfWork
from portal.web.api.answering import answer, nothing, part, problem
from portal.web.api.describing import MOMENT, TEXT, Answer, described, record
from portal.web.api.shapes import Secret, Table, Words
from portal.web.guard import Needs, needs, the_session, the_site

bp = part("api_tokens")
ROLES = tuple(role.value for role in Role)
SIGN_IN = Table(
    label="ログイン",
    of={
        "account": Words(label="アカウント名", required=True, limit=200, example="coordinator-higashinari"),
        "password": Secret(label="パスワード", required=True, limit=600, example="（自分のパスワード）"),
        "code": Words(label="確認コード（2段階認証を使う人）", limit=20),
        "ward": Words(label="区", limit=40, example="higashinari"),
        "role": Words(label="役割", options=("", *ROLES), example="coordinator"),
    },
)
TOKEN = record(token=TEXT, expires_at=MOMENT, ward=TEXT, role=TEXT)
EXAMPLE = {
    "token": "（43文字）",
    "expires_at": "2026-11-19T12:00:00+00:00",
    "ward": "higashinari",
    "role": "coordinator",
}


@bp.post("/tokens")
@needs(Needs.NOBODY)
@described(
    "ログインしてトークンを受け取る。区と役割を省くと、最初の役割になる",
    body=SIGN_IN,
    answers={201: Answer(TOKEN, "Authorization: Bearer で使うトークン", EXAMPLE)},
    problems=(401, 403, 429),
)
def create() -> Response:
    """Sign in and hand out a token for one ward and role."""
    sent = g.sent
    try:
        token = signing_in.sign_in(
            the_site(),
            login=sent["account"],
            password=sent["password"],
            code=sent["code"],
            ward=sent["ward"],
            role=sent["role"],
            channel="api",
            device=(request.user_agent.string or "API")[:200],
            address=request.remote_addr or "",
        )
    except CodeNeeded as needed:
        return problem(401, str(needed), {"WWW-Authenticate": "Bearer"}, code_needed=True)
    return _shown(token)


def _shown(token: str) -> Response:
    session = signing_in.find_session(the_site(), token)
    assert session is not None
    with UnitOfWork(the_site(), session.identity, writes=False) as uow:
        row = next(one for one in signing_in.sign_ins(uow) if one.id == session.sign_in_id)
    told = {"token": token, "expires_at": row.expires_at, "ward": row.ward_id, "role": row.role}
    return answer(told, 201)


@bp.delete("/tokens/current")
@needs(Needs.PERSON, first_password=True)
@described("このトークンを終わらせる", answers={204: Answer(told="終わった。以後このトークンは使えない")})
def end() -> Response:
    """End the token the request came with."""
    signing_in.sign_out(g.uow, the_session().sign_in_id)
    return nothing()
