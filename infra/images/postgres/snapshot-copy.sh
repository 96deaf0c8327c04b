# shellcheck shell=sh disable=SC2154 # part of snapshot.sh, which sets the variables
# The copy of another environment's cluster, which is made beside the own one (infra/operator/copy), and the switch to it.

# A whole copy that waits to be switched to, and the file in a cluster that says which copy it came from.
incoming=$volume/incoming
origin=odoo-stacks.copy

copy_of() { cat "$1/$origin" 2>/dev/null || true; }

copy_state() { printf '{"current":"%s","incoming":"%s"}\n' "$(copy_of "$PGDATA")" "$(copy_of "$incoming")"; }

# Makes the copy what `apply-undo` puts in the cluster's place.
take_copy() {
  exclusive
  # Asked again after it was done.
  if [ "$(copy_of "$undo")" = "$1" ] || [ "$(copy_of "$PGDATA")" = "$1" ]; then return; fi
  [ -n "$1" ] && [ "$(copy_of "$incoming")" = "$1" ] || fail 66 "there is no copy named $1 to switch to"
  discard
  mv "$incoming" "$undo"
  sync "$volume"
}

# The way back: what the copy has replaced becomes what `apply-undo` puts in place; one that is not in place yet is dropped.
return_copy() {
  exclusive
  if [ -e "$undo" ] && [ "$(copy_of "$undo")" = "$1" ]; then
    rm -f "$marker"
    sync "$volume"
    remove "$undo"
    echo kept
  elif [ "$(copy_of "$PGDATA")" = "$1" ] && [ -e "$PGDATA.failed" ]; then
    mv "$PGDATA.failed" "$undo"
    sync "$volume"
    echo replaced
  else
    echo kept
  fi
}

# After the way back: the copy, which is what was replaced then, waits again.
wait_again() {
  exclusive
  [ "$(copy_of "$PGDATA.failed")" = "$1" ] || return 0
  remove "$incoming"
  rm -f "$PGDATA.failed/postmaster.pid" "$PGDATA.failed/postmaster.opts"
  mv "$PGDATA.failed" "$incoming"
  sync "$volume"
}

# What the copy has replaced is put aside under a name.
keep_former() {
  exclusive
  to=$(backup "$@")
  [ -e "$PGDATA.failed" ] || return 0
  [ ! -e "$to" ] || fail 1 "there is a copy named $1 already"
  mkdir -p -m 700 "$backups"
  mv "$PGDATA.failed" "$to"
  sync "$backups" "$volume"
}
