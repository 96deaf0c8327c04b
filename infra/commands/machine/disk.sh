# What prepares a machine's disk for Docker's data, for prepare.sh and userData.sh.
say() { echo "$*" >&2; }
refuse() { say "$*"; exit 65; }
has() { command -v "$1" >/dev/null 2>&1; }

# The disk of an EBS volume, whose ID it tells as its serial number; any other name is a disk's own. Both lead to the kernel's name.
# https://docs.aws.amazon.com/ebs/latest/userguide/identify-nvme-ebs-device.html
disk_of() {
  case "$1" in
    vol-*) readlink -m "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol${1#vol-}" ;;
    *) readlink -m "$1" ;;
  esac
}

# Mounts a disk where Docker keeps everything. Only a disk without anything on it gets a file system; one that has another than ours
# is refused.
mount_data() {
  disk=$1
  if [ "$(findmnt --noheadings --output TARGET --source "$disk" || true)" != /var/lib/docker ]; then
    [ -b "$disk" ] || refuse "$disk is no disk of this machine"
    [ -z "$(findmnt --noheadings --output TARGET --source "$disk" || true)" ] || refuse "$disk is mounted elsewhere"
    if [ "$(blkid --match-tag LABEL --output value "$disk" || true)" != odoo-stacks ]; then
      found=$(wipefs --noheadings --output TYPE "$disk" | tr '\n' ' ')
      parts=$(lsblk --noheadings --output NAME "$disk" | wc -l)
      [ -z "$found" ] && [ "$parts" = 1 ] || refuse "$disk is not empty (${found:-partitions}): it was left as it is"
    fi
    if [ -d /var/lib/docker ] && [ -n "$(ls -A /var/lib/docker)" ]; then
      refuse "Docker has data in /var/lib/docker already: a disk can be given only to a machine without"
    fi
    has mkfs.xfs || { apt-get update -qq && apt-get install -yqq --no-install-recommends xfsprogs >&2; }
    if [ "$(blkid --match-tag LABEL --output value "$disk" || true)" != odoo-stacks ]; then
      say "making a file system on $disk"
      mkfs.xfs -q -m reflink=1 -L odoo-stacks "$disk"
    fi
    mkdir -p /var/lib/docker
    grep -q '^LABEL=odoo-stacks ' /etc/fstab || echo 'LABEL=odoo-stacks /var/lib/docker xfs defaults 0 2' >>/etc/fstab
    mount "$disk" /var/lib/docker
  fi
  # The disk may have become larger.
  xfs_growfs /var/lib/docker >/dev/null || say "the file system of $disk does not grow"
}
