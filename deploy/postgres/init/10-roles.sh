#!/bin/sh
# Run once by the Postgres image when its data directory is made. Passwords come from files, and reach psql by its standard input alone,
# so that they stand in no list of processes.
set -eu

secrets=${SECRETS_DIR:-/run/secrets}
roles=${ROLES_SQL:-/etc/offramp/roles.sql}

{
    for role in owner app temporal; do
        printf "\\\\set %s_password '%s'\n" "$role" "$(cat "$secrets/postgres_${role}_password")"
    done
    cat "$roles"
} | psql --no-psqlrc --quiet --no-password --username "${POSTGRES_USER:-postgres}" --dbname postgres -v ON_ERROR_STOP=1
