#!/usr/bin/env bash
# Servers that break the basics: an exit code, a report, and a sentence that says what happened.
source "$(dirname "$0")/lib.sh"

# judged MODE CHECK WORDS: the gate must exit 1 through CHECK and say WORDS.
judged() {
  faulty "$1"
  limit=150 sg "$1" gate "$url" --report "$work/$1"
  expect_status 1 "$1"
  expect_reports "$work/$1"
  expect_json "$work/$1/result.json" "check('$2').includes('fail')"
  expect_text "$1" "$3"
}

judged 500 wire.status '500'
judged html wire.content-type 'text/html'
judged silent wire.headers-prompt 'never|no (response )?head'
judged endless-line wire.grammar 'line'
judged not-http wire.grammar 'HTTP'
judged bad-chunk wire.grammar 'chunk'
judged endless-head wire.grammar 'head'

faulty closes-at-once
limit=150 sg closes gate "$url" --report "$work/closes"
expect_status 3 "a server that closes at once"
expect_reports "$work/closes"
expect_text closes 'could be opened'

faulty dies
limit=150 sg dies gate "$url" --report "$work/dies"
expect_status 3 "a server that dies"
expect_reports "$work/dies"
expect_text dies 'died|refused'

faulty good
limit=150 sg good gate "$url" --report "$work/good"
expect_status 0 "a good server at a URL"
expect_reports "$work/good"
