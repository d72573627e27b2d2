#!/usr/bin/env bash
# usage: eventsource.sh PATH-OF-SSE-REFERENCE-SERVER
here=$(dirname "$(readlink -f "$0")")
"$here/../npm-ci" "$here" || exit
exec node "$here/eventsource.mjs" "$1"
