# Has a machine of AWS send its memory, its disks and its containers' logs to CloudWatch. Run as root by sh, after lines that set REGION,
# AGENT, the folder that the agent is installed in, and CONFIG, its configuration. Does nothing where all is as it should be.
# Ends with one line of JSON on standard output; exit code 65 is a refusal that the last line on standard error explains.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
say() { echo "$*" >&2; }
refuse() { say "$*"; exit 65; }
has() { command -v "$1" >/dev/null 2>&1; }
control() { "$AGENT/bin/amazon-cloudwatch-agent-ctl" "$@"; }
running() { control -a status 2>/dev/null | grep -q '"status": "running"'; }

[ "$(id -u)" = 0 ] || refuse "root is needed: log in as root, or as a user whose sudo asks for no password"
. "${OS_RELEASE:-/etc/os-release}"

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/verify-CloudWatch-Agent-Package-Signature.html has the addresses, and
# the fingerprint of the key that AWS signs the agent with.
key=937616F3450B7D806CBD9725D58167303B789C72
fetch() {
  curl --fail --silent --show-error --location --retry 3 --max-time 300 --output "$folder/$1" "$2" >&2 ||
    refuse "$2 can't be fetched: the machine needs a way to S3, through the internet, a NAT gateway or a gateway endpoint"
}
install_package() {
  missing=
  has curl || missing="curl ca-certificates"
  has gpg || missing="$missing gnupg"
  # shellcheck disable=SC2086
  [ -z "$missing" ] || { apt-get update -qq >&2 && apt-get install -yqq --no-install-recommends $missing >&2; }
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  package=https://amazoncloudwatch-agent-$REGION.s3.$REGION.amazonaws.com/$1/$(dpkg --print-architecture)/latest/amazon-cloudwatch-agent.deb
  fetch agent.deb "$package"
  fetch agent.deb.sig "$package.sig"
  fetch key.gpg https://amazoncloudwatch-agent.s3.amazonaws.com/assets/amazon-cloudwatch-agent.gpg
  GNUPGHOME=$folder/gnupg
  export GNUPGHOME
  mkdir -m 700 "$GNUPGHOME"
  gpg --batch --quiet --import "$folder/key.gpg" 2>/dev/null || true
  said=$(gpg --batch --status-fd 1 --verify "$folder/agent.deb.sig" "$folder/agent.deb" 2>/dev/null || true)
  printf '%s\n' "$said" | grep -q "^\[GNUPG:\] VALIDSIG .* $key\$" ||
    refuse "the CloudWatch agent from $package is not signed by AWS's key $key: it was not installed"
  dpkg --install "$folder/agent.deb" >&2
}
if [ ! -x "$AGENT/bin/amazon-cloudwatch-agent-ctl" ]; then
  say "installing the CloudWatch agent"
  case "$ID" in
    debian | ubuntu) install_package "$ID" ;;
    amzn) dnf install --quiet --assumeyes amazon-cloudwatch-agent >&2 ;;
    *) refuse "$PRETTY_NAME: AWS has the CloudWatch agent for Debian, Ubuntu and Amazon Linux; install it, then try again" ;;
  esac
fi

file=$AGENT/etc/odoo-stacks.json
if [ "$(cat "$file.applied" 2>/dev/null || true)" != "$CONFIG" ] || ! running; then
  say "configuring the CloudWatch agent"
  mkdir -p "$AGENT/etc"
  printf '%s\n' "$CONFIG" >"$file"
  control -a fetch-config -m ec2 -s -c "file:$file" >&2 || refuse "the CloudWatch agent refuses its configuration: see $AGENT/logs"
  tries=0
  until running; do
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || refuse "the CloudWatch agent does not stay up: see $AGENT/logs/amazon-cloudwatch-agent.log"
    sleep 1
  done
  cp "$file" "$file.applied"
fi
printf '{"agent":"%s"}\n' "$(cat "$AGENT/bin/CWAGENT_VERSION" 2>/dev/null || echo unknown)"
