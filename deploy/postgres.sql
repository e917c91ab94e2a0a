-- Roles and rights of one portal database. Run once by a superuser, connected to the new database;
-- running it again changes nothing. Passwords are set apart (\password portal_app), never in a file.
--
--   portal_owner  owns the tables and runs the migrations; pages are never served as this role
--   portal_app    what the portal connects as: reads and writes rows, and row security always holds for it

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_owner') THEN
        CREATE ROLE portal_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_app') THEN
        CREATE ROLE portal_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO portal_owner, portal_app', current_database());
    -- The portal makes no temporary tables: a role that cannot create anything cannot shadow anything.
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO portal_owner;
GRANT USAGE ON SCHEMA public TO portal_app;

-- The search index, when it lives in the database (PORTAL_SEARCH=postgresql).
CREATE SCHEMA IF NOT EXISTS search AUTHORIZATION portal_owner;
REVOKE ALL ON SCHEMA search FROM PUBLIC;

-- Each migration grants the portal what a table allows and no more (audit rows are only ever added),
-- so there are no default privileges here: they would open every new table to everything.
