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
  # Odoo's own Python packages are Debian's; what pip adds goes before them on Python's path.
  python3 -m pip install --no-cache-dir --break-system-packages --root-user-action=ignore -r requirements.txt
fi
rm -rf /var/lib/apt/lists/*
