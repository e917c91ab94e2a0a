"""Row security on PostgreSQL and append-only triggers on SQLite, called by migrations when they make a table."""

from alembic import op

READABLE = (
    "audience_id IN (SELECT t.audience_id FROM audience_token t"
    " WHERE t.token = ANY(string_to_array(current_setting('portal.tokens', true), ' ')))"
)
IS_SYSTEM = "'system' = ANY(string_to_array(current_setting('portal.tokens', true), ' '))"
OWN = "account_id = nullif(current_setting('portal.account', true), '')::int"
WRITABLE = (
    "(current_setting('portal.wards', true) = '*'"
    " OR ward_id = ANY(string_to_array(current_setting('portal.wards', true), ' ')))"
)


def protect_document(role: str) -> None:
    """Put the document table under its readers."""
    _protect("document", role, readable=READABLE)


def protect_part(table: str, role: str, *, append_only: bool = False) -> None:
    """Put a table of document parts under the readers of their document."""
    readable = f"EXISTS (SELECT 1 FROM document d WHERE d.id = {table}.document_id AND d.{READABLE})"  # noqa: S608 (no value from outside)
    _protect(table, role, readable=readable, append_only=append_only)


def protect_own(table: str, role: str) -> None:
    """Let everybody see their own rows only (drafts)."""
    _protect(table, role, readable=f"({OWN} OR {IS_SYSTEM})")


def protect_job(role: str) -> None:
    """Let everybody see the work they asked for in the ward and role they act in, and the job worker all of it."""
    acting = "(role || '@' || ward_id) = ANY(string_to_array(current_setting('portal.tokens', true), ' '))"
    _protect("job", role, readable=f"(({OWN} AND {acting}) OR {IS_SYSTEM})")


def protect_template(role: str) -> None:
    """Let everybody see the city's Word templates and their own ward's, and the city's offices all of them."""
    seen = "ARRAY['bureau','member@' || ward_id] && string_to_array(current_setting('portal.tokens', true), ' ')"
    _protect("word_template", role, readable=f"(ward_id = 'city' OR {seen} OR {IS_SYSTEM})")


def protect_import(table: str, role: str) -> None:
    """Let those see what was brought in for a ward who may bring old minutes in there."""
    roles = " || ".join(
        f"ARRAY['{one}@' || ward_id]" for one in ("coordinator", "ward_office", "bureau", "bureau_admin")
    )
    seen = f"({roles}) && string_to_array(current_setting('portal.tokens', true), ' ')"
    _protect(table, role, readable=f"({seen} OR {IS_SYSTEM})")


def protect_personal(table: str, role: str) -> None:
    """Let everybody see and change their own rows only, whichever ward they act in (notices, saved searches)."""
    if op.get_bind().dialect.name == "postgresql":
        mine = f"({OWN} OR {IS_SYSTEM})"
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_mine ON {table} FOR ALL USING {mine} WITH CHECK {mine}")
    grant(table, role)


def _protect(table: str, role: str, *, readable: str, append_only: bool = False) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({readable})")
        op.execute(f"CREATE POLICY {table}_add ON {table} FOR INSERT WITH CHECK ({WRITABLE})")
        if not append_only:
            op.execute(f"CREATE POLICY {table}_change ON {table} FOR UPDATE USING ({WRITABLE}) WITH CHECK ({WRITABLE})")
            op.execute(f"CREATE POLICY {table}_remove ON {table} FOR DELETE USING ({WRITABLE})")
    grant(table, role, append_only=append_only)


def protect_audit(role: str) -> None:
    """Let everyone add to the audit trail and see their own acts; the rest is for the city's roles. Nobody changes it."""
    if op.get_bind().dialect.name == "postgresql":
        readers = "ARRAY['system','bureau','auditor']"
        op.execute("ALTER TABLE audit ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE audit FORCE ROW LEVEL SECURITY")
        op.execute("CREATE POLICY audit_add ON audit FOR INSERT WITH CHECK (true)")
        op.execute(
            "CREATE POLICY audit_read ON audit FOR SELECT USING"
            f" ({OWN} OR string_to_array(current_setting('portal.tokens', true), ' ') && {readers})"
        )
    grant("audit", role, append_only=True)


def grant(table: str, role: str, *, append_only: bool = False) -> None:
    """Give the application role its rights on a table; on SQLite, make an append-only one refuse changes."""
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
        op.execute(f'GRANT {rights} ON {table} TO "{role}"')
    elif append_only:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} rows are only ever added'); END"
            )


def grant_sequences(role: str) -> None:
    """Let the application role draw ids."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
