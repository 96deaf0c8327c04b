# shellcheck shell=sh disable=SC2154 # part of snapshot.sh, which sets the variables
# A copy of the cluster on a filesystem whose files can't share blocks: a second server, in the same container, that nobody but
# this script can reach. It follows the first until it is ended.

# Its socket and its log; of this container, as the replica is.
replica=/tmp/odoo-stacks-replica

replica_sql() {
  psql -XAtq --set ON_ERROR_STOP=1 --host "$replica" --port 5433 --username postgres --dbname postgres "$@"
}

# Where the server's log ends, with everything up to there on disk, also what sessions have not waited for.
position() { sql -c "SELECT pg_logical_emit_message(false, 'odoo-stacks', 'snapshot', true)"; }

wait_for_replica() {
  replica_sql <<-SQL
	DO \$\$ BEGIN
	  FOR i IN 1 .. $2 * 50 LOOP
	    IF pg_last_wal_replay_lsn() >= '$1' THEN RETURN; END IF;
	    PERFORM pg_sleep(0.02);
	  END LOOP;
	  RAISE 'the replica has not caught up within $2 s: it is at %, the server was at $1', pg_last_wal_replay_lsn();
	END \$\$
	SQL
}

replica_start() {
  begin
  require_space "$PGDATA"
  rm -rf "$replica"
  mkdir -m 700 "$replica"
  # Its slot keeps what the replica has yet to get, from the first moment on.
  pg_basebackup --host /run/postgresql --username postgres --pgdata "$new" --checkpoint fast --wal-method stream \
    --create-slot --slot "$slot" --no-manifest --progress
  : >"$new/standby.signal"
  primary="host=/run/postgresql user=postgres application_name=$slot"
  follow="-c primary_conninfo='$primary' -c primary_slot_name=$slot -c wal_retrieve_retry_interval=1s"
  private="-c listen_addresses='' -c unix_socket_directories='$replica' -c port=5433 -c logging_collector=off"
  small="-c shared_buffers=32MB -c huge_pages=off -c shared_preload_libraries='' -c archive_mode=off"
  pg_ctl --pgdata "$new" --wait --timeout 86400 --silent --log "$replica/log" --options "$follow $private $small" start 8>&- \
    || { cat "$replica/log" >&2; exit 1; }
  sql <<-SQL
	DO \$\$ BEGIN
	  FOR i IN 1 .. 3600 * 10 LOOP
	    PERFORM pg_stat_clear_snapshot();
	    PERFORM FROM pg_stat_replication WHERE application_name = '$slot' AND state = 'streaming';
	    IF FOUND THEN RETURN; END IF;
	    PERFORM pg_sleep(0.1);
	  END LOOP;
	  RAISE 'the replica has not caught up within an hour';
	END \$\$
	SQL
  trap - EXIT
}

replica_freeze() {
  exclusive
  server "$new" >/dev/null || fail 69 "the replica is not running: since it was made, it or the container was restarted"
  wait_for_replica "$(position)" "$1" || { tail -n 5 "$replica/log" >&2; exit 1; }
  pg_ctl --pgdata "$new" --mode fast --wait --silent stop
  pg_controldata "$new" | grep -q 'state: *shut down in recovery$' || fail 1 "the replica did not end as it should"
  drop_slot
  rm -f "$new/standby.signal" "$new/postmaster.opts"
  # Its files are on disk, by its last checkpoint and its log; these two names are what is not.
  sync "$new"
  finish
}
