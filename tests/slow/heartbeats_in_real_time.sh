#!/usr/bin/env bash
# The default contract's heartbeats at the pace at which they are promised: for those who can wait
# some five minutes.
source "$(dirname "$0")/../e2e/lib.sh"
limit=900 sg slow run idle-heartbeat --only heartbeat --time-scale 1 --report "$work/report"
expect_status 0 "heartbeats in real time"
expect_json "$work/report/result.json" 'r.time_scale === 1 && check("heartbeat.cadence")[0] === "pass"'
