#!/bin/sh
# Starts Mailpit. The page's password is a file, which nobody sees who may only look at containers.
set -eu
MP_UI_AUTH="mail:$(cat /run/secrets/mail_password)"
export MP_UI_AUTH
exec /mailpit
