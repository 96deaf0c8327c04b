#!/bin/sh
# Puts the copy of the cluster in the cluster's place, as `snapshot.sh apply-undo` asked. Run by the entrypoint while no server
# is running. A power cut may come at any point: run again, it goes on from there.
set -eu
volume=$(dirname "$PGDATA")
undo=$volume/undo
failed=$PGDATA.failed
say() { echo "odoo-stacks: $*" >&2; }

if [ -e "$undo" ]; then
  say "putting the copy in the cluster's place"
  # Recovery begins a timeline of the copy's own, so that nobody who follows or archives the log takes the two for one. Nor may
  # it be one that the cluster has been on since the copy was made.
  for wal in "$PGDATA/pg_wal" "$failed/pg_wal"; do
    find "$wal" -name '*.history' -exec cp --archive --target-directory="$undo/pg_wal" {} + 2>/dev/null || true
  done
  rm -f "$undo/standby.signal"
  : >"$undo/recovery.signal"
  # The copy has all the log that it needs. Without a session, a server ends as soon as it could begin to serve.
  postgres --single -D "$undo" -c restore_command=false -c recovery_target_timeline=current \
    -c hot_standby=off -c recovery_init_sync_method=syncfs postgres </dev/null >/dev/null
  sync --file-system "$volume"
  if [ -e "$PGDATA" ]; then
    rm -rf "$failed" # of an earlier undo
    mv "$PGDATA" "$failed"
    sync "$volume"
  fi
  mv "$undo" "$PGDATA"
  sync "$volume"
elif ! [ -e "$failed" ] || ! [ -e "$PGDATA" ]; then
  say "$volume/undo.wanted asks for the copy in $undo, which is not there. Nothing was changed: remove the file to go on with the cluster as it is."
  exit 78 # EX_CONFIG of sysexits.h: starting again will not help
fi
rm "$volume/undo.wanted"
sync "$volume"
say "the copy is in place; what it replaced is in $failed"
