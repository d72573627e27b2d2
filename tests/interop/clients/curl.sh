#!/usr/bin/env bash
# `curl -N` shows every event's bytes as they come.
# usage: curl.sh PATH-OF-SSE-REFERENCE-SERVER
set -euo pipefail
work=$(mktemp -d)
trap 'kill "$curl_pid" "$server_pid" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
curl_pid="" server_pid=""
wait_for() {  # a condition, within 10 s
  for _ in $(seq 200); do eval "$1" && return 0; sleep 0.05; done
  echo "curl: waited in vain for: $1" >&2
  exit 1
}
"$1" --port 0 --admin-port 0 --time-scale 0.05 >"$work/server" &
server_pid=$!
wait_for 'grep -q "listening on" "$work/server"'
url=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$work/server")
curl -sSN -D "$work/head" "$url/events?channel=c" >"$work/body" &
curl_pid=$!
wait_for 'grep -qi "^content-type: text/event-stream" "$work/head"'
printf 'one\ntwo' | curl -sS --data-binary @- "$url/publish?channel=c&event=greeting" >/dev/null
wait_for 'grep -q "^data: two" "$work/body"'
for expected in '^event: greeting$' '^data: one$' '^data: two$' '^id: .'; do
  tr -d '\r' <"$work/body" | grep -q "$expected" ||
    { echo "curl: no line like $expected in:" >&2; cat "$work/body" >&2; exit 1; }
done
wait_for 'grep -q "^:" "$work/body"'  # a heartbeat
kill -TERM "$server_pid"
wait "$server_pid" || { echo "curl: the server's exit code was $?" >&2; exit 1; }
wait "$curl_pid" || { echo "curl: the stream was cut, not ended (curl's exit code $?)" >&2; exit 1; }
echo "curl: event, heartbeat and a clean end seen"
