#!/bin/sh
# Makes or updates the tables of Temporal's two databases; run before every start of the server. Nothing happens where they are up to date.
# The databases themselves are made by postgres/roles.sql, so that the role needs no right to make any.
set -eu

SQL_PASSWORD=$(cat "${PASSWORD_FILE:-/run/secrets/temporal_password}")
export SQL_PASSWORD

update() { # DATABASE SCHEMA
    echo "schema: $1"
    temporal-sql-tool --db "$1" setup-schema -v 0.0
    temporal-sql-tool --db "$1" update-schema --schema-name "postgresql/v12/$2"
}

update temporal temporal
update temporal_visibility visibility
