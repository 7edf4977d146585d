#!/bin/sh
# Draws every secret of one installation, once: sh deploy/make-secrets.sh [--no-chown] [DIR]
# One file for each reader, mode 0600, owned by the user as whom that reader runs in its container: compose hands files over as they are.
#   --no-chown   leave all files to whoever runs this (Docker Desktop, which shows every file as its reader's)
set -eu
umask 077

fail() {
    printf 'make-secrets: %s\n  cure: %s\n' "$1" "$2" >&2
    exit 1
}

give=yes
if [ "${1:-}" = --no-chown ]; then
    give=no
    shift
fi
dir=${1:-$(dirname "$0")/secrets}
[ $# -le 1 ] || fail "too many arguments" "sh deploy/make-secrets.sh [--no-chown] [DIR]"
[ ! -e "$dir" ] || fail "$dir exists, and nothing in it is overwritten: a new program key could read nothing that is stored" \
    "keep it; to change one password see 'Changing a password' in deploy/README.md; for another installation name another directory"
[ "$give" = no ] || [ "$(id -u)" = 0 ] || fail "only root can give the files to their readers" \
    "run it as root (sudo sh $0), or with --no-chown under Docker Desktop"

postgres=999 temporal=1000 offramp=10001
draft=$dir.draft.$$
trap 'rm -rf "$draft"' EXIT
mkdir "$draft"

hex() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
put() { # READER NAME VALUE
    printf '%s\n' "$3" >"$draft/$2"
    [ "$give" = no ] || chown "$1:$1" "$draft/$2"
}

admin=$(hex) owner=$(hex) app=$(hex) engine=$(hex)
put $postgres postgres_admin_password "$admin"
put $postgres postgres_owner_password "$owner"
put $postgres postgres_app_password "$app"
put $postgres postgres_temporal_password "$engine"
put $temporal temporal_password "$engine"
put $offramp owner_database_url "postgresql://offramp_owner:$owner@postgres:5432/offramp"
put $offramp database_url "postgresql://offramp_app:$app@postgres:5432/offramp"
put $offramp program_key "$(head -c 32 /dev/urandom | base64)"
put $offramp log_key "offramp/log $(head -c 32 /dev/urandom | base64)"
put $offramp webhook_secret "$(hex)"

# Passable: which file is whose says each file itself.
chmod 711 "$draft"
# Whole or not at all.
mv "$draft" "$dir"
trap - EXIT
echo "Written: $dir. Keep a copy of program_key apart from every backup of the database: without it nothing stored can be read."
