#!/usr/bin/env bash
# While a run goes on it is served: a page, the points so far, an event stream, metrics. Then it is
# over, the stream ends in order, and nothing listens any more. Wrong addresses are usage errors.
source "$(dirname "$0")/lib.sh"
"$root/streamgauge" run idle-heartbeat --check 'heartbeat.*' --live --metrics 127.0.0.1:0 \
  --report "$work/report" >"$work/run.out" 2>"$work/run.err" </dev/null &
pid=$!
children+=($pid)
for _ in $(seq 400); do
  live=$(sed -n 's|.*live view at \(http://[^ ]*\)/$|\1|p' "$work/run.err")
  metrics=$(sed -n 's|.*metrics at \(http://[^ ]*\)$|\1|p' "$work/run.err")
  [[ -n $live && -n $metrics ]] && break
  sleep 0.05
done
[[ -n $live && -n $metrics ]] || fail "nothing says where the live view listens"
curl -sN --max-time 100 "$live/events?channel=live" >"$work/stream.out" &
stream=$!
children+=($stream)
curl -s "$live/" >"$work/page.out"
grep -q '<canvas data-plot="live-throughput"' "$work/page.out" || fail "the page has no plots"
for _ in $(seq 200); do
  curl -s "$metrics" >"$work/metrics.out"
  grep -q '^streamgauge_streams_open [1-9]' "$work/metrics.out" && break
  sleep 0.1
done
grep -q '^streamgauge_streams_open [1-9]' "$work/metrics.out" || fail "/metrics shows no open stream"
/usr/bin/python3 "$root/tests/interop/formats/openmetrics.py" "$work/metrics.out" || fail "/metrics is not OpenMetrics"
curl -s "$live/points" >"$work/points.out"
node -e '
  const points = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  const last = points[points.length - 1];
  if (!(points.length > 0 && last.running[0].scenario === "idle-heartbeat" && last.streams > 0)) process.exit(1);
' "$work/points.out" || fail "/points does not tell of the run"
[[ $(curl -s -o /dev/null -w '%{http_code}' -X POST -d x "$live/publish?channel=live") == 403 ]] ||
  fail "anybody may publish to the live view"
wait $pid
status=$?
((status == 0 || status == 5)) || fail "exit code $status"
wait $stream || fail "the event stream was cut: curl says $?"
grep -q '^event: point' "$work/stream.out" || fail "no point came over the event stream"
grep -q '^event: over' "$work/stream.out" || fail "the end was not told"
curl -s --max-time 2 "$live/" >/dev/null && fail "it still listens after the run"
sg badlive run idle-heartbeat --live=nowhere
expect_status 2 "--live=nowhere"
expect_text badlive '--live: .nowhere. is no address'
exit 0
