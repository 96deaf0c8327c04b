# Tells a machine how it reaches the Docker Engines of the platform's others, and which of them may reach its own. Run as root by
# sh, after lines that set FOLDER, USER_NAME, MARK, ALLOWED, KNOWN_HOSTS, MACHINES, and PEERS: a line for each with name, address,
# user and port.
set -eu
umask 077
mkdir -p "$FOLDER"
put() { printf '%s\n' "$2" >"$1.new" && mv "$1.new" "$1"; }
ssh_config() {
  printf '%s\n' "$PEERS" | while read -r name address user port; do
    [ -n "$name" ] || continue
    printf 'Host %s\n  HostName %s\n  User %s\n  Port %s\n  HostKeyAlias %s\n' "$name" "$address" "$user" "$port" "$name"
  done
  cat <<EOF
Host *
  IdentityFile $FOLDER/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile $FOLDER/known_hosts
  StrictHostKeyChecking yes
  BatchMode yes
  ConnectTimeout 5
  ServerAliveInterval 5
  ServerAliveCountMax 3
  ControlMaster no
  ControlPath /tmp/odoo-stacks-%C
EOF
}
put "$FOLDER/ssh_config" "$(ssh_config)"
put "$FOLDER/known_hosts" "$KNOWN_HOSTS"
put "$FOLDER/machines.json" "$MACHINES"

home=$(getent passwd "$USER_NAME" | cut -d : -f 6)
group=$(id -gn "$USER_NAME")
install -d -m 700 -o "$USER_NAME" -g "$group" "$home/.ssh"
keys=$home/.ssh/authorized_keys
touch "$keys"
{
  grep -v " $MARK\$" "$keys" || true
  # Docker's own way over SSH, and no other command: https://docs.docker.com/engine/security/protect-access/#use-ssh-to-protect-the-docker-daemon-socket
  [ -z "$ALLOWED" ] || printf '%s\n' "$ALLOWED" | sed 's|^|restrict,command="docker system dial-stdio" |'
} >"$keys.new"
chown "$USER_NAME:$group" "$keys.new"
chmod 600 "$keys.new"
mv "$keys.new" "$keys"
