#!/usr/bin/env bash
# Two searches for the capacity of one target find the same: within 15 %, or they say that they do
# not know. One for memory, which is the target's alone, and one for latency, where the generator
# may well give out first. About 8 minutes.
source "$(dirname "$0")/../e2e/lib.sh"

agree() {  # NAME ARGUMENTS...
  local name=$1
  shift
  for round in 1 2; do
    sg "$name$round" capacity reference --axis streams --repeat 2 --hold 2s --start 1000 "$@" \
      --report "$work/$name$round"
    [[ $status == 0 || $status == 5 ]] || expect_status "0 or 5" "$name, search $round"
  done
  node -e '
    const [a, b] = process.argv.slice(1, 3).map((f) => JSON.parse(require("fs").readFileSync(f, "utf8")).axes[0]);
    console.log(`${process.argv[3]}: ${a.held} (${a.stop}) and ${b.held} (${b.stop}) streams`);
    const knees = [a, b].every((x) => x.stop === "objective-broken");
    process.exit(!knees || Math.max(a.held, b.held) <= 1.15 * Math.min(a.held, b.held) ? 0 : 1);' \
    "$work/${name}1/capacity.json" "$work/${name}2/capacity.json" "$name" ||
    fail "$name: two knees differ by more than 15 %"
}
agree memory --rate 2 --memory 12MiB
[[ $status == 0 ]] || fail "a knee of memory is nobody else's doing: not known"
agree latency --p99 100ms
exit 0
