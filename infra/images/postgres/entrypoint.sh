#!/bin/sh
# Starts PostgreSQL on the cluster in $PGDATA; makes the cluster first where there is none.
#
# Environment: DATABASE       name of the environment's database (required)
#              PASSWORD_FILE  file with the password of the role `odoo`  (default /run/secrets/odoo_password)
# Arguments:   options are passed on to `postgres`; anything else is a command that is run instead (psql, pgbackrest …)
set -eu
case "${1:--}" in -*) ;; *) exec "$@" ;; esac
volume=$(dirname "$PGDATA")
major=17
export PASSWORD_FILE="${PASSWORD_FILE:-/run/secrets/odoo_password}"

say() { echo "odoo-stacks: $*" >&2; }
refuse() {
  say "$*"
  exit 78 # EX_CONFIG of sysexits.h: starting again will not help
}

# Root only to give the volume to the server's user: a new volume or one from another base image belongs to somebody else.
if [ "$(id -u)" = 0 ]; then
  [ "$(stat -c %U "$volume")" = postgres ] || chown postgres:postgres "$volume"
  if [ -e "$PGDATA" ] && [ "$(stat -c %U "$PGDATA/PG_VERSION" 2>/dev/null)" != postgres ]; then
    say "giving the files in $PGDATA to the user postgres"
    chown -R postgres:postgres "$PGDATA"
  fi
  install -d -o postgres -g postgres -m 0755 /run/postgresql
  exec setpriv --reuid postgres --regid postgres --init-groups -- "$0" "$@"
fi

[ -n "${DATABASE:-}" ] || refuse "DATABASE is not set: the name of the environment's database"
[ -s "$PASSWORD_FILE" ] || refuse "$PASSWORD_FILE is missing, empty or not readable for the user postgres"

# One server at a time on a volume: PostgreSQL's own lock file does not see a server in another container. The lock is held
# by every process that comes from this one, so it lasts as long as the server does.
exec 9<"$volume"
flock --nonblock 9 || say "waiting for another server on $volume to end"
flock --timeout 120 9 || refuse "another server is running on $volume"

[ ! -e "$volume/undo.wanted" ] || /opt/odoo-stacks/undo.sh

# Runs prepare.sql against the cluster in a folder, with a server that nobody else can reach.
prepare() {
  socket=$(mktemp -d /tmp/prepare.XXXXXX)
  private="-c listen_addresses='' -c unix_socket_directories='$socket' -c logging_collector=off -c autovacuum=off"
  # Neither modules nor log settings of the environment: none of them may see the password.
  discreet="-c shared_preload_libraries='' -c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic"
  pg_ctl --pgdata "$1" --wait --timeout 86400 --silent --log "$socket/log" --options "$private $discreet" start \
    || { cat "$socket/log" >&2; exit 1; }
  grep -E "recovery|redo" "$socket/log" >&2 || true
  superuser="psql -XAtq --host $socket --username postgres --dbname postgres"
  # After a restore to a point in time it answers while it is still on the way there.
  while [ "$($superuser --command 'SELECT pg_is_in_recovery()')" = t ]; do sleep 0.2; done
  result=0
  $superuser --set database="$DATABASE" --file /opt/odoo-stacks/prepare.sql >/dev/null || result=$?
  pg_ctl --pgdata "$1" --wait --timeout 86400 --silent --mode fast stop
  rm -r "$socket"
  return "$result"
}

# The cluster is made beside its place and moved there when it is complete: an interrupted attempt leaves no half cluster.
create() {
  new=$PGDATA.new
  if [ -e "$new" ]; then
    say "an earlier start was interrupted while it made the cluster: beginning again"
    rm -rf "$new"
  fi
  say "making a cluster of PostgreSQL $major"
  initdb --pgdata "$new" --username postgres --encoding UTF8 --locale-provider builtin --builtin-locale C.UTF-8 \
    --locale C.UTF-8 --data-checksums --auth-local peer --auth-host scram-sha-256 --no-instructions >/dev/null
  rm "$new/pg_hba.conf" "$new/pg_ident.conf"
  echo "include = '/opt/odoo-stacks/postgresql.conf'" >"$new/postgresql.conf"
  prepare "$new"
  mv "$new" "$PGDATA"
  sync -f "$volume"
}

if [ -e "$PGDATA/PG_VERSION" ]; then
  found=$(cat "$PGDATA/PG_VERSION")
  [ "$found" = "$major" ] \
    || refuse "the cluster in $PGDATA was made by PostgreSQL $found and this is $major: the data must be upgraded first. Nothing was changed."
  if [ -e "$PGDATA/postmaster.pid" ]; then
    say "the server was not shut down the last time: recovery takes as long as it takes"
    rm "$PGDATA/postmaster.pid"
  fi
  # A replica takes its roles from the server that it follows.
  [ -e "$PGDATA/standby.signal" ] || prepare "$PGDATA"
elif [ -n "$(ls -d "$PGDATA" "$PGDATA.failed" "$PGDATA.moving" "$volume/undo" "$volume/backups" "$volume/PG_VERSION" 2>/dev/null)" ]; then
  refuse "there are files in $volume, but no whole cluster in $PGDATA. Nothing was changed: restore a backup, or start with an empty volume."
else
  create
fi
exec postgres -D "$PGDATA" "$@"
