#!/usr/bin/env bash
# Many streams: nothing lost, nothing twice, whatever the machine has to spare; what is only late is
# never called a violation when it was the machine that was slow; and the generator says how busy
# it was. As many streams as descriptors allow, at most 5000.
source "$(dirname "$0")/lib.sh"
streams=5000
allowed=$(ulimit -Hn)
[[ $allowed == unlimited ]] || ((allowed >= streams + 200)) || streams=$((allowed - 200))

limit=150 sg many run steady-fanout --set groups.readers.streams=$streams \
  --set groups.readers.ramp=5s --set connect_within=20s --set 'phases.*.publish.*.rate=10/s' \
  --report "$work/many"
((status == 0 || status == 5)) || fail "$streams streams: exit code $status, expected 0, or 5 on a busy machine"
expect_reports "$work/many"
for id in no-loss no-duplicate in-order resume; do
  expect_json "$work/many/result.json" "check('delivery.$id').join() === 'pass'"
done
expect_json "$work/many/result.json" \
  'r.checks.every((c) => c.verdict === "pass" || (c.verdict === "inconclusive" && c.reason.length > 20))'
expect_json "$work/many/result.json" '/busiest thread .* ran \d+ %/.test(JSON.stringify(r))'

# Too few descriptors: said at once, with both numbers, and reports are there.
(ulimit -n 200 && exec timeout 20 "$root/streamgauge" run steady-fanout \
  --set groups.readers.streams=1000 --report "$work/few") >"$work/few.out" 2>"$work/few.err" </dev/null
status=$?
expect_status 3 "too few descriptors"
expect_reports "$work/few"
expect_json "$work/few/result.json" '/file descriptors.*may open 200/.test(JSON.stringify(r.errors))'
