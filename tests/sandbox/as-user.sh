#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a test program as an ordinary user when called by root; says so when that has no point.
if [ "$(id -u)" != 0 ]; then
  echo '1..0 # SKIP not root, so the test without this has run as an ordinary user'
  exit 0
fi
if ! setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$1"; then
  echo '1..0 # SKIP an ordinary user cannot reach this checkout'
  exit 0
fi
exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
