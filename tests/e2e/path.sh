#!/usr/bin/env bash
# A path of real proxies: the hop at fault is named, what goes wrong with a proxy itself has an exit
# code and a sentence, and whatever ends the run, no process and no folder of it is left.
source "$(dirname "$0")/lib.sh"
(sg_root=$root; source "$root/harness/setup/packages.sh"
 sg_provide_for "$root/scenarios/proxies/nginx-default.yaml"; sg_have_program nginx) ||
  { echo "nginx is not there"; exit 77; }
export TMPDIR="$work/tmp"
mkdir -p "$TMPDIR"

cat >"$work/trickle.yaml" <<'Y'
scenario: trickle
channels: [slow]
groups: [{name: readers, streams: 6, policy: browser}]
phases:
  - {name: trickle, for: 2s, publish: [{rate: 10/s, size: 128B}]}
checks: [buffering.headers-prompt]
Y
cat >"$work/long.yaml" <<'Y'
scenario: long
channels: [slow]
groups: [{name: readers, streams: 6, policy: browser}]
phases:
  - {name: trickle, for: 60s, publish: [{rate: 10/s, size: 128B}]}
checks: [buffering.headers-prompt]
Y

of_the_run() { pgrep -f "$TMPDIR/streamgauge-"; }
nothing_left() {
  for _ in $(seq 100); do
    [[ -z $(of_the_run) ]] && ! compgen -G "$TMPDIR/streamgauge-*" >/dev/null && return
    sleep 0.05
  done
  fail "$1: left behind: $(ls "$TMPDIR") $(of_the_run)"
}
# start_long LABEL PROXY: in the background; sets `pid`, returns once the proxy serves.
start_long() {
  "$root/streamgauge" run "$work/long.yaml" --path "$2" --report "$work/$1" \
    >"$work/$1.out" 2>"$work/$1.err" </dev/null &
  pid=$!
  children+=($pid)
  for _ in $(seq 400); do [[ -n $(pgrep -f "nginx.*$TMPDIR") ]] && break; sleep 0.05; done
  sleep 1
}

# A hop that holds everything is named, and so it is with another one before it.
sg held run "$work/trickle.yaml" --path nginx-unbuffered,nginx-default --report "$work/held"
expect_status 1 "nginx-default"
expect_reports "$work/held"
expect_json "$work/held/result.json" 'r.path.join() === "nginx-unbuffered,nginx-default" &&
  r.checks.every((c) => c.verdict === "fail" && c.hop === "nginx-default")'
expect_text held 'clients.*nginx-unbuffered.*nginx-default.*target'
nothing_left held

sg through run "$work/trickle.yaml" --path nginx-unbuffered --report "$work/through"
expect_status 0 "nginx-unbuffered"

# Names and files.
sg near run "$work/trickle.yaml" --path nginx-defualt
expect_status 2 "a misspelt proxy"
expect_text near 'nginx-default'
printf 'proxy: odd\nspawn: {program: nginx, argz: []}\n' >"$work/odd.yaml"
sg odd run "$work/trickle.yaml" --path "$work/odd.yaml"
expect_status 2 "an unknown key in a proxy's file"
expect_text odd "odd\.yaml:2:25: unknown key 'argz'"

# A program that is not there.
printf 'proxy: absent\nspawn: {program: no-such-proxy, packages: [no-such-package]}\n' >"$work/absent.yaml"
sg absent run "$work/trickle.yaml" --path "$work/absent.yaml" --report "$work/absent"
expect_status 3 "an absent program"
expect_text absent "proxy 'absent' needs the program 'no-such-proxy'"
expect_text absent 'apt-get install no-such-package'
expect_reports "$work/absent"
nothing_left absent

# A port that somebody else has.
faulty good
port=${url##*:}
port=${port%%/*}
sed -e 's/^proxy: .*/proxy: taken/' -e "s/listen 127.0.0.1:{port}/listen 127.0.0.1:$port/" \
  "$root/scenarios/proxies/nginx-unbuffered.yaml" >"$work/taken.yaml"
sg taken run "$work/trickle.yaml" --path "$work/taken.yaml" --report "$work/taken"
expect_status 3 "a port that is taken"
expect_text taken "proxy 'taken' ended before it was ready"
expect_text taken 'address already in use'
expect_reports "$work/taken"
nothing_left taken

# A proxy that dies in mid-run.
start_long crash nginx-unbuffered
kill -KILL "$(pgrep -f "nginx: master.*$TMPDIR" | head -n 1)"
wait $pid
status=$?
expect_status 3 "a proxy that died"
expect_text crash "proxy 'nginx-unbuffered' \(hop 1 of 1\) died during scenario 'long'"
expect_reports "$work/crash"
nothing_left crash

# Ctrl-C.
start_long interrupt nginx-unbuffered
kill -INT $pid
wait $pid
expect_reports "$work/interrupt"
expect_json "$work/interrupt/result.json" 'r.interrupted === true'
nothing_left interrupt

# SIGKILL of the harness: the next start tidies up.
start_long killed nginx-unbuffered
kill -KILL $pid
wait $pid 2>/dev/null
compgen -G "$TMPDIR/streamgauge-*" >/dev/null || fail "the killed harness has tidied up by itself"
sg after run "$work/trickle.yaml" --report "$work/after"
expect_status 0 "the run after"
nothing_left killed
