# Tells a machine how it reaches the Docker Engines of the platform's others, and which of them may reach its own. Run as root by
# sh, after lines that set FOLDER, USER_NAME, MARK, ALLOWED, SSH_CONFIG, KNOWN_HOSTS and MACHINES.
set -eu
umask 077
mkdir -p "$FOLDER"
put() { printf '%s\n' "$2" >"$1.new" && mv "$1.new" "$1"; }
put "$FOLDER/ssh_config" "$SSH_CONFIG"
put "$FOLDER/known_hosts" "$KNOWN_HOSTS"
put "$FOLDER/machines.json" "$MACHINES"

home=$(getent passwd "$USER_NAME" | cut -d : -f 6)
group=$(id -gn "$USER_NAME")
install -d -m 700 -o "$USER_NAME" -g "$group" "$home/.ssh"
keys=$home/.ssh/authorized_keys
touch "$keys"
{
  grep -vF " $MARK" "$keys" || true
  # Docker's own way over SSH, and no other command: https://docs.docker.com/engine/security/protect-access/#use-ssh-to-protect-the-docker-daemon-socket
  [ -z "$ALLOWED" ] || printf '%s\n' "$ALLOWED" | sed 's|^|restrict,command="docker system dial-stdio" |'
} >"$keys.new"
chown "$USER_NAME:$group" "$keys.new"
chmod 600 "$keys.new"
mv "$keys.new" "$keys"
