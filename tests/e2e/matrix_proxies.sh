#!/usr/bin/env bash
# The matrix of proxies, a small part of it: the direct path passes, what is known of nginx is found
# as known, and an absent program is a row that is skipped. The whole matrix takes minutes; see
# tests/slow.
source "$(dirname "$0")/lib.sh"
(sg_root=$root; source "$root/harness/setup/packages.sh"
 sg_provide_for "$root/scenarios/proxies/nginx-default.yaml"; sg_have_program nginx) ||
  { echo "nginx is not there"; exit 77; }
printf 'proxy: absent\nspawn: {program: no-such-proxy, packages: [no-such-package]}\n' >"$work/absent.yaml"
sg matrix matrix proxies --proxies "nginx-default,nginx-unbuffered,$work/absent.yaml" \
  --check buffering.headers-prompt,buffering.events-prompt --jobs 3 --report "$work/matrix"
expect_status 0 "the matrix of proxies"
cat >"$work/judge.mjs" <<'J'
import fs from "fs";
const m = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const cell = (row, column) =>
  m.rows.find((r) => r.id === row).cells.find((c) => c.column === column);
const head = "buffering.headers-prompt";
const ok =
  m.rows.map((r) => r.id).join() === "direct,nginx-default,nginx-unbuffered,absent" &&
  cell("direct", head).verdict === "pass" && cell("nginx-unbuffered", head).verdict === "pass" &&
  cell("nginx-default", head).verdict === "fail" && cell("nginx-default", head).standing &&
  m.rows[3].skipped.includes("apt-get install no-such-package");
if (!ok) { console.error(JSON.stringify(m.rows, null, 1)); process.exit(1); }
J
node "$work/judge.mjs" "$work/matrix/matrix.json" || fail "the matrix is not what it should be"
expect_text matrix '= never'

sg unknown matrix proxies --proxies nginx-defualt
expect_status 2 "a misspelt proxy"
sg column matrix proxies --check buffering.events-promt
expect_status 2 "a misspelt column"
expect_text column 'buffering\.events-prompt'
