#!/usr/bin/env bash
# Two targets compared: what is worse is found, what cannot be known is said, earlier runs are read.
# Verdicts here rest on differences that no machine's speed makes or hides.
source "$(dirname "$0")/lib.sh"

light=(--streams 8 --rate 40/s --hold 300ms --cool-down 20ms --priority normal --quiet)
valid() {
  [[ -s $1/compare.json && -s $1/compare.html && -s $1/console.txt ]] || fail "$1: a report is missing"
  "$root/tests/interop/report-schema/run" "$1/compare.json" >&2
  case $? in
    0 | 77) ;;
    *) fail "$1/compare.json breaks its schema" ;;
  esac
}
expect_comparison() {  # FILE JS-EXPRESSION: `r` is the parsed file, `of` finds a metric
  node -e '
    const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const of = (id) => r.metrics.find((m) => m.id === id);
    if (!eval(process.argv[2])) { console.error(JSON.stringify(r.metrics, null, 1), r.undecided, r.errors); process.exit(1); }' \
    "$1" "$2" >&2 || fail "$1: not true: $2"
}

# Fifty milliseconds against one or two.
sg slow compare reference reference "${light[@]}" --a-path chaos --b-path chaos:latency=50ms \
  --pairs 6 --seed 5 --fail-if 'delivery.p50>+10%' --report "$work/slow"
expect_status 1 "a target behind 50 ms"
expect_text slow 'REGRESSION'
valid "$work/slow"
expect_comparison "$work/slow/compare.json" \
  'r.verdict === "regression" && of("delivery.p50").outcome === "regression" && of("delivery.p50").ratio > 2 && r.seed === 5'
expect_comparison "$work/slow/compare.json" \
  'of("delivery.p50").p_holm <= 0.05 && of("delivery.p90").outcome === "told" && r.pairs_judged.length === 6'

# The runs it kept, as those of two earlier days.
sg stored compare "$work/slow/runs/b" --against "$work/slow/runs/a" --fail-if 'delivery.p50>+10%' \
  --report "$work/stored"
expect_status 1 "the stored runs of the same"
valid "$work/stored"
expect_comparison "$work/stored/compare.json" 'r.design === "unpaired" && of("delivery.p50").ratio > 2'
sg backwards compare "$work/slow/runs/a" --against "$work/slow/runs/b" --fail-if 'delivery.p50>+10%' --report "$work/back"
expect_status 0 "the same the other way round"
expect_text backwards 'improvement'
sg two compare "$work/slow/runs/a/001" "$work/slow/runs/b/001/result.json" --report "$work/two"
expect_status 5 "one run a side"
expect_text two 'tell too little of chance'
valid "$work/two"

# Too few pairs decide nothing, whatever they show; both sides direct, from a budget.
sg few compare reference reference "${light[@]}" --budget 1s --b-path chaos --report "$work/few"
expect_status 5 "too few pairs"
expect_text few 'need at least'
valid "$work/few"
expect_comparison "$work/few/compare.json" \
  'r.pairs_begun >= 1 && r.notes.some((n) => /what they add is part of the difference/.test(n))'
sg alike compare "$work/slow/runs/a/001" "$work/slow/runs/a/002" --report "$work/alike"
expect_status 5 "two runs of one script"

sg other compare reference reference "${light[@]}" --set groups.readers.streams=9 --budget 100ms --report "$work/other"
sg differs compare "$work/other/runs/a/001" "$work/few/runs/a/001" --report "$work/differs"
expect_status 2 "results of different scripts"
expect_text differs 'cannot be compared'

# Usage: what was found, and what is accepted.
sg one compare reference
expect_status 2 "one target"
expect_text one 'two targets, A and B'
sg mixed compare reference "$work/slow/runs/a"
expect_status 2 "a target and a result"
for wrong in 'delivery.p99>+10' 'delivery.p98>+10%' 'delivery.p99>-5%' 'delivery.max>+5%'; do
  sg threshold compare reference reference --fail-if "$wrong"
  expect_status 2 "--fail-if $wrong"
  expect_text threshold 'accepted are|expected'
done
sg budget compare reference reference --budget soon
expect_status 2 "--budget soon"
sg absent compare "$work/nowhere.json" "$work/slow/runs/a"
expect_status 2 "a result that is not there"
sg hop compare reference reference --b-path chaos:latencie=5ms
expect_status 2 "a path that is none"

# A target that nobody can publish to leaves nothing to compare; one that does not answer is told.
sg url compare http://127.0.0.1:9/events reference
expect_status 4 "a URL without a publish template"
cat >"$work/absent.yaml" <<'Y'
target: absent
url: http://127.0.0.1:9
events_path: /events
publish: {path: /publish}
Y
sg dead compare reference "$work/absent.yaml" "${light[@]}" --report "$work/dead"
expect_status 3 "a target that does not answer"
valid "$work/dead"
expect_comparison "$work/dead/compare.json" 'r.verdict === "error" && /^B, pair 1/.test(r.errors[0].message)'

# Ctrl-C ends it in order and leaves a report that decides nothing.
"$root/streamgauge" compare reference reference "${light[@]}" --report "$work/cut" >"$work/cut.out" 2>&1 &
runner=$!
children+=("$runner")
for _ in $(seq 200); do
  [[ -e $work/cut/runs/a/001/result.json ]] && break
  sleep 0.05
done
kill -TERM "$runner"
wait "$runner"
status=$?
expect_status 5 "an interrupt"
expect_text cut 'interrupted'
valid "$work/cut"
exit 0
