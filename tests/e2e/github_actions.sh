#!/usr/bin/env bash
# On GitHub Actions a failing run annotates its log and writes the step's summary; elsewhere not.
source "$(dirname "$0")/lib.sh"
export GITHUB_STEP_SUMMARY="$work/summary.md"
echo "what another step wrote" >"$GITHUB_STEP_SUMMARY"
arguments=(run idle-heartbeat --check wire.x-accel-buffering,wire.status --flaw no-x-accel-buffering --strict)
GITHUB_ACTIONS=true sg inside "${arguments[@]}" --report "$work/inside"
expect_status 1 "a failing run"
grep -q '^::error title=wire.x-accel-buffering in idle-heartbeat::' "$work/inside.out" || fail "no annotation"
grep -q 'another step' "$GITHUB_STEP_SUMMARY" || fail "the summary was overwritten"
grep -q 'streamgauge: fail' "$GITHUB_STEP_SUMMARY" || fail "the summary does not tell the verdict"
grep -qF 'wire\.x\-accel\-buffering' "$GITHUB_STEP_SUMMARY" || fail "the summary does not name the check"
GITHUB_ACTIONS=true sg json "${arguments[@]}" --json --report "$work/json"
node -e 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))' "$work/json.out" ||
  fail "--json: annotations are mixed with the JSON"
grep -q '^::error ' "$work/json.err" || fail "--json: no annotation on stderr"
sg outside "${arguments[@]}" --report "$work/outside"
grep -q '^::' "$work/outside.out" && fail "annotations outside of GitHub Actions"
exit 0
