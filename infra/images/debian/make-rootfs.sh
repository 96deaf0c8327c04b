#!/bin/sh
# Makes the root file system of a small Debian and writes it as a tar archive.
# Usage: make-rootfs.sh SUITE ARCHIVE [MIRROR]   (as root; without MIRROR, debootstrap's own default)
set -eu
suite=$1
archive=$2
mirror=${3:-}
work=$(mktemp -d "$(dirname "$archive")/rootfs.XXXXXX")
chmod 755 "$work" # it becomes the root folder
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

echo "debootstrap: a minimal Debian $suite" >&2
# A debootstrap older than the suite has no script for it, but knows how Debian's suites are made in general.
scripts=${DEBOOTSTRAP_DIR:-/usr/share/debootstrap}/scripts
script=
[ -e "$scripts/$suite" ] || script=$scripts/sid
debootstrap --variant=minbase "$suite" "$work" ${mirror:+"$mirror"} ${script:+"${mirror:-}" "$script"} >&2

# Files that no container reads. Odoo's own translations are elsewhere and stay.
cat >"$work/etc/dpkg/dpkg.cfg.d/odoo-stacks" <<'EXCLUDE'
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
path-include=/usr/share/locale/locale.alias
# An image that is interrupted while it is made is thrown away: nothing is gained by waiting for the disk.
force-unsafe-io
EXCLUDE
cat >"$work/etc/apt/apt.conf.d/odoo-stacks" <<'APT'
Acquire::Languages "none";
Acquire::Retries "3";
APT::Install-Recommends "false";
APT
# Services belong in containers of their own: packages must not start any.
printf '#!/bin/sh\nexit 101\n' >"$work/usr/sbin/policy-rc.d"
chmod 755 "$work/usr/sbin/policy-rc.d"

# Security updates, from beside the main archive, where the mirror has them.
used=$(awk '$1 == "deb" { print $2; exit }' "$work/etc/apt/sources.list")
echo "deb ${used%/debian*}/debian-security $suite-security main" >"$work/etc/apt/sources.list.d/security.list"
if chroot "$work" apt-get update -qq >&2; then
  echo "apt-get: security updates" >&2
  DEBIAN_FRONTEND=noninteractive chroot "$work" apt-get dist-upgrade -y -qq >&2
else
  echo "the mirror has no security updates for $suite: going on without" >&2
  rm "$work/etc/apt/sources.list.d/security.list"
fi
chroot "$work" apt-get clean
rm -rf "$work"/var/lib/apt/lists/* "$work"/var/cache/apt/*.bin "$work"/var/log/*.log \
  "$work"/usr/share/doc/* "$work"/usr/share/man/* "$work"/usr/share/locale/*
: >"$work/etc/resolv.conf"
: >"$work/etc/hostname"

tar --numeric-owner -C "$work" -cf "$archive" .
