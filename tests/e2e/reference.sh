#!/usr/bin/env bash
# The gate on the reference server: everything passes, with figures, in under a minute.
source "$(dirname "$0")/lib.sh"
sg gate gate --report "$work/gate"
expect_status 0 "the gate on the reference server"
((seconds < 60)) || fail "the gate took $seconds s, less than 60 are promised"
expect_reports "$work/gate"
expect_json "$work/gate/result.json" \
  'r.checks.filter((c) => c.verdict === "pass" && c.measured && c.bound).length >= 20'
expect_json "$work/gate/result.json" \
  'r.checks.every((c) => ["pass", "info", "skip"].includes(c.verdict))'
expect_json "$work/gate/result.json" 'r.histograms.delivery.count > 1000 && r.resources'
for pattern in '*.hlog' '*.hgrm' 'timeseries.csv'; do
  compgen -G "$work/gate/$pattern" >/dev/null || fail "no $pattern among the reports"
done
pgrep -f "sse-reference-server.*$work" >/dev/null && fail "a reference server was left behind"
exit 0
