# Mounts a file system of Amazon EFS, encrypted on its way. Run as root by sh, after lines that set ADDRESS, the file system's DNS
# name; MOUNT_POINT, an absolute path; TLS_PORT, a free port of this machine; AUTHORITIES, the file with the certificates that the system
# trusts; FOLDER, for settings; UNITS, where systemd looks for its own; and PAUSE, seconds between attempts. Does nothing where it is mounted; exit code 65 is a refusal that the last line on standard error explains.
set -eu
umask 022
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
say() { echo "$*" >&2; }
refuse() { say "$*"; exit 65; }
has() { command -v "$1" >/dev/null 2>&1; }

[ "$(id -u)" = 0 ] || refuse "root is needed: log in as root, or as a user whose sudo asks for no password"
has systemctl || refuse "systemd is needed: it keeps the file system mounted"

settings=$FOLDER/efs.conf
mounted=$(findmnt --noheadings --output FSTYPE --mountpoint "$MOUNT_POINT" 2>/dev/null | tail -n 1 || true)
case $mounted in
  '' | autofs | nfs4) ;;
  *) refuse "$MOUNT_POINT is mounted already, with a file system of type $mounted" ;;
esac
if [ -z "$mounted" ] && [ -d "$MOUNT_POINT" ] && [ -n "$(ls -A "$MOUNT_POINT")" ]; then
  refuse "$MOUNT_POINT is not empty: what is in it would be hidden"
fi
before=$(sed -n 's/^connect = \(.*\):2049$/\1/p' "$settings" 2>/dev/null || true)
if [ -n "$mounted" ] && [ -n "$before" ] && [ "$before" != "$ADDRESS" ]; then
  refuse "$MOUNT_POINT is $before: when nothing uses it any more, systemctl stop its automount unit and its mount unit"
fi

packages=
has stunnel4 || packages="stunnel4"
has mount.nfs4 || packages="$packages nfs-common"
[ -s "$AUTHORITIES" ] || packages="$packages ca-certificates"
if [ -n "$packages" ]; then
  has apt-get || refuse "these are missing, and this is neither Debian nor Ubuntu: $packages"
  say "installing $packages"
  apt-get update -qq >&2
  # shellcheck disable=SC2086
  apt-get install -yqq --no-install-recommends $packages >&2
fi

# Writes a file where it says something else, and remembers that.
changed=
put() {
  cat >"$1.new"
  if cmp -s "$1.new" "$1"; then
    rm -f "$1.new"
  else
    mv "$1.new" "$1"
    changed=yes
  fi
}

mkdir -p "$FOLDER" "$UNITS"
# As Amazon's own mount helper has it: the certificate has to be the file system's, and Amazon's authority among those that the
# system trusts. The name is looked up for each connection: its address may change.
put "$settings" <<EOF
foreground = yes
pid =
syslog = no
debug = 4
socket = l:SO_REUSEADDR=yes
socket = r:SO_KEEPALIVE=1
[efs]
client = yes
accept = 127.0.0.1:$TLS_PORT
connect = $ADDRESS:2049
delay = yes
sslVersionMin = TLSv1.2
renegotiation = no
verifyChain = yes
CAfile = $AUTHORITIES
checkHost = $ADDRESS
TIMEOUTbusy = 20
TIMEOUTclose = 0
TIMEOUTidle = 70
EOF
put "$UNITS/odoo-stacks-efs.service" <<EOF
[Unit]
Description=Encrypts what goes to $ADDRESS
Wants=network-online.target
After=network-online.target
[Service]
ExecStart=$(command -v stunnel4) $settings
Restart=always
RestartSec=1
DynamicUser=yes
[Install]
WantedBy=multi-user.target
EOF
unit=$(systemd-escape --path "$MOUNT_POINT")
# Options: https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-nfs-mount-settings.html
put "$UNITS/$unit.mount" <<EOF
[Unit]
Description=Files in $ADDRESS
Wants=odoo-stacks-efs.service
After=odoo-stacks-efs.service
[Mount]
What=127.0.0.1:/
Where=$MOUNT_POINT
Type=nfs4
Options=nfsvers=4.1,port=$TLS_PORT,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,_netdev
TimeoutSec=150
EOF
# Mounted by whoever looks first, and again after a failure: a container never finds the empty folder below it.
put "$UNITS/$unit.automount" <<EOF
[Unit]
Description=Files in $ADDRESS
[Automount]
Where=$MOUNT_POINT
[Install]
WantedBy=multi-user.target
EOF

if [ -n "$changed" ]; then
  systemctl daemon-reload
  systemctl enable --quiet odoo-stacks-efs.service "$unit.automount"
  # Whoever reads or writes meanwhile waits for the new connection.
  systemctl restart odoo-stacks-efs.service
fi
systemctl start odoo-stacks-efs.service
[ -n "$mounted" ] || systemctl start "$unit.automount"
tries=0
until ls "$MOUNT_POINT" >/dev/null 2>&1 && [ "$(stat --file-system --format %T "$MOUNT_POINT")" = nfs ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 3 ] || refuse "$ADDRESS can't be mounted: see journalctl -u odoo-stacks-efs -u $unit.mount; its security group must let this machine in on port 2049"
  sleep "$PAUSE"
done
for folder in $FOLDERS; do
  mkdir -p "$MOUNT_POINT/$folder"
done
