#!/usr/bin/env bash
# The documented exit codes, each with a sentence that says what would do.
source "$(dirname "$0")/lib.sh"

sg refused gate http://127.0.0.1:1/ --report "$work/refused"
expect_status 3 "a refused connection"
((seconds <= 5)) || fail "refused: took $seconds s, at most 5"
expect_text refused 'refused'
expect_reports "$work/refused"
expect_json "$work/refused/result.json" 'r.exit_code === 3 && r.errors.length === 1'
grep -q '<error' "$work/refused/junit.xml" || fail "junit.xml of an unreachable target has no error"

sg nosuch gate --check nosuch
expect_status 2 "an unknown check"
sg near gate --check heartbeat.cadense
expect_status 2 "a misspelt check"
expect_text near 'heartbeat\.cadence'
sg family gate --only heartbeats
expect_status 2 "a misspelt family"
expect_text family "'?heartbeat'?"
sg target gate nchann
expect_status 2 "a misspelt target"
expect_text target 'nchan'
sg flaw gate --flaw heartbeat-bursts
expect_status 2 "a misspelt flaw"
expect_text flaw 'heartbeat-burst'
sg option gate --nonsense
expect_status 2 "an unknown option"
sg contract gate --contract nosuch
expect_status 2 "an unknown contract"

sg empty run idle-heartbeat --only delivery
expect_status 4 "a selection that leaves nothing"

cat >"$work/typo.yaml" <<'Y'
scenario: typo
channels: [a]
groups:
  - name: readers
    channel: a
    receive_bufer: 4KiB
phases:
  - name: all
    for: 1s
checks: [wire.status]
Y
sg typo run "$work/typo.yaml"
expect_status 2 "an unknown key"
expect_text typo 'typo\.yaml:6:5'
expect_text typo 'receive_buffer'
