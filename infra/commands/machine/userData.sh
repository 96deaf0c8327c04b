# What an instance of AWS does at its first start. Run as root by cloud-init, after disk.sh and lines that set REGION, AGENT (yes or no)
# and VOLUME, the ID of the volume with its data. It has no secrets: whoever may describe the instance reads it.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
attempts() {
  left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || refuse "gave up: $*"
    sleep 5
  done
}
install() { apt-get install -yqq --no-install-recommends "$@"; }

# The way out, by a gateway or a public address, may be there later than the instance.
attempts 60 apt-get update -qq -o APT::Update::Error-Mode=any
install ca-certificates curl xfsprogs

# The agent first: through it people can look at what else fails. Debian's images come without it.
# https://docs.aws.amazon.com/systems-manager/latest/userguide/agent-install-deb.html
if [ "$AGENT" = yes ]; then
  package=$(mktemp --suffix=.deb)
  attempts 12 curl --fail --silent --show-error --output "$package" \
    "https://s3.$REGION.amazonaws.com/amazon-ssm-$REGION/latest/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb"
  dpkg --install "$package"
  rm "$package"
  systemctl enable --now amazon-ssm-agent
fi

# The volume is attached once the instance runs. It is mounted before there is a Docker, which would make data of its own elsewhere: so
# an instance in the place of another one is the same node of the Swarm, with the same containers.
attached() { [ -b "$(disk_of "$VOLUME")" ]; }
attempts 180 attached
mount_data "$(disk_of "$VOLUME")"
install docker.io iptables
