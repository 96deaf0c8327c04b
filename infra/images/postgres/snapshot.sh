#!/bin/sh
# A copy of the cluster in its own volume, for undoing a release that failed. Run inside the server's container:
#   docker exec CONTAINER /opt/odoo-stacks/snapshot.sh COMMAND [ARGUMENT]
#
# can-reflink             says `yes` when files here can be copied by sharing their blocks (XFS, btrfs), else `no`
# space                   bytes as JSON: `free`, `cluster` (without its log), `needed` (free space that a replica asks for)
# reflink-start           begins a copy that shares its blocks with the cluster
# reflink-freeze          makes it what the server is now; takes no longer for more data, nor for more files
# checkpoint              right before either freeze: leaves less for it to do
# replica-start           makes a copy that takes long and follows the server from then on; returns once it keeps up
# replica-freeze SECONDS  makes the replica what the server is now: waits so long at most until it has everything, ends it
# apply-undo              asks the entrypoint to put the copy in the cluster's place; `stop` or a restart must follow
# stop                    ends the server at once, whatever it is doing; the container ends with it
# undo-state              says `wanted` before the copy is in place, `starting`, `done` once the server answers
# discard                 removes the copy, finished or not, and the cluster that the last undo replaced
# keep ID                 puts the copy aside under a name
# list                    the copies put aside as JSON: `id`, `bytes`
# drop ID                 removes one of them
# use ID                  makes one of them the copy again, for apply-undo
# copy-state              which copy of another environment the cluster is, and which one waits, as JSON: `current`, `incoming`
# take-copy ID            makes the one that waits the copy, for apply-undo
# return-copy ID          the way back from that: says `replaced` when apply-undo must follow, else `kept`
# wait-again ID           after that: the copy waits again, to be switched to another time
# keep-former ID          puts the cluster that the last apply-undo replaced aside under a name
#
# Exit codes beside 0 and 1: 28 too little space (`free` and `needed` as JSON), 64 wrong use, 66 there is no such copy,
# 69 the copy was not begun, or the server was started again since.
#
# In the volume: pgdata        the cluster
#                undo          a whole copy that would start as it is; whatever else happens, it is never anything less
#                undo.new      a copy that is being made
#                undo.wanted   there from apply-undo on until the entrypoint has put the copy in place
#                pgdata.failed the cluster that was replaced
#                backups/ID    copies put aside
#                incoming      a whole copy of another environment's cluster; incoming.new: one that is being made
set -eu
if [ "$(id -u)" = 0 ]; then exec setpriv --reuid postgres --regid postgres --init-groups -- "$0" "$@"; fi

volume=$(dirname "$PGDATA")
undo=$volume/undo
new=$volume/undo.new
marker=$volume/undo.wanted
backups=$volume/backups
slot=odoo_stacks_undo
# Limits on sessions in the environment's settings are for Odoo's.
export PGOPTIONS="-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0"
export LC_ALL=C # messages are compared below

fail() {
  code=$1
  shift
  echo "odoo-stacks: $*" >&2
  exit "$code"
}
sql() { psql -XAtq --set ON_ERROR_STOP=1 --host /run/postgresql --username postgres --dbname postgres "$@"; }

# The server's process on a folder; fails when there is none. What an earlier container left in the file may be the number
# of any other process now, hence the second look: a server's working directory is its folder.
server() {
  read -r pid 2>/dev/null <"$1/postmaster.pid" && [ "$(readlink "/proc/$pid/cwd")" = "$1" ] && echo "$pid"
}

# One command at a time. What a caller that is gone has left running is ended: it would be for a release that is over.
exclusive() {
  exec 8>>/tmp/odoo-stacks-snapshot
  if ! flock --nonblock 8; then
    kill -TERM -- "-$(cat /tmp/odoo-stacks-snapshot)" || true
    flock --timeout 60 8 || fail 1 "another command of snapshot.sh is running and does not end"
  fi
  echo $$ >/tmp/odoo-stacks-snapshot
}

can_reflink() {
  probe=$(mktemp "$volume/probe.XXXXXX")
  head -c 65536 /dev/zero >"$probe"
  result=0
  cp --reflink=always "$probe" "$probe.copy" 2>/dev/null || result=1
  rm -f "$probe" "$probe.copy"
  return "$result"
}

# Renamed first: what is half removed must not look like a whole copy.
remove() {
  for folder; do
    [ ! -e "$folder" ] || mv "$folder" "$(mktemp -d "$volume/trash.XXXXXX")"
  done
  rm -rf "$volume"/trash.*
}

drop_slot() {
  sql --output /dev/null <<-SQL
	SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE slot_name = '$slot' AND active;
	SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$slot';
	SQL
}

discard() {
  [ ! -e "$marker" ] || fail 1 "the copy is about to be put in the cluster's place: nothing was removed"
  if server "$new" >/dev/null; then pg_ctl --pgdata "$new" --mode immediate --wait --silent stop; fi
  drop_slot
  remove "$new" "$undo" "$PGDATA.failed"
}

# Begins a copy in an empty place; when it does not get to `finish`, nothing of it stays.
begin() {
  exclusive
  discard
  [ -z "$(ls "$PGDATA/pg_tblspc")" ] || fail 1 "the cluster has tablespaces: they are in other places and can't be copied"
  trap 'trap - EXIT; discard' EXIT
}

