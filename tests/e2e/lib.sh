# Shared by the end-to-end tests: each runs the built program as a user would and looks at the exit
# code, the words, and the reports. Sourced.
set -uo pipefail
root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
children=()
cleanup() {
  local child
  for child in "${children[@]:-}"; do [[ -n $child ]] && kill "$child" 2>/dev/null; done
  wait 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT

fail() {
  local log
  echo "FAILED: $*" >&2
  for log in "$work"/*.err; do [[ -s $log ]] && { echo "--- $log"; tail -n 12 "$log"; } >&2; done
  for log in "$work"/*.out; do [[ -s $log ]] && { echo "--- $log"; tail -n 20 "$log"; } >&2; done
  # Last, where a summary of a summary still shows it: which checks did not pass, and why.
  grep -hA 6 -E '^ +[✗?!] ' "$work"/*.out 2>/dev/null | head -n 30 >&2
  exit 1
}

# sg LABEL ARGS...: runs streamgauge, output in $work/LABEL.out and .err, sets `status`, `seconds`.
sg() {
  local label=$1 begin=$SECONDS
  shift
  timeout "${limit:-120}" "$root/streamgauge" "$@" >"$work/$label.out" 2>"$work/$label.err" </dev/null
  status=$?
  seconds=$((SECONDS - begin))
}

expect_status() { ((status == $1)) || fail "$2: exit code $status, expected $1"; }
expect_text() { grep -qiE -- "$2" "$work/$1.out" "$work/$1.err" || fail "$1: nothing says /$2/"; }
# expect_json FILE JS-EXPRESSION: `r` is the parsed file.
expect_json() {
  node -e '
    const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const check = (id) => r.checks.filter((c) => c.id === id).map((c) => c.verdict);
    if (!eval(process.argv[2])) { console.error(JSON.stringify(r.checks.map((c) => [c.scenario, c.id, c.verdict, c.reason]), null, 1)); process.exit(1); }' \
    "$1" "$2" >&2 || fail "$1: not true: $2"
}
expect_reports() {
  local file
  for file in result.json junit.xml report.html results.tap results.sarif metrics.txt; do [[ -s $1/$file ]] || fail "$1/$file was not written"; done
  "$root/tests/interop/report-schema/run" "$1/result.json" >&2
  case $? in
    0) ;;
    77) echo "the validator cannot be had: $1/result.json is not held against its schema" >&2 ;;
    *) fail "$1/result.json breaks its schema" ;;
  esac
}

# faulty MODE: starts a server with one fault, sets `url`.
faulty() {
  node "$root/tests/e2e/faulty.mjs" "$1" >"$work/faulty-$1.out" 2>"$work/faulty-$1.err" &
  children+=($!)
  for _ in $(seq 200); do
    url=$(sed -n 's/^listening on //p' "$work/faulty-$1.out")
    [[ -n $url ]] && return
    sleep 0.05
  done
  fail "the faulty server '$1' did not start"
}
