#!/usr/bin/env bash
# What a baseline expects to fail does not fail the run; what it expects wrongly does.
source "$(dirname "$0")/lib.sh"

judged=(run idle-heartbeat --check wire.x-accel-buffering,wire.status)
baseline() {
  cat >"$work/baseline.yaml"
}

baseline <<'Y'
expected_failures:
  - {check: wire.x-accel-buffering, scenario: idle-heartbeat, reason: issue 12}
Y
sg expected "${judged[@]}" --flaw no-x-accel-buffering --baseline "$work/baseline.yaml" --report "$work/expected"
expect_status 0 "an expected failure"
expect_reports "$work/expected"
expect_text expected 'issue 12'
expect_json "$work/expected/result.json" 'r.checks.some((c) => c.baseline === "expected-failure" && c.verdict === "fail")'
grep -q '<skipped[^>]*issue 12' "$work/expected/junit.xml" || fail "junit.xml does not tell of the expected failure"

sg stale "${judged[@]}" --baseline "$work/baseline.yaml" --report "$work/stale"
expect_status 1 "a stale entry"
expect_text stale 'stale.*wire\.x-accel-buffering'
grep -q '<failure type="stale"' "$work/stale/junit.xml" || fail "junit.xml does not tell of the stale entry"

baseline <<'Y'
known_flaky:
  - {check: wire.x-accel-buffering}
Y
sg flaky "${judged[@]}" --flaw no-x-accel-buffering --baseline "$work/baseline.yaml" --strict --report "$work/flaky"
expect_status 0 "a check that is known to be flaky"
expect_json "$work/flaky/result.json" 'r.checks.some((c) => c.baseline === "known-flaky" && c.verdict === "fail")'

baseline <<'Y'
expected_failures:
  - {check: wire.x-accel-bufering}
Y
sg unknown "${judged[@]}" --baseline "$work/baseline.yaml"
expect_status 2 "a check that does not exist"
expect_text unknown 'baseline\.yaml:2:.*wire\.x-accel-buffering'
baseline <<'Y'
expected_failures:
  - {check: wire.status, scenario: idle-hartbeat}
Y
sg scenario "${judged[@]}" --baseline "$work/baseline.yaml"
expect_status 2 "a scenario that does not exist"
expect_text scenario 'idle-heartbeat'
sg absent "${judged[@]}" --baseline "$work/nowhere.yaml"
expect_status 2 "a baseline that is not there"

sg seed "${judged[@]}" --seed 7 --strict --only wire --report "$work/seed"
expect_status 0 "a seed, --strict, --only and --check together"
expect_json "$work/seed/result.json" 'r.seed === 7 && r.strict && r.checks.length === 2'
sg nothing "${judged[@]}" --only delivery
expect_status 4 "a selection that leaves nothing"
exit 0
