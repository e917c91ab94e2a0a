"""Lists as files, saved searches, notices and mail from a terminal."""

from pathlib import Path

import pytest

from portal.services import noticing, reviewing, signing_in
from portal.services.uow import UnitOfWork
from tests.cli.conftest import PASSWORD, Terminal, add_account
from tests.cli.test_command import open_site, write_report

AS = ("--as", "tanaka")


@pytest.fixture
def office(terminal: Terminal) -> Terminal:
    """Return a terminal of a site with a coordinator, a responsible person and a report."""
    add_account(terminal, "tanaka", "coordinator")
    add_account(terminal, "sato", "responsible")
    write_report("tanaka")
    return terminal


def test_the_hits_of_a_search_are_saved_as_a_file(office: Terminal, tmp_path: Path) -> None:
    assert office.run("search", "連絡会", *AS, "--csv", "-") == 0
    rows = office.out.splitlines()
    assert rows[0].lstrip("\ufeff").startswith('"会議日"')
    assert "病院連絡会" in rows[1]
    assert office.run("search", "連絡会", *AS, "--xlsx", str(tmp_path)) == 0
    (file,) = tmp_path.glob("検索結果_*.xlsx")
    assert file.read_bytes().startswith(b"PK")


def test_lists_of_the_screen_are_saved_under_the_rights_of_the_person(office: Terminal) -> None:
    assert office.run("list", "archive", "--ward", "higashinari", *AS, "--csv", "-") == 0
    assert "病院連絡会" in office.out
    assert office.run("list", "audit", *AS, "--csv", "-") == 1
    assert "健康局と監査担当に認められています" in office.err
    assert office.run("list", "archive", *AS) == 2


def test_a_search_is_kept_run_and_removed(office: Terminal) -> None:
    assert office.run("searches", "add", "連絡会", "--name", "連絡会の報告", "--notify", "screen", *AS) == 0
    assert office.run("searches", "list", *AS) == 0
    assert "連絡会の報告" in office.out
    assert office.run("searches", "run", "1", *AS) == 0
    assert "1件見つかりました" in office.out
    assert office.run("searches", "run", "1", "--as", "sato") == 1
    assert office.run("searches", "feed", "1", *AS) == 0
    address = office.out.strip()
    assert address.endswith(".atom")
    secret = address.rpartition("/")[2].removesuffix(".atom")
    site = open_site()
    assert signing_in.find_session(site, secret) is not None
    assert office.run("searches", "feed", "1", "--stop", *AS) == 0
    assert signing_in.find_session(site, secret) is None
    site.engine.dispose()
    assert office.run("searches", "remove", "1", *AS) == 0
    assert office.run("searches", "list", *AS) == 0
    assert "連絡会の報告" not in office.out


def test_notices_are_read_and_mail_is_sent(office: Terminal) -> None:
    assert office.run("notices", "--as", "sato") == 1
    site = open_site()
    secret = signing_in.sign_in(site, login="tanaka", password=PASSWORD)
    session = signing_in.find_session(site, secret)
    assert session is not None
    with UnitOfWork(site, session.identity, name="田中") as uow:
        reviewing.transition(uow, 1, "request_confirmation")
        uow.commit()
    site.engine.dispose()
    assert office.run("notices", "--as", "sato", "--read") == 0
    assert noticing.EVENTS["confirming"].told in office.out
    assert office.run("notices", "--as", "sato") == 1
    assert office.run("mail", "--send") == 0
    assert "0通のメールを送りました" in office.out
