#!/bin/sh
# Installs what the user's modules need beside Odoo: Debian packages named in packages.txt, one a line, and Python packages
# named in requirements.txt. Runs while the image is built, beside those two files; `#` begins a comment.
set -eu
cd "$(dirname "$0")"

packages=$(sed 's/#.*//' packages.txt)
python=$(sed 's/#.*//' requirements.txt | grep '[^[:space:]]' || true)
[ -z "$packages$python" ] && exit 0

apt-get -o Acquire::Check-Valid-Until=false update -qq
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one argument a package is meant
[ -z "$packages" ] || apt-get install -y -qq --no-install-recommends $packages
if [ -n "$python" ]; then
  python3 -m pip --version >/dev/null 2>&1 || apt-get install -y -qq --no-install-recommends python3-pip
  # Behind a company's proxy, what the machine trusts is more than what the image does; it is copied here for the build.
  [ ! -e ca-certificates.crt ] || export PIP_CERT="$PWD/ca-certificates.crt"
  # Where Python looks first (PYTHONUSERBASE in the Dockerfile), because pip can't replace what Debian's packages brought.
  python3 -m pip install --user --no-cache-dir --break-system-packages --no-warn-script-location -r requirements.txt
fi
rm -rf /var/lib/apt/lists/*
