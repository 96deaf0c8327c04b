# shellcheck shell=sh disable=SC2154 # part of snapshot.sh, which sets the variables
# A copy of the cluster that shares its blocks with it: what is copied is which blocks a file has, not what is in them.

# What changed before this time is in undo.new already; and which server it was that changed it.
since=/tmp/odoo-stacks-reflink

# The server's process and when it began.
identity() { sed -n '1p;3p' "$PGDATA/postmaster.pid" | paste --serial --delimiters ' '; }

reflink_start() {
  begin
  mkdir -m 700 "$new"
  (cd "$PGDATA" && find . -type d -print0) | (cd "$new" && xargs -0 mkdir -p -m 700)
  echo "0 $(identity)" >"$since"
  refresh
  trap - EXIT
}

reflink_freeze() {
  exclusive
  # What was written before a power cut may be on disk in part only, in the copy as in the cluster.
  [ -e "$new" ] && grep -q " $(identity)\$" "$since" \
    || fail 69 "there is no copy to freeze: none was begun, or the server was started again since"
  # In one session of the server: if it ends, so does the server's state of being copied.
  SNAPSHOT=$0 sql --set copy="$new" --file /opt/odoo-stacks/snapshot-reflink.sql
  sync --file-system "$volume"
  finish
}

# The files of a cluster but the log and what belongs to the running server: path, size, time of the last change.
files() {
  cd "$1"
  find . -ignore_readdir_race \( -path ./pg_wal -o -path './pg_replslot/*' -o -name 'pgsql_tmp*' \) -prune \
    -o -type f ! -name 'postmaster.*' -printf '%p %s %T@\n' | sort
}

# Makes undo.new like the cluster, except for the log. Of thousands of files few change in a minute: only those are copied
# again. Two changes within a tick of the clock have one time, hence all that changed lately is taken as well.
refresh() {
  work=$(mktemp -d)
  read -r before by <"$since"
  now=$(date +%s)
  files "$new" >"$work/copy"
  files "$PGDATA" >"$work/cluster"
  { comm -23 "$work/cluster" "$work/copy"; awk "\$3 >= $before - 2" "$work/cluster"; } | cut -d ' ' -f 1 | sort -u >"$work/changed"
  cut -d ' ' -f 1 "$work/cluster" >"$work/cluster.names"
  cut -d ' ' -f 1 "$work/copy" | comm -13 "$work/cluster.names" - >"$work/gone"
  (cd "$new" && xargs --no-run-if-empty --arg-file "$work/gone" rm)
  result=0
  xargs --no-run-if-empty --arg-file "$work/changed" \
    cp --archive --parents --reflink=always --target-directory="$new" 2>"$work/errors" || result=$?
  # Files that vanish while they are copied are put right by recovery. xargs has 123 for an error that cp told of.
  vanished="cannot (stat|open|access) '.*'( for reading)?: No such file or directory$|/pg_internal.init"
  if [ "$result" = 123 ] && ! grep -qvE "$vanished" "$work/errors"; then result=0; fi
  [ "$result" = 0 ] || cat "$work/errors" >&2
  echo "$now $by" >"$since"
  rm -r "$work"
  return "$result"
}

# For snapshot-reflink.sql: the files of the log that it lists.
copy_log() {
  cd "$PGDATA/pg_wal"
  xargs cp --archive --reflink=always --target-directory="$new/pg_wal"
}
