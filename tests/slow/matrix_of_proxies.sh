#!/usr/bin/env bash
# The whole matrix of proxies: every cell passes, or fails as the proxy's file says. Some minutes.
source "$(dirname "$0")/../e2e/lib.sh"
limit=900 sg matrix matrix proxies --report "$work/matrix"
cat "$work/matrix.out"
expect_status 0 "the matrix of all proxies"
