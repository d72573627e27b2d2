#!/usr/bin/env bash
# A server that nobody here wrote: nginx with nchan. No error, no crash, real figures.
source "$(dirname "$0")/lib.sh"
(source "$root/harness/setup/packages.sh"; sg_root=$root; sg_have_program nginx) ||
  { echo "nginx is not there"; exit 77; }
limit=170 sg nchan gate nchan --report "$work/nchan"
((status == 0 || status == 5)) || fail "gate nchan: exit code $status"
expect_reports "$work/nchan"
expect_json "$work/nchan/result.json" 'r.histograms.delivery.count > 1000'
for id in delivery.no-loss delivery.in-order delivery.no-duplicate; do
  expect_json "$work/nchan/result.json" "check('$id').includes('pass')"
done
expect_json "$work/nchan/result.json" 'r.checks.every((c) => c.verdict !== "error")'
