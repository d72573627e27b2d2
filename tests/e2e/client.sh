#!/usr/bin/env bash
# The conformance suite for clients: our browser policy passes every MUST; a program and a service
# are judged by the same cases; selections, exit codes, reports.
source "$(dirname "$0")/lib.sh"

sg all client --policy browser --quiet --report "$work/all"
expect_status 0 "the browser policy"
((seconds < 60)) || echo "note: the whole suite took $seconds s here"
expect_reports "$work/all"
expect_json "$work/all/result.json" 'r.checks.length >= 250'
expect_json "$work/all/result.json" 'r.checks.every((c) => c.level !== "MUST" || ["pass", "skip"].includes(c.verdict))'

sg nothing client --case 'sse/9.9.9/*'
expect_status 4 "a selection that names no case"
sg flaw client --flaw no-such-flaw
expect_status 2 "a flaw that does not exist"
sg both client --policy browser --exec 'true {url}'
expect_status 2 "two clients at once"
sg dead client --exec 'exit 3 {url}' --case 'sse/9.2.6/id' --quiet --report "$work/dead"
expect_status 3 "a program that does nothing"
expect_text dead 'exit code 3'
sg list list client-cases --json
node -e 'const l = JSON.parse(require("fs").readFileSync(process.argv[1])); process.exit(l.length >= 250 && l.every((c) => c.id && c.requirement && c.level && c.revision) ? 0 : 1)' \
  "$work/list.out" || fail "list client-cases --json is not what it should be"

# A program, right and wrong: the wire of what fails is kept.
plain="node '$root/tests/interop/clients/plain/client.mjs'"
sg right client --exec "$plain {url}" --case 'sse/9.2.6/type-*,sse/9.2.6/id*' --quiet --report "$work/right"
expect_status 0 "a right program"
sg wrong client --exec "$plain {url} keeps-type" --case 'sse/9.2.6/type-reset' --quiet --report "$work/wrong"
expect_status 1 "a program that keeps the type"
expect_text wrong 'expected event .message.*got event .add'
grep -q '> .*event: add' "$work/wrong/wire/sse_9.2.6_type-reset.txt" || fail "no wire of the failing case"
cat >"$work/known.yaml" <<'Y'
expected_failures:
  - {check: sse/9.2.6/type-reset, reason: "known"}
Y
sg known client --exec "$plain {url} keeps-type" --case 'sse/9.2.6/type-reset' --baseline "$work/known.yaml" --quiet --report "$work/known"
expect_status 0 "a failure that the baseline knows"
sg stale client --exec "$plain {url}" --case 'sse/9.2.6/type-reset' --baseline "$work/known.yaml" --quiet --report "$work/stale"
expect_status 1 "a stale entry of the baseline"

# Our own client behind the contract-test protocol, judged through it.
"$root/streamgauge" test-service --listen 127.0.0.1:0 >"$work/service.out" 2>"$work/service.err" &
service=$!
children+=("$service")
for _ in $(seq 200); do
  url=$(sed -n 's/^listening on //p' "$work/service.out")
  [[ -n $url ]] && break
  sleep 0.05
done
[[ -n $url ]] || fail "the test service did not start"
sg service client --service "$url" --reconnection 300ms --quiet --report "$work/service" \
  --case 'sse/9.2.6/id*,sse/9.2.6/reports-*,http/request/*,reconnect/id/*,reconnect/order/*,robust/silence/*'
expect_status 0 "the test service"
expect_json "$work/service/result.json" 'r.checks.filter((c) => c.verdict === "pass").length > 50'
curl -sS -X DELETE "$url/" || fail "the service cannot be told to stop"
wait "$service" || fail "the service did not end in order"
exit 0
