"""People at the JSON API.

caller = Caller.of(office, tanaka)
made = caller.post("/wards/higashinari/documents", {...})        # made.status, made.data, made.headers
"""

from dataclasses import dataclass
from typing import Any, Self

from flask import Flask
from werkzeug.test import TestResponse

from portal.security.identity import Identity
from portal.web.app import create_app
from tests.support.office import PASSWORD, Office

PREFIX = "/api/v1"


@dataclass
class Told:
    """One answer."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> Any:
        return self.response.headers

    @property
    def text(self) -> str:
        return str(self.response.text)

    @property
    def data(self) -> Any:
        return self.response.get_json()

    @property
    def detail(self) -> str:
        """What the problem document says; fails when the answer is none."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text[:300]
        assert self.data["status"] == self.status
        return str(self.data["detail"])


class Caller:
    """One program that acts for a person."""

    def __init__(self, app: Flask, token: str = "") -> None:
        self.client, self.token = app.test_client(), token

    @classmethod
    def of(cls, office: Office, person: Identity, app: Flask | None = None) -> Self:
        """Return a caller with a token for that person."""
        caller = cls(app or create_app(office.site))
        made = caller.post("/tokens", {"account": office.logins[person.account_id], "password": PASSWORD})
        assert made.status == 201, made.text
        caller.token = made.data["token"]
        return caller

    def call(self, method: str, path: str, sent: Any = None, **options: Any) -> Told:
        """Call the API; `sent` goes as JSON, other headers through `headers`."""
        headers = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **options.pop("headers", {})}
        if sent is not None:
            options["json"] = sent
        path = path if path.startswith(PREFIX) else PREFIX + path
        return Told(self.client.open(path, method=method, headers=headers, **options))

    def get(self, path: str, **asked: Any) -> Told:
        return self.call("GET", path, query_string=asked or None)

    def post(self, path: str, sent: Any = None, **options: Any) -> Told:
        return self.call("POST", path, sent, **options)

    def put(self, path: str, sent: Any, match: str | None = None) -> Told:
        return self.call("PUT", path, sent, headers={"If-Match": match} if match else {})

    def delete(self, path: str, match: str | None = None) -> Told:
        return self.call("DELETE", path, headers={"If-Match": match} if match else {})
