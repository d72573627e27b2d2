#!/usr/bin/env bash
# Every fault of the chaos proxy makes the check fire that is meant for it, and that check is named.
# The path without a fault keeps them all. What a fault does to single bytes and times is shown by
# tests/unit/fault and tests/net/proxy; here it is what a user sees of it.
source "$(dirname "$0")/lib.sh"

# CHECK FAULT. Times that something waits by are those of the contract's scale; a latency, a
# bandwidth or a window is what it says.
faults=(
  "buffering.headers-prompt    latency=700ms"
  "buffering.events-prompt     bandwidth=1kB/s"
  "buffering.events-prompt     slice=4B:gap=150ms"
  "buffering.headers-prompt    header-hold=20s"
  "buffering.events-prompt     hold-bytes=4KiB"
  "buffering.no-coalescing     hold-window=600ms"
  "buffering.events-prompt     compress-hold"
  "heartbeat.on-empty-stream   headers-then-stall"
  "heartbeat.under-traffic     stall-after:events=3"
  "delivery.no-loss            half-open:time=2s"
  "path.idle-cut               idle-cut=8s"
  "path.idle-cut               reset:time=1s"
  "path.idle-cut               truncate:time=1s"
  "storm.recovery              refuse:from=40s"
  "buffering.headers-prompt    accept-silent"
  "wire.status                 status=503"
  "path.last-event-id          strip-header=Last-Event-ID"
  "buffering.abort-propagates  keep-upstream"
  "path.absorbs-bounded        absorb"
  "path.not-cached             cache"
)
at_once=4

# fires CHECK FAULT: exit code 1, through this check and at this hop.
fires() {
  local label=${2//[^a-z0-9-]/_}
  for _ in 1 2; do  # a busy machine may leave it undecided once
    sg "$label" gate --check "$1" --path "chaos:$2" --report "$work/$label"
    ((status == 5)) || break
  done
  [[ -n ${SG_TIMES:-} ]] && echo "$seconds s  $1 by $2"
  expect_status 1 "$1 by $2"
  expect_json "$work/$label/result.json" "check('$1').includes('fail') &&
    r.checks.every((c) => c.verdict !== 'fail' || c.hop?.startsWith('chaos'))"
}

every_fault_is_here() {
  local fault
  while read -r fault; do
    printf '%s\n' "${faults[@]}" | grep -qE " $fault([=:]|\$)" || fail "no check for the fault $fault"
  done < <("$root/streamgauge" list faults | cut -d" " -f1)
}

pids=()
for line in "${faults[@]}"; do
  read -r check fault <<<"$line"
  (trap - EXIT; fires "$check" "$fault") &
  pids+=($!)
  while (($(jobs -rp | wc -l) >= at_once)); do wait -n; done
done
sg clean gate --check 'path.*,buffering.*' --path chaos --report "$work/clean"
expect_status 0 "a chaos proxy without a fault"
for i in "${!pids[@]}"; do wait "${pids[i]}" || fail "${faults[i]}"; done
every_fault_is_here
