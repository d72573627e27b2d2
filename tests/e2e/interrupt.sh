#!/usr/bin/env bash
# Ctrl-C ends a run in order: reports are written, no child and no temporary folder is left.
source "$(dirname "$0")/lib.sh"
export TMPDIR="$work/tmp"
mkdir -p "$TMPDIR"
"$root/streamgauge" run steady-fanout --report "$work/report" >"$work/run.out" 2>"$work/run.err" </dev/null &
pid=$!
children+=($pid)
for _ in $(seq 200); do compgen -G "$TMPDIR/streamgauge-*" >/dev/null && break; sleep 0.05; done
sleep 1
kill -TERM $pid
wait $pid
status=$?
((status == 3 || status == 5 || status == 1 || status == 4)) || fail "interrupted: exit code $status"
[[ -s $work/report/result.json ]] || fail "an interrupted run wrote no report"
expect_json "$work/report/result.json" 'r.interrupted === true'
compgen -G "$TMPDIR/streamgauge-*" >/dev/null && fail "a temporary folder was left behind"
exit 0
