#!/bin/sh
# Temporal's server reads its password from the environment alone: it is put there here, from the file, and stands in no compose file.
set -eu
POSTGRES_PWD=$(cat /run/secrets/temporal_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