# What is in undo.new is whole and on disk: from now on it is the copy.
finish() {
  mv "$new" "$undo"
  sync "$volume"
  trap - EXIT
}

free() { df --block-size=1 --output=avail "$volume" | tail -n 1 | tr -d ' '; }
size() { du --summarize --block-size=1 --exclude=pg_wal "$1" 2>/dev/null | cut -f 1; } # a file may vanish meanwhile
# A tenth more, because both grow; and the log, which either keeps up to max_wal_size of.
needed() { echo $(($1 + $1 / 10 + $(sql -c "SELECT pg_size_bytes(current_setting('max_wal_size'))"))); }
require_space() {
  needed=$(needed "$(size "$1")")
  free=$(free)
  [ "$free" -lt "$needed" ] || return 0
  printf '{"free":%s,"needed":%s}\n' "$free" "$needed"
  fail 28 "a copy needs $needed bytes free in the volume, and there are $free"
}

checkpoint() {
  exclusive
  sql -c CHECKPOINT
  if server "$new" >/dev/null; then
    # The replica's own can come no further than the server's last one that it has seen.
    wait_for_replica "$(position)" 60
    replica_sql -c CHECKPOINT
  elif [ -e "$new" ]; then
    refresh
  fi
  sync --file-system "$volume"
}

apply_undo() {
  exclusive
  if [ ! -e "$marker" ] && [ ! -e "$undo" ]; then
    # Asked again after it was done: what it replaced is there for as long as nobody has discarded it.
    [ -e "$PGDATA.failed" ] || fail 66 "there is no copy to go back to"
    return
  fi
  : >>"$marker"
  sync "$marker" "$volume"
}

stop() {
  if pid=$(server "$PGDATA"); then kill -QUIT "$pid"; fi
}

undo_state() {
  if [ -e "$marker" ]; then
    echo wanted
  elif [ "$(sql -c 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; then
    echo "done"
  else
    echo starting
  fi
}

# Checks a name and says the folder that it stands for.
backup() {
  case "${1:-}" in
    "" | .* | *[!A-Za-z0-9._-]*) fail 64 "a copy's name is made of letters, digits, dots, dashes and underscores" ;;
  esac
  echo "$backups/$1"
}

keep() {
  exclusive
  to=$(backup "$@")
  # Asked again after it was done.
  if [ -e "$to" ] && [ ! -e "$undo" ]; then return; fi
  [ -e "$undo" ] || fail 66 "there is no copy to keep"
  [ ! -e "$marker" ] || fail 1 "the copy is about to be put in the cluster's place"
  [ ! -e "$to" ] || fail 1 "there is a copy named $1 already"
  mkdir -p -m 700 "$backups"
  mv "$undo" "$to"
  sync "$backups" "$volume"
}

list() {
  separator=
  printf '['
  for folder in "$backups"/*; do
    [ -e "$folder" ] || continue
    printf '%s{"id":"%s","bytes":%s}' "$separator" "${folder##*/}" "$(size "$folder")"
    separator=,
  done
  printf ']\n'
}

drop() {
  exclusive
  folder=$(backup "$@")
  [ -e "$folder" ] || fail 66 "there is no copy named $1"
  remove "$folder"
}

use() {
  from=$(backup "$@")
  [ -e "$from" ] || fail 66 "there is no copy named $1"
  begin
  how=always
  if ! can_reflink; then
    how=never
    require_space "$from"
  fi
  cp --archive --reflink="$how" "$from" "$new"
  sync --file-system "$volume"
  finish
}

. /opt/odoo-stacks/snapshot-reflink.sh
. /opt/odoo-stacks/snapshot-replica.sh
. /opt/odoo-stacks/snapshot-copy.sh

command=${1:-}
[ $# = 0 ] || shift
case "$command" in
  can-reflink) if can_reflink; then echo yes; else echo no; fi ;;
  space)
    cluster=$(size "$PGDATA")
    printf '{"free":%s,"cluster":%s,"needed":%s}\n' "$(free)" "$cluster" "$(needed "$cluster")"
    ;;
  checkpoint) checkpoint ;;
  reflink-start) reflink_start ;;
  reflink-freeze) reflink_freeze ;;
  refresh) refresh ;;
  copy-log) copy_log ;;
  replica-start) replica_start ;;
  replica-freeze)
    case "${1:-}" in "" | *[!0-9]*) fail 64 "replica-freeze wants a number of seconds" ;; esac
    replica_freeze "$1"
    ;;
  apply-undo) apply_undo ;;
  stop) stop ;;
  undo-state) undo_state ;;
  discard)
    exclusive
    discard
    ;;
  keep) keep "$@" ;;
  list) list ;;
  drop) drop "$@" ;;
  use) use "$@" ;;
  copy-state) copy_state ;;
  take-copy) take_copy "${1:-}" ;;
  return-copy) return_copy "${1:-}" ;;
  wait-again) wait_again "${1:-}" ;;
  keep-former) keep_former "$@" ;;
  *) fail 64 "unknown command: $command" ;;
esac
