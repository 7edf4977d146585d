-- The roles and the databases, apart from each other: Temporal's never sees the ledger's, and only the owner changes tables.
-- For psql, as a superuser, with the passwords as variables (init/10-roles.sh does that). Safe to run again, for example with a new password.
-- What the role offramp_app may do with each table is granted by the migrations, beside the tables themselves.

\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I', name)
  FROM unnest(ARRAY['offramp_owner', 'offramp_app', 'temporal']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

-- Nothing but to log in: none can make roles or databases, and none gets around a right.
ALTER ROLE offramp_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE offramp_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_password';
ALTER ROLE temporal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'temporal_password';

SELECT format('CREATE DATABASE %I OWNER %I', name, owner)
  FROM (VALUES ('offramp', 'offramp_owner'), ('temporal', 'temporal'), ('temporal_visibility', 'temporal')) AS wanted (name, owner)
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

-- Everybody may connect to a new database unless that is taken back.
REVOKE ALL ON DATABASE offramp, temporal, temporal_visibility, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE offramp TO offramp_app;
-- A commit of the ledger is on the disk before it is acknowledged, whatever the server's default becomes.
ALTER ROLE offramp_app SET synchronous_commit = 'on';
ALTER ROLE offramp_owner SET synchronous_commit = 'on';
