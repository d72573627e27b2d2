#!/usr/bin/env bash
# Every check says what it judges and where that is written, and a flaw of the server, a flaw of the
# clients or a client case fires it: no check is there that nobody has seen fail.
source "$(dirname "$0")/lib.sh"
for list in checks flaws; do
  sg $list list $list --json
  expect_status 0 "list $list --json"
done
node -e '
  const fs = require("fs");
  const [checks, flaws] = process.argv.slice(1).map((f) => JSON.parse(fs.readFileSync(f)));
  const ids = new Set(checks.map((c) => c.id));
  const fired = new Set(flaws.flatMap((f) => f.expected));
  const wrong = [];
  for (const c of checks) {
    for (const key of ["id", "family", "level", "requirement", "source"]) {
      if (!c[key]) wrong.push(`${c.id} has no ${key}`);
    }
    if (!fired.has(c.id)) wrong.push(`no flaw names ${c.id} as expected`);
  }
  for (const f of flaws) {
    if (!f.description || !f.source || !f.expected.length) wrong.push(`flaw ${f.id} is incomplete`);
    if (!["server", "client", "path"].includes(f.side)) wrong.push(`flaw ${f.id} has no side`);
    for (const id of [...f.expected, ...f.related]) {
      if (!ids.has(id)) wrong.push(`flaw ${f.id} names ${id}, which is no check`);
    }
  }
  if (!checks.length || !flaws.length) wrong.push("the lists are empty");
  for (const line of wrong) console.error(line);
  process.exit(wrong.length ? 1 : 0);' "$work/checks.out" "$work/flaws.out" || fail "checks without a flaw"
