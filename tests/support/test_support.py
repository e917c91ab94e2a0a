"""The tools of the tests hold what they promise: an ordinary database role, a browser that stays at home."""

import http.server
import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests.support.browser import PHONE, NewTab, Watch
from tests.support.postgres import APP, OWNER, PostgresDatabase, PostgresServer

PAGE = "<!doctype html><html lang='ja'><title>様式7</title><h1>会議の報告</h1><script>document.title = '動いた'</script></html>"


class _OnePage(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'" if self.path == "/strict" else "img-src *")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _OnePage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("postgres_database")
def test_the_portal_role_is_an_ordinary_role(postgres_server: PostgresServer) -> None:
    with postgres_server.connect() as connection:
        rights = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname LIKE 'portal%'"
        ).fetchall()
    assert sorted(rights) == [("portal_app", *[False] * 4), ("portal_owner", *[False] * 4)]


def test_the_portal_may_do_with_a_table_what_its_migration_grants_and_no_more(
    postgres_server: PostgresServer, fresh_postgres_database: PostgresDatabase
) -> None:
    name = fresh_postgres_database.name
    with postgres_server.connect(name, OWNER) as owner:
        owner.execute("CREATE TABLE audit (act text)")
        owner.execute("GRANT SELECT, INSERT ON audit TO portal_app")
        owner.execute("CREATE TABLE unmentioned (act text)")
    with postgres_server.connect(name, APP) as app:
        app.execute("INSERT INTO audit VALUES ('提出')")
        assert app.execute("SELECT act FROM audit").fetchall() == [("提出",)]
        for forbidden in (
            "UPDATE audit SET act = '受付'",
            "DELETE FROM audit",
            "TRUNCATE audit",
            "DROP TABLE audit",
            "SELECT * FROM unmentioned",
            "CREATE TABLE own (id int)",
            "CREATE TEMP TABLE own (id int)",
            "SET ROLE portal_owner",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_forced_row_security_holds_for_the_portal_and_for_the_owner(
    postgres_server: PostgresServer, fresh_postgres_database: PostgresDatabase
) -> None:
    name = fresh_postgres_database.name
    with postgres_server.connect(name, OWNER) as owner:
        owner.execute("CREATE TABLE reports (ward text)")
        owner.execute("INSERT INTO reports VALUES ('higashinari'), ('ikuno')")
        owner.execute("ALTER TABLE reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        owner.execute("CREATE POLICY own_ward ON reports USING (ward = current_setting('portal.ward', true))")
        owner.execute("GRANT SELECT ON reports TO portal_app")
    for role in (OWNER, APP):
        with postgres_server.connect(name, role) as connection:
            assert connection.execute("SELECT ward FROM reports").fetchall() == []
            connection.execute("SELECT set_config('portal.ward', 'ikuno', false)")
            assert connection.execute("SELECT ward FROM reports").fetchall() == [("ikuno",)]


def test_sqlalchemy_reaches_the_database_by_its_address(postgres_database: PostgresDatabase) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(postgres_database.app_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar() == "portal_app"
    engine.dispose()


def test_a_page_opens_on_a_phone_in_japanese(site: str, new_tab: NewTab) -> None:
    tab = new_tab(PHONE)
    tab.goto(site)
    assert tab.title() == "動いた"
    assert tab.evaluate("[innerWidth, navigator.language]") == [390, "ja-JP"]


def test_a_breach_of_the_content_policy_is_noticed(site: str, new_tab: NewTab, watch: Watch) -> None:
    new_tab().goto(site + "/strict")
    assert any("content security policy" in fault for fault in watch.faults)
    watch.faults.clear()


def test_a_request_to_another_machine_is_noticed(site: str, new_tab: NewTab, watch: Watch) -> None:
    tab = new_tab()
    tab.route("**/*.png", lambda route: route.abort())
    tab.goto(site)
    tab.evaluate(
        "new Promise(done => { const i = new Image(); i.onerror = done; i.src = 'http://cdn.invalid/logo.png' })"
    )
    assert watch.faults == ["asked another machine: http://cdn.invalid/logo.png"]
    watch.faults.clear()
