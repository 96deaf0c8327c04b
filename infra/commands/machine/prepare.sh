# Prepares a machine to carry a part of a platform. Run as root by sh, after disk.sh and lines that set USER_NAME, PEERS,
# SWAP_MEGABYTES, DATA_DISK and NOW, the seconds since 1970 on the computer that asks. Does nothing where all is as it should be, and
# leaves what it finds: a Docker Engine, data, swap, settings.
# Ends with one line of JSON on standard output; exit code 65 is a refusal that the last line on standard error explains.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
systemd() { [ -d /run/systemd/system ]; }
docker_answers() { has docker && docker info >/dev/null 2>&1; }

[ "$(id -u)" = 0 ] || refuse "root is needed: log in as root, or as a user whose sudo asks for no password"
# Certificates, logs and the order of backups need the right time, and the same one on all machines.
ahead=$(($(date +%s) - NOW))
[ "${ahead#-}" -le 30 ] || refuse "its clock is ${ahead#-} seconds $([ "$ahead" -gt 0 ] && echo ahead || echo behind): set the time, and keep it by NTP (timedatectl set-ntp true)"
. /etc/os-release
case " $ID ${ID_LIKE:-} " in
  *" debian "* | *" ubuntu "*) ;;
  *) docker_answers || refuse "$PRETTY_NAME is neither Debian nor Ubuntu: install Docker Engine on it, then try again" ;;
esac

# A machine in a cloud may still be setting itself up.
! has cloud-init || timeout 900 cloud-init status --wait </dev/null >/dev/null 2>&1 || true

# The disk comes first: Docker keeps everything on it.
[ -z "$DATA_DISK" ] || mount_data "$(disk_of "$DATA_DISK")"

packages=
docker_answers || has dockerd || packages="docker.io iptables ca-certificates"
if systemd; then
  has unattended-upgrade || packages="$packages unattended-upgrades"
  has chronyd || has ntpd || [ -e /lib/systemd/systemd-timesyncd ] || packages="$packages chrony"
fi
if [ -n "$packages" ]; then
  say "installing $packages"
  apt-get update -qq >&2
  # shellcheck disable=SC2086
  apt-get install -yqq --no-install-recommends $packages >&2
fi

if ! docker_answers; then
  say "starting Docker"
  if systemd; then
    systemctl enable --quiet --now docker
  else
    setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null &
  fi
  tries=0
  until docker_answers; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || refuse "Docker does not start: see journalctl -u docker, or /var/log/dockerd.log"
    sleep 1
  done
fi
if [ "$USER_NAME" != root ] && ! id -nG "$USER_NAME" | tr ' ' '\n' | grep -qx docker; then
  say "letting $USER_NAME use Docker"
  usermod --append --groups docker "$USER_NAME"
fi

if systemd; then
  systemctl enable --quiet --now unattended-upgrades 2>/dev/null || true
  printf 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n' >/etc/apt/apt.conf.d/20auto-upgrades
  timedatectl set-ntp true 2>/dev/null || true
fi

# PostgreSQL's cache is memory that is in use, although it looks idle: it must not be written out to make room for files.
settings=/etc/sysctl.d/60-odoo-stacks.conf
if [ "$(cat "$settings" 2>/dev/null)" != "vm.swappiness = 10" ]; then
  echo "vm.swappiness = 10" >"$settings"
  sysctl --quiet --load "$settings" 2>/dev/null || say "vm.swappiness stays as it is until the next start"
fi
if [ "$SWAP_MEGABYTES" -gt 0 ] && [ -z "$(swapon --show --noheadings)" ]; then
  say "making $SWAP_MEGABYTES MB of swap"
  dd if=/dev/zero of=/swapfile bs=1M count="$SWAP_MEGABYTES" status=none
  chmod 600 /swapfile
  mkswap --quiet /swapfile
  grep -q '^/swapfile ' /etc/fstab || echo '/swapfile none swap sw 0 0' >>/etc/fstab
  swapon /swapfile
fi

# Swarm's ports are for the platform's machines alone; everything else is left to whoever looks after the machine. One that is about
# to leave is let in until it has left: otherwise the managers would lose their majority before it can say so.
members=$(docker node ls --quiet 2>/dev/null | xargs -r docker node inspect --format '{{.Status.Addr}}' 2>/dev/null || true)
allowed=$(printf '%s\n' $PEERS $members | sort -u)
firewall=/usr/local/sbin/odoo-stacks-firewall
cat >"$firewall.new" <<EOF
#!/bin/sh
# Written by odoo-stacks: Swarm's ports are for the platform's machines alone.
set -eu
guard() {
  tool=\$1
  shift
  \$tool --wait --new-chain ODOO-STACKS 2>/dev/null || \$tool --wait --flush ODOO-STACKS
  \$tool --wait --append ODOO-STACKS --in-interface lo --jump RETURN
  for peer; do \$tool --wait --append ODOO-STACKS --source "\$peer" --jump RETURN; done
  \$tool --wait --append ODOO-STACKS --jump DROP
  for port in tcp:2377 tcp:7946 udp:7946 udp:4789; do
    rule="INPUT --protocol \${port%:*} --destination-port \${port#*:} --jump ODOO-STACKS"
    \$tool --wait --check \$rule 2>/dev/null || \$tool --wait --insert \$rule
  done
}
guard iptables $(printf '%s\n' $allowed | grep -v : | tr '\n' ' ')
[ ! -s /proc/net/if_inet6 ] || guard ip6tables $(printf '%s\n' $allowed | grep : | tr '\n' ' ')
EOF
if ! cmp -s "$firewall.new" "$firewall"; then
  mv "$firewall.new" "$firewall"
  chmod 755 "$firewall"
  if systemd; then
    cat >/etc/systemd/system/odoo-stacks-firewall.service <<EOF
[Unit]
Description=Swarm's ports are for the platform's machines alone
Before=docker.service
[Service]
Type=oneshot
ExecStart=$firewall
RemainAfterExit=yes
[Install]
WantedBy=multi-user.target
EOF
    systemctl enable --quiet odoo-stacks-firewall
  fi
fi
rm -f "$firewall.new"
"$firewall"

# By this key the machine reaches the Docker Engines of the others.
key=/etc/odoo-stacks/id_ed25519
if [ -n "$PEERS" ] && [ ! -e "$key" ]; then
  has ssh-keygen || apt-get install -yqq --no-install-recommends openssh-client >&2
  install -d -m 700 /etc/odoo-stacks
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
fi
public_key=$(cut -d ' ' -f 1,2 "$key.pub" 2>/dev/null || true)
host_key=$(cat /etc/ssh/ssh_host_ed25519_key.pub /etc/ssh/ssh_host_ecdsa_key.pub /etc/ssh/ssh_host_rsa_key.pub 2>/dev/null | head -n 1 | cut -d ' ' -f 1,2)

printf '{"docker":"%s","system":"%s","publicKey":"%s","hostKey":"%s"}\n' \
  "$(docker version --format '{{.Server.Version}}')" "$PRETTY_NAME" "$public_key" "$host_key"
