#!/bin/sh
# A copy of the cluster that takes the server's place on another machine (infra/operator/move). Run on that machine, in a container
# that has the new volume and is on the environment's network:
#
# hold                its main process: until `finish` no server starts on the volume; one that was started waits
# copy                copies the cluster of the server `database`; the password of the role comes on standard input
# follow              starts a server on the copy, which follows that one
# finish LSN SECONDS  when that one has ended with its last checkpoint at LSN: waits so long at most until the copy has it,
#                     makes the copy a cluster like any other, and lets servers start
# log                 the last lines that the server on the copy wrote
#
# On the machine with the cluster, in a container that has its volume:
#
# ended               waits until no server runs on the volume, then says what pg_controldata says of the cluster
#
# In the volume: pgdata.moving  the copy until `finish`; the entrypoint starts nothing where it is
set -eu
volume=$(dirname "$PGDATA")
run=/run/odoo-stacks-move # kept in memory: it has the password
if [ "$(id -u)" = 0 ]; then
  [ "${1:-}" != hold ] || chown postgres:postgres "$volume" "$run"
  exec setpriv --reuid postgres --regid postgres --init-groups -- "$0" "$@"
fi

new=$PGDATA.moving
gate=$run/gate
log=$run/log
name=odoo_stacks_move # of the role, the slot and the session
export PGPASSFILE="$run/password" LC_ALL=C
primary="host=database port=5432 user=$name application_name=$name sslmode=disable connect_timeout=10"

fail() {
  echo "odoo-stacks: $*" >&2
  exit 1
}

hold() {
  exec 9<"$volume"
  flock --nonblock 9 || fail "a server runs on $volume"
  mkfifo -m 600 "$gate"
  read -r _ <"$gate" || true
  exec 9<&-
  exec sleep infinity
}

copy() {
  [ -z "$(ls -A "$volume")" ] || fail "there are files in $volume"
  (umask 077 && read -r password && printf '*:*:*:%s:%s\n' "$name" "$password" >"$PGPASSFILE")
  # The slot keeps what the copy has yet to get, from the first moment on.
  pg_basebackup --dbname "$primary" --pgdata "$new" --checkpoint fast --wal-method stream --create-slot --slot "$name" \
    --no-manifest --no-password --progress
  : >"$new/standby.signal"
}

follow() {
  # What a server that follows must have at least as much of as the one that it follows.
  sizes=$(pg_controldata "$new" \
    | sed -n -e 's/xact/transaction/' -e 's/^\(max_[a-z_]*\) setting: *\([0-9]*\)$/-c \1=\2/p' | paste --serial --delimiters ' ')
  from="-c primary_conninfo='$primary' -c primary_slot_name=$name -c wal_retrieve_retry_interval=1s"
  private="-c listen_addresses='' -c logging_collector=off -c shared_preload_libraries='' -c archive_mode=off"
  pg_ctl --pgdata "$new" --wait --timeout 86400 --silent --log "$log" \
    --options "$from $private -c hot_standby=on -c recovery_init_sync_method=syncfs $sizes" start \
    || { tail -n 20 "$log" >&2; exit 1; }
}

finish() {
  case "${1:-}/${2:-}" in *[!0-9A-F/]* | /* | */) fail "finish wants a position and a number of seconds" ;; esac
  psql -XAtq --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<-SQL || { tail -n 5 "$log" >&2; exit 1; }
	DO \$\$ BEGIN
	  FOR i IN 1 .. $2 * 50 LOOP
	    -- It is where the last record begins.
	    IF pg_last_wal_replay_lsn() > '$1' THEN RETURN; END IF;
	    PERFORM pg_sleep(0.02);
	  END LOOP;
	  RAISE 'the copy has not caught up within $2 s: it is at %, the server has ended at $1', pg_last_wal_replay_lsn();
	END \$\$
	SQL
  pg_ctl --pgdata "$new" --mode fast --wait --silent stop
  pg_controldata "$new" | grep -q 'state: *shut down in recovery$' || fail "the server on the copy did not end as it should"
  # Its settings were arguments: without this file it is a server like any other, and goes on where the old one has ended.
  rm -f "$new/standby.signal" "$new/postmaster.opts"
  sync "$new"
  mv "$new" "$PGDATA"
  sync "$volume"
  : >"$gate"
}

ended() {
  exec 9<"$volume"
  flock 9
  pg_controldata "$PGDATA"
}

case "${1:-}" in
  hold) hold ;;
  copy) copy ;;
  follow) follow ;;
  finish) finish "${2:-}" "${3:-}" ;;
  log) tail -n 20 "$log" ;;
  ended) ended ;;
  *) fail "unknown command: ${1:-}" ;;
esac
