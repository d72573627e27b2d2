#!/usr/bin/env bash
# `streamgauge proxy` alone: faults come, change and go by its admin while streams run through it, a
# GiB passes without growing it, and what it cannot do is said.
source "$(dirname "$0")/lib.sh"
proxy=("$root/streamgauge" proxy)

sg listen proxy --listen nonsense --to 127.0.0.1:1
expect_status 2 "a port that is none"
expect_text listen "--listen is 'nonsense'; expected HOST:PORT"
sg fault proxy --to 127.0.0.1:1 --fault latencyy=5ms
expect_status 2 "a fault that is none"
expect_text fault "latency"
sg preset proxy --to 127.0.0.1:1 --preset nginx-default
expect_status 2 "a proxy that is no preset"
expect_text preset "no key 'chaos'"

node "$root/tests/e2e/proxy.mjs" "${proxy[@]}" >"$work/proxy.out" 2>"$work/proxy.err" </dev/null ||
  fail "the proxy alone"
cat "$work/proxy.out"
