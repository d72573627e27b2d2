#!/usr/bin/env bash
# A search for capacity: a knee that is the target's own is found, a need is decided, and what cannot
# be known is said. tests/slow/capacity.sh searches twice. The knee here is one of memory, which no machine's speed moves.
source "$(dirname "$0")/lib.sh"

light=(--axis streams --rate 2 --hold 1s --cool-down 0s --p99 20s --no-heartbeats --quiet)
valid() {
  [[ -s $1/capacity.json && -s $1/capacity.html && -s $1/console.txt ]] || fail "$1: a report is missing"
  "$root/tests/interop/report-schema/run" "$1/capacity.json" >&2
  case $? in
    0 | 77) ;;
    *) fail "$1/capacity.json breaks its schema" ;;
  esac
}
expect_capacity() {  # FILE JS-EXPRESSION: `r` is the parsed file, `axis` its first axis
  node -e '
    const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const axis = r.axes[0];
    if (!eval(process.argv[2])) { console.error(JSON.stringify(r, null, 1)); process.exit(1); }' \
    "$1" "$2" >&2 || fail "$1: not true: $2"
}

sg knee capacity reference "${light[@]}" --start 1500 --memory 11MiB --repeat 1 --report "$work/knee"
expect_status 0 "a search for a knee of memory"
expect_text knee 'An objective broke.*memory'
valid "$work/knee"
expect_capacity "$work/knee/capacity.json" \
  'axis.stop === "objective-broken" && axis.held > 1000 && axis.held < 4000'
expect_capacity "$work/knee/capacity.json" \
  'axis.trials.length >= 3 && axis.trials.every((t) => t.outcome !== "generator")'

# What is needed is held, or not; a target that loses events holds nothing.
sg need capacity reference "${light[@]}" --need 50 --repeat 2 --report "$work/need"
expect_status 0 "fifty streams"
expect_text need 'Needed are 50 streams: met'
valid "$work/need"
sg unmet capacity reference --axis streams --rate 100 --hold 1s --cool-down 0s --p99 20s --no-heartbeats \
  --quiet --flaw loses-events --need 40 --start 4 --repeat 1 --report "$work/unmet"
expect_status 1 "a target that loses events"
expect_text unmet 'not met|not even'
valid "$work/unmet"

# A target that is not there; one that dies meanwhile is told from a slow one elsewhere.
sg url capacity http://127.0.0.1:9/events --axis rate
expect_status 2 "a URL that nobody can publish to"
sg dead capacity http://127.0.0.1:9/events "${light[@]}" --need 5 --report "$work/dead"
expect_status 3 "a target that does not answer"
valid "$work/dead"

# Usage.
sg axis capacity reference --axis steams
expect_status 2 "--axis steams"
expect_text axis 'did you mean'
sg two capacity reference --need 5
expect_status 2 "a need of two axes"
sg many capacity reference --axis streams --need 900000
expect_status 3 "more streams than a process can hold"
expect_text many 'ulimit'

# No time for an answer: what was seen is told, and decides nothing; so does Ctrl-C.
sg short capacity reference "${light[@]}" --start 50 --repeat 3 --budget 4s --report "$work/short"
expect_status 5 "a search that is cut short"
expect_text short 'not known|at least'
valid "$work/short"
"$root/streamgauge" capacity reference "${light[@]}" --report "$work/cut" >"$work/cut.out" 2>&1 &
runner=$!
children+=("$runner")
sleep 2
kill -TERM "$runner"
wait "$runner"
status=$?
expect_status 5 "an interrupt"
expect_text cut 'nterrupted'
valid "$work/cut"
exit 0
