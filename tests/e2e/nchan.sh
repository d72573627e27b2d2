#!/usr/bin/env bash
# A server that nobody here wrote: nginx with nchan. No error, no crash, real figures; and the one
# thing that nchan 1.3.6 really does wrong, a CR in published text that is passed on raw, is found.
source "$(dirname "$0")/lib.sh"
(sg_root=$root; source "$root/harness/setup/packages.sh"; sg_have_program nginx) ||
  { echo "nginx is not there"; exit 77; }
limit=170 sg nchan gate nchan --report "$work/nchan"
expect_status 1 "gate nchan"
expect_reports "$work/nchan"
expect_json "$work/nchan/result.json" 'r.histograms.delivery.count > 1000'
for id in delivery.no-loss delivery.in-order delivery.no-duplicate heartbeat.cadence; do
  expect_json "$work/nchan/result.json" "check('$id').includes('pass')"
done
expect_json "$work/nchan/result.json" \
  'r.checks.every((c) => c.verdict !== "error") &&
   r.checks.filter((c) => c.verdict === "fail").map((c) => c.id).sort().join() ===
     "wire.data-intact,wire.no-injection"'
expect_text nchan 'cr-'
