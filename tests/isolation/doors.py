"""Every route of the portal and for whom it opens: one row each, written by hand. A route without a row fails the test.

The letter is the one of DOMAIN 5f (tests/security/by_hand.py) that the route asks for; `opens` are the answers of an open
door, given that nothing else is wrong with what was sent.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Door:
    """What one route asks for, and what to send so that only the rights decide."""

    asks: str
    opens: tuple[int, ...] = (200,)
    form: dict[str, Any] | None = None
    json: Any = None
    fill: dict[str, Any] = field(default_factory=dict)
    query: str = ""


FULL = "v of the full document"
MOVE = "the transition that the state waits for"
ASK = "the same, asked before it is done"
DRAFT, OWN_DRAFT = "e of the document in the key", "the writer's own draft"
CREATE = "creating in the ward"
PERSON, NOBODY, ADMIN, AUDIT = "a person", "nobody", "an administrator of accounts", "a reader of the trail"
SYNONYMS = "a person of 健康局"

OLD = {"number": 1}
PAIRS = [["record", "書きかけ"]]

OF_A_DOCUMENT = {
    "GET /documents/<int:document_id>": Door("v"),
    "GET /documents/<int:document_id>/versions/<int:number>": Door("v", fill=OLD),
    "POST /documents/<int:document_id>/versions/<int:number>/restore": Door("e", (303,), {"base": 2}, fill=OLD),
    "GET /documents/<int:document_id>/versions": Door("v", (302,)),
    "GET /documents/<int:document_id>/diff": Door("v"),
    "GET /documents/<int:document_id>/shared": Door(FULL),
    "GET /documents/<int:document_id>/preview": Door("e"),
    "GET /documents/<int:document_id>/do/<name>": Door(ASK),
    "POST /documents/<int:document_id>/do/<name>": Door(MOVE, (303,), {"comment": "理由"}),
    "GET /documents/<int:document_id>/why": Door("v"),
    "GET /documents/<int:document_id>/related": Door("v"),
    "GET /api/v1/documents/<id:document_id>/related": Door("v"),
    "GET /documents/<int:document_id>/delete": Door("d"),
    "POST /documents/<int:document_id>/delete": Door("d", (303,), {}),
    "GET /documents/<int:document_id>/edit": Door("e"),
    "POST /documents/<int:document_id>/edit": Door("e", (409, 422), {"base": 2}),
    "POST /documents/<int:document_id>/files": Door("e", (415,), {}),
    "GET /documents/<int:document_id>/word": Door("x"),
    "GET /documents/<int:document_id>/word-file": Door("e"),
    "POST /documents/<int:document_id>/word-file": Door("e", (422,), {}),
    "POST /documents/<int:document_id>/word-file/accept": Door("e", (422,), {}),
    "POST /documents/<int:document_id>/word-file/let-go": Door("e", (303,), {}),
    "GET /documents/<int:document_id>/redline": Door("x", (200, 400)),
    "GET /documents/<int:document_id>/pdf": Door("x", (406,)),
    "GET /api/v1/documents/<id:document_id>": Door("v"),
    "PUT /api/v1/documents/<id:document_id>": Door("e", (428,), json={"fields": {}}),
    "DELETE /api/v1/documents/<id:document_id>": Door("d", (204,)),
    "GET /api/v1/documents/<id:document_id>/attachments": Door("v"),
    "POST /api/v1/documents/<id:document_id>/attachments": Door("e", (415,)),
    "GET /api/v1/documents/<id:document_id>/diff": Door("v"),
    "GET /api/v1/documents/<id:document_id>/export": Door("x"),
    "GET /api/v1/documents/<id:document_id>/word": Door("e", (404,)),
    "POST /api/v1/documents/<id:document_id>/word": Door("e", (415,)),
    "DELETE /api/v1/documents/<id:document_id>/word": Door("e", (204,)),
    "POST /api/v1/documents/<id:document_id>/word/accept": Door("e", (409,), json={"fields": [], "base_version": 2}),
    "GET /api/v1/documents/<id:document_id>/redline": Door("x", (200, 400)),
    "POST /api/v1/documents/<id:document_id>/transitions": Door(MOVE, json={"name": "", "comment": "理由"}),
    "GET /api/v1/documents/<id:document_id>/transitions": Door("v"),
    "GET /api/v1/documents/<id:document_id>/personal": Door(FULL),
    "GET /api/v1/documents/<id:document_id>/versions": Door("v"),
    "GET /api/v1/documents/<id:document_id>/versions/<id:number>": Door("v", fill=OLD),
    "POST /api/v1/documents/<id:document_id>/versions/<id:number>/restore": Door("e", fill=OLD),
    "GET /api/v1/documents/<id:document_id>/why": Door("v"),
    "PUT /drafts/<key>": Door(DRAFT, (200, 409), json={"key": "meeting_report", "base": 2, "fields": PAIRS}),
    "PUT /api/v1/drafts/<key>": Door(DRAFT, json={"kind": "meeting_report", "base": 2, "entries": PAIRS}),
    "GET /api/v1/drafts/<key>": Door(OWN_DRAFT),
}

OF_A_FILE = {
    "GET /files/<int:attachment_id>/<path:name>": Door("v", fill={"name": "a.txt"}),
    "GET /pictures/<int:attachment_id>": Door("v", (404,)),
    "POST /files/<int:attachment_id>": Door("e or p", (303,), {"shareable": "1"}),
    "GET /api/v1/attachments/<id:attachment_id>": Door("v"),
    "PATCH /api/v1/attachments/<id:attachment_id>": Door("e or p", json={"shareable": True}),
    "DELETE /api/v1/attachments/<id:attachment_id>": Door("e", (204,)),
}

NEW = {"kind_name": "meeting_report"}
NO_BATCH, NO_ITEM = {"batch_id": 1}, {"item_id": 1}
FORM, NO_TEMPLATE = {"form": "form7"}, {"template_id": 1}

OF_THE_HOUSE = {
    "GET /": Door(PERSON),
    "GET /<ward>/": Door(PERSON),
    "GET /<ward>/new/<kind_name>": Door(CREATE, fill=NEW, query="nonce=abcdefgh"),
    "POST /<ward>/new/<kind_name>": Door(CREATE, (422,), {}, fill=NEW),
    "POST /<ward>/new/<kind_name>/<nonce>/files": Door(CREATE, (415,), {}, fill={**NEW, "nonce": "abcdefgh"}),
    "GET /account": Door(PERSON),
    "GET /account/acts": Door(PERSON),
    "GET /account/password": Door(PERSON),
    "POST /account/password": Door(PERSON, (422,), {}),
    "GET /account/sign-ins": Door(PERSON, (302,)),
    "GET /notices": Door(PERSON),
    "GET /notices/<int:notice_id>": Door(PERSON, (302, 404), fill={"notice_id": 1}),
    "POST /notices/read": Door(PERSON, (303,), {}),
    "GET /notices/settings": Door(PERSON),
    "POST /notices/settings": Door(PERSON, (303,), {}),
    "GET /searches": Door(PERSON),
    "POST /searches": Door(PERSON, (303,), {"name": "見本"}),
    "GET /searches/<int:search_id>": Door(PERSON, (404,), fill={"search_id": 1}),
    "GET /searches/<int:search_id>/edit": Door(PERSON, (404,), fill={"search_id": 1}),
    "POST /searches/<int:search_id>": Door(PERSON, (404,), {}, fill={"search_id": 1}),
    "POST /searches/<int:search_id>/delete": Door(PERSON, (404,), {}, fill={"search_id": 1}),
    "POST /searches/<int:search_id>/feed": Door(PERSON, (404,), {}, fill={"search_id": 1}),
    "POST /searches/<int:search_id>/feed/close": Door(PERSON, (404,), {}, fill={"search_id": 1}),
    "GET /feeds/<token>.atom": Door(NOBODY, (404, 429), fill={"token": "nobodys"}),
    "GET /account/second-factor": Door(PERSON),
    "POST /account/second-factor": Door(PERSON, (303, 400, 422), {}),
    "GET /account/second-factor/off": Door(PERSON),
    "POST /account/second-factor/off": Door(PERSON, (422,), {}),
    "GET /account/second-factor/qr.png": Door(PERSON, (200, 404)),
    "POST /account/sign-ins/<int:sign_in_id>/end": Door(PERSON, (303, 403), {}),
    "POST /account/sign-ins/end-all": Door(PERSON, (303,), {}),
    "GET /admin/people": Door(ADMIN),
    "GET /admin/people/<int:account_id>": Door(ADMIN),
    "POST /admin/people/<int:account_id>/disable": Door(ADMIN, (200, 303), {}),
    "POST /admin/people/<int:account_id>/enable": Door(ADMIN, (200, 303), {}),
    "POST /admin/people/<int:account_id>/password": Door(ADMIN, (200, 303), {}),
    "POST /admin/people/<int:account_id>/roles/add": Door(ADMIN, (422,), {}),
    "POST /admin/people/<int:account_id>/roles/remove": Door(ADMIN, (200, 404, 422), {}),
    "GET /admin/people/new": Door(ADMIN),
    "POST /admin/people/new": Door(ADMIN, (422,), {}),
    "GET /imports": Door(PERSON),
    "POST /imports": Door(PERSON, (422,), {}),
    "GET /imports/<int:batch_id>": Door(PERSON, (404,), fill=NO_BATCH),
    "POST /imports/<int:batch_id>/read": Door(PERSON, (404,), {}, fill=NO_BATCH),
    "GET /imports/items/<int:item_id>": Door(PERSON, (404,), fill=NO_ITEM),
    "POST /imports/items/<int:item_id>": Door(PERSON, (404,), {}, fill=NO_ITEM),
    "GET /imports/items/<int:item_id>/file": Door(PERSON, (404,), fill=NO_ITEM),
    "GET /imports/items/<int:item_id>/pages/<int:number>": Door(PERSON, (404,), fill={**NO_ITEM, "number": 1}),
    "GET /forms": Door(PERSON),
    "GET /forms/<form>": Door(PERSON, fill=FORM),
    "POST /forms/<form>": Door(PERSON, (422,), {}, fill=FORM),
    "GET /forms/<form>/file": Door(PERSON, fill=FORM, query="sample=full"),
    "GET /forms/blank/<sheet>": Door(PERSON, fill={"sheet": "sheet1"}),
    "GET /forms/templates/<int:template_id>": Door(PERSON, (404,), fill=NO_TEMPLATE),
    "GET /forms/templates/<int:template_id>/file": Door(PERSON, (404,), fill=NO_TEMPLATE),
    "GET /forms/templates/<int:template_id>/pages/<int:number>": Door(
        PERSON, (404,), fill={**NO_TEMPLATE, "number": 1}
    ),
    "POST /forms/templates/<int:template_id>/force": Door(PERSON, (403, 404), {"year": 2026}, fill=NO_TEMPLATE),
    "POST /forms/templates/<int:template_id>/withdraw": Door(PERSON, (403, 404), {}, fill=NO_TEMPLATE),
    "GET /api/v1/accounts": Door(ADMIN),
    "POST /api/v1/accounts": Door(ADMIN, (422,), json={}),
    "GET /api/v1/accounts/<id:account_id>": Door(ADMIN),
    "POST /api/v1/accounts/<id:account_id>/disable": Door(ADMIN),
    "POST /api/v1/accounts/<id:account_id>/enable": Door(ADMIN),
    "POST /api/v1/accounts/<id:account_id>/password": Door(ADMIN),
    "POST /api/v1/accounts/<id:account_id>/roles": Door(ADMIN, (422,), json={}),
    "DELETE /api/v1/accounts/<id:account_id>/roles/<ward>/<role>": Door(ADMIN, (400,), fill={"role": "auditor"}),
    "GET /api/v1/audit": Door(AUDIT),
    "DELETE /api/v1/drafts/<key>": Door(PERSON, (204,), fill={"key": "document-1"}),
    "GET /api/v1/imports": Door(PERSON),
    "POST /api/v1/imports": Door(PERSON, (415,)),
    "GET /api/v1/imports/<id:batch_id>": Door(PERSON, (404,), fill=NO_BATCH),
    "GET /api/v1/imports/<id:batch_id>/items": Door(PERSON, (404,), fill=NO_BATCH),
    "GET /api/v1/imports/items/<id:item_id>": Door(PERSON, (404,), fill=NO_ITEM),
    "POST /api/v1/imports/items/<id:item_id>": Door(PERSON, (404,), json={"act": "leave"}, fill=NO_ITEM),
    "GET /api/v1/forms": Door(PERSON),
    "GET /api/v1/templates": Door(PERSON),
    "POST /api/v1/templates": Door(PERSON, (415,)),
    "GET /api/v1/templates/<id:template_id>": Door(PERSON, (404,), fill=NO_TEMPLATE),
    "GET /api/v1/templates/<id:template_id>/file": Door(PERSON, (404,), fill=NO_TEMPLATE),
    "POST /api/v1/templates/<id:template_id>/state": Door(
        PERSON, (403, 404), json={"in_force": False}, fill=NO_TEMPLATE
    ),
    "GET /api/v1/home": Door(PERSON),
    "GET /api/v1/kinds": Door(PERSON),
    "GET /api/v1/kinds/<kind_name>/schema": Door(PERSON, fill=NEW),
    "GET /api/v1/me": Door(PERSON),
    "GET /api/v1/me/acts": Door(PERSON),
    "GET /api/v1/me/notices": Door(PERSON),
    "POST /api/v1/me/notices/read": Door(PERSON, json={"ids": []}),
    "GET /api/v1/me/notices/settings": Door(PERSON),
    "PUT /api/v1/me/notices/settings": Door(PERSON, json={"mail_address": ""}),
    "GET /api/v1/me/searches": Door(PERSON),
    "POST /api/v1/me/searches": Door(PERSON, (201,), json={"name": "見本"}),
    "GET /api/v1/me/searches/<id:search_id>": Door(PERSON, (404,), fill={"search_id": 1}),
    "PATCH /api/v1/me/searches/<id:search_id>": Door(PERSON, (404,), json={}, fill={"search_id": 1}),
    "DELETE /api/v1/me/searches/<id:search_id>": Door(PERSON, (404,), fill={"search_id": 1}),
    "GET /api/v1/me/searches/<id:search_id>/hits": Door(PERSON, (404,), fill={"search_id": 1}),
    "POST /api/v1/me/searches/<id:search_id>/feed": Door(PERSON, (404,), fill={"search_id": 1}),
    "DELETE /api/v1/me/searches/<id:search_id>/feed": Door(PERSON, (404,), fill={"search_id": 1}),
    "PUT /api/v1/me/password": Door(PERSON, (422,), json={}),
    "GET /api/v1/openapi.json": Door(NOBODY),
    "GET /api/v1/search": Door(PERSON),
    "POST /api/v1/tokens": Door(NOBODY, (422,), json={}),
    "DELETE /api/v1/tokens/current": Door(PERSON, (204,)),
    "GET /api/v1/wards": Door(PERSON),
    "GET /api/v1/wards/<ward>/documents": Door(PERSON),
    "POST /api/v1/wards/<ward>/documents": Door(CREATE, (201,), json="example"),
    "GET /archive": Door(PERSON, (302,), query="ward=higashinari"),
    "GET /audit": Door(AUDIT),
    "POST /drafts/<key>/discard": Door(PERSON, (303,), {}, fill={"key": "document-1"}),
    "GET /favicon.ico": Door(NOBODY, (200, 204)),
    "POST /pack": Door(PERSON, (400,), {}),
    "POST /<ward>/pack": Door(PERSON, (200, 400), {}),
    "GET /month": Door(PERSON),
    "POST /month": Door(PERSON, (200, 400), {"ward": "higashinari", "month": "2026-10"}),
    "POST /api/v1/packages": Door(PERSON, (400,), json={"documents": [2_000_000_000]}),
    "GET /api/v1/packages/month": Door(PERSON, query="month=2026-10"),
    "POST /api/v1/packages/month": Door(PERSON, (200, 400), json={"month": "2026-10"}),
    "GET /jobs": Door(PERSON),
    "GET /jobs/<int:job_id>": Door(PERSON, (404,), fill={"job_id": 1}),
    "GET /jobs/<int:job_id>/file": Door(PERSON, (404,), fill={"job_id": 1}),
    "POST /jobs/<int:job_id>/cancel": Door(PERSON, (404,), {}, fill={"job_id": 1}),
    "GET /api/v1/jobs": Door(PERSON),
    "GET /api/v1/jobs/<id:job_id>": Door(PERSON, (404,), fill={"job_id": 1}),
    "GET /api/v1/jobs/<id:job_id>/file": Door(PERSON, (404,), fill={"job_id": 1}),
    "DELETE /api/v1/jobs/<id:job_id>": Door(PERSON, (404,), fill={"job_id": 1}),
    "GET /search": Door(PERSON),
    "GET /search/suggestions": Door(PERSON, query="q=題名"),
    "GET /admin/synonyms": Door(SYNONYMS),
    "GET /admin/synonyms/new": Door(SYNONYMS),
    "POST /admin/synonyms/new": Door(SYNONYMS, (422,), {}),
    "GET /admin/synonyms/group": Door(SYNONYMS, query="key=看取り"),
    "POST /admin/synonyms/group": Door(SYNONYMS, (404,), {}),
    "GET /admin/synonyms/import": Door(SYNONYMS),
    "POST /admin/synonyms/import": Door(SYNONYMS, (422,), {}),
    "GET /api/v1/search/suggestions": Door(PERSON, query="q=題名"),
    "GET /api/v1/synonyms": Door(SYNONYMS),
    "POST /api/v1/synonyms": Door(SYNONYMS, (400,), json={"comment": "見本"}),
    "PUT /api/v1/synonyms": Door(SYNONYMS, (404,), json={"key": "ない", "comment": "見本", "base": 0}),
    "GET /api/v1/synonyms/history": Door(SYNONYMS, query="key=看取り"),
    "POST /api/v1/synonyms/restore": Door(
        SYNONYMS, (404,), json={"key": "ない", "number": 0, "comment": "見本", "base": 0}
    ),
    "GET /api/v1/synonyms/effects": Door(SYNONYMS, query="word=看取り&word=終末期"),
    "POST /api/v1/synonyms/import": Door(SYNONYMS, (400,), json={"csv": "x", "comment": "見本"}),
    "GET /session/token": Door(PERSON),
    "POST /settings/keys": Door(NOBODY, (303, 400), {}),
    "POST /settings/language": Door(NOBODY, (303, 400), {}),
    "POST /settings/text-size": Door(NOBODY, (303, 400), {}),
    "GET /sign-in": Door(NOBODY, (200, 302)),
    "POST /sign-in": Door(NOBODY, (401,), {}),
    "GET /sign-in/role": Door(PERSON, (200, 302)),
    "POST /sign-in/role": Door(PERSON, (403,), {"role": "ikuno:auditor"}),
    "POST /sign-out": Door(NOBODY, (303,), {}),
    "GET /static/<path:name>": Door(NOBODY, (404,), fill={"name": "nothing.js"}),
    "GET /waiting": Door(PERSON),
    "GET /wards": Door(PERSON),
}

DOORS = {**OF_A_DOCUMENT, **OF_A_FILE, **OF_THE_HOUSE}

NEXT_ACT = {
    "draft": ("request_confirmation", "q"),
    "returned": ("request_confirmation", "q"),
    "confirming": ("confirm", "k"),
    "submitted": ("accept", "a"),
    "accepted": ("share", "p"),
    "shared": ("unshare", "u"),
    "withdrawn": ("share", "p"),
}
"""Per state the act it waits for, and its letter."""
