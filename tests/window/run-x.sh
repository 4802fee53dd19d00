#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs one command on an X server and a session bus of its own, and ends all of it afterwards.
# usage: run-x.sh COMMAND…   SOUK_X_SIZE is the screen's size (1280x900 unless told)
set -euo pipefail

dir=$(mktemp -d)
server=
finish () {
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  # A document portal that a session bus has started leaves a mount behind.
  umount "$dir/run/doc" 2>/dev/null || true
  rm -rf "$dir"
}
trap finish EXIT

Xvfb -displayfd 3 -screen 0 "${SOUK_X_SIZE:-1280x900}x24" -nolisten tcp -noreset 3>"$dir/display" 2>"$dir/x.log" &
server=$!
for _ in $(seq 1200); do [ -s "$dir/display" ] && break; sleep 0.05; done
[ -s "$dir/display" ] || { cat "$dir/x.log" >&2; echo "run-x.sh: the X server did not start" >&2; exit 1; }

mkdir -p -m 0700 "$dir/run" "$dir/home" "$dir/config/gtk-4.0"
# Without a settings daemon GTK takes any font that it finds first.
printf '[Settings]\ngtk-font-name=Cantarell 11\n' >"$dir/config/gtk-4.0/settings.ini"
unset WAYLAND_DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS
export DISPLAY=:$(cat "$dir/display") GDK_BACKEND=x11 XDG_RUNTIME_DIR=$dir/run HOME=$dir/home
export XDG_CONFIG_HOME=$dir/config XDG_DATA_HOME=$dir/home/data XDG_CACHE_HOME=$dir/home/cache
export GSK_RENDERER=${GSK_RENDERER:-cairo} GSETTINGS_BACKEND=${GSETTINGS_BACKEND:-memory}
export GTK_A11Y=${GTK_A11Y:-test} GTK_USE_PORTAL=0 ADW_DISABLE_PORTAL=1
status=0
dbus-run-session -- "$@" || status=$?
exit $status
