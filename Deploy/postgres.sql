-- The roles and schemas of Parley's views in PostgreSQL: run once, as a superuser, in the database that will hold them:
--     createdb parley && psql -d parley -v ON_ERROR_STOP=1 -f postgres.sql
-- Then give each role that logs in by password one (\password in psql), and run `parley migrate` as parley_owner.
--
--   parley_owner     makes and migrates the tables; used by `parley migrate` and `parley replay` only
--   parley_shared    the projector of the shared-content view: writes that view's rows, reads nothing else
--   parley_personal  the projector of the personal-metadata view, likewise
--   parley_replicator  the replicator and its operators' commands: writes the replicator's store, reads nothing else
--   parley_reader    whoever answers reads: reads both views, writes nothing
--
-- Projectors must connect to the server itself or through a pool that keeps sessions: they use prepared statements and
-- session settings, and who takes over a lease may end the connection of its last owner.

CREATE ROLE parley_owner LOGIN;
CREATE ROLE parley_shared LOGIN;
CREATE ROLE parley_personal LOGIN;
CREATE ROLE parley_replicator LOGIN;
CREATE ROLE parley_reader LOGIN;

CREATE SCHEMA parley_shared AUTHORIZATION parley_owner;
CREATE SCHEMA parley_personal AUTHORIZATION parley_owner;
CREATE SCHEMA parley_replication AUTHORIZATION parley_owner;

-- `parley replay` makes a schema for each generation of a view (parley_shared_g2, ...), granted as the first one is.
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO parley_owner', current_database()); END $$;

GRANT USAGE ON SCHEMA parley_shared TO parley_shared, parley_reader;
GRANT USAGE ON SCHEMA parley_personal TO parley_personal, parley_reader;
GRANT USAGE ON SCHEMA parley_replication TO parley_replicator;

-- For every table that parley_owner will make.
ALTER DEFAULT PRIVILEGES FOR ROLE parley_owner IN SCHEMA parley_shared
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO parley_shared;
ALTER DEFAULT PRIVILEGES FOR ROLE parley_owner IN SCHEMA parley_personal
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO parley_personal;
ALTER DEFAULT PRIVILEGES FOR ROLE parley_owner IN SCHEMA parley_replication
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO parley_replicator;
ALTER DEFAULT PRIVILEGES FOR ROLE parley_owner IN SCHEMA parley_shared GRANT SELECT ON TABLES TO parley_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE parley_owner IN SCHEMA parley_personal GRANT SELECT ON TABLES TO parley_reader;

-- Nobody makes tables elsewhere.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
