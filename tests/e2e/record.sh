#!/usr/bin/env bash
# A recorded run is judged again, without a network, to the very same verdicts; a history that is
# cut, damaged or none at all is refused with a sentence, and nothing is left behind.
source "$(dirname "$0")/lib.sh"

# same_checks A B: the `checks` arrays of two result.json are the same bytes.
same_checks() {
  node -e '
    const fs = require("fs");
    const checks = (file) => {
      const text = fs.readFileSync(file, "utf8");
      return text.slice(text.indexOf("\n  \"checks\": ["), text.indexOf("\n  \"load\":"));
    };
    const [a, b] = process.argv.slice(1).map(checks);
    if (a.length < 100 || a !== b) process.exit(1);' "$1" "$2" || fail "$1 and $2 differ in their checks"
}

sg run run steady-fanout --record --threads 2 --report "$work/run"
((status == 0 || status == 5)) || fail "run --record: exit code $status"
code=$status
expect_reports "$work/run"
[[ -s $work/run/history.sgh ]] || fail "no history.sgh"
[[ -z $(find "$work/run" -name '*.part-*' -o -name '*.partial') ]] || fail "parts were left behind"
sg judge judge "$work/run/history.sgh" --report "$work/judge"
expect_status "$code" "judging the run again"
same_checks "$work/run/result.json" "$work/judge/result.json"

sg gate gate --only heartbeat,delivery --record --report "$work/gate"
code=$status
sg judges judge "$work"/gate/history-*.sgh --report "$work/judges"
expect_status "$code" "judging the gate again"
same_checks "$work/gate/result.json" "$work/judges/result.json"

# Cut anywhere, foreign, or not there.
size=$(stat -c %s "$work/run/history.sgh")
for bytes in 0 5 9 12 200 $((size / 3)) $((size / 2)) $((size - 30)) $((size - 1)); do
  head -c "$bytes" "$work/run/history.sgh" >"$work/cut.sgh"
  sg cut judge "$work/cut.sgh" --report "$work/never"
  expect_status 2 "a history cut at $bytes bytes"
  expect_text cut 'cut\.sgh'
done
sg foreign judge "$work/run/result.json" --report "$work/never"
expect_status 2 "a file that is no history"
sg absent judge "$work/absent.sgh" --report "$work/never"
expect_status 2 "a history that is not there"
sg two judge "$work/run/history.sgh" "$work"/gate/history-steady-fanout.sgh --report "$work/never"
expect_status 2 "histories of two runs"
[[ ! -e $work/never ]] || fail "a report was written for what could not be judged"
exit 0
