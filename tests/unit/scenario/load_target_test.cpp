#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "harness/core/scenario/load.hpp"

namespace streamgauge {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string error_of_target(std::string_view yaml) {
  const auto target = load_target(yaml, "t.yaml");
  return target ? "read" : target.error().message;
}

TEST(LoadTarget, reads_every_key) {
  const auto t = load_target(R"(target: mine
description: A server.
contract: default
spawn:
  program: "{build}/server"
  args: [--port, "{port}", "--x={dir}/{prefix}", "{flaw_args}"]
  files:
    server.conf: "listen {port}; if { yes } {\"a\": 1}"
  environment: {PORT: "{admin_port}"}
  packages: [one, two]
  ready_path: /ready
  ready_within: 3s
  stop_signal: QUIT
  stop_within: 2s
url: http://localhost:{port}
events_path: /sub?c={channel}
events_headers: {Authorization: "Bearer {channel}"}
publish:
  method: PUT
  path: /pub?c={channel}&k={key}&u={user}&i={id}
  headers: {X-Type: "{event}"}
  body: "{\"data\":\"{data}\",\"class\":\"{class}\"}"
  normal_class: low
  critical_class: high
capabilities: [channels, resume, critical, event_type, publish, local_process]
skip_checks:
  delivery.resume: ids are not kept
time_scale: 0.5
scales: true
)",
                             "t.yaml");
  ASSERT_TRUE(t) << t.error().message;
  EXPECT_EQ(t->name, "mine");
  EXPECT_EQ(t->description, "A server.");
  EXPECT_EQ(t->file, "t.yaml");
  EXPECT_EQ(t->contract, "default");
  ASSERT_TRUE(t->spawn);
  EXPECT_EQ(t->spawn->program, "{build}/server");
  EXPECT_THAT(t->spawn->args, ElementsAre("--port", "{port}", "--x={dir}/{prefix}", "{flaw_args}"));
  EXPECT_THAT(t->spawn->files,
              ElementsAre(Pair("server.conf", "listen {port}; if { yes } {\"a\": 1}")));
  EXPECT_THAT(t->spawn->environment, ElementsAre(Pair("PORT", "{admin_port}")));
  EXPECT_THAT(t->spawn->packages, ElementsAre("one", "two"));
  EXPECT_EQ(t->spawn->ready_path, "/ready");
  EXPECT_EQ(t->spawn->ready_within, std::chrono::seconds{3});
  EXPECT_EQ(t->spawn->stop_signal, 3);
  EXPECT_EQ(t->spawn->stop_within, std::chrono::seconds{2});
  EXPECT_EQ(t->url, "http://localhost:{port}");
  EXPECT_EQ(t->events_path, "/sub?c={channel}");
  EXPECT_THAT(t->events_headers, ElementsAre(Pair("Authorization", "Bearer {channel}")));
  ASSERT_TRUE(t->publish);
  EXPECT_EQ(t->publish->method, "PUT");
  EXPECT_EQ(t->publish->path, "/pub?c={channel}&k={key}&u={user}&i={id}");
  EXPECT_THAT(t->publish->headers, ElementsAre(Pair("X-Type", "{event}")));
  EXPECT_EQ(t->publish->body, R"({"data":"{data}","class":"{class}"})");
  EXPECT_EQ(t->publish->normal_class, "low");
  EXPECT_EQ(t->publish->critical_class, "high");
  EXPECT_EQ(t->capabilities.size(), 6u);
  EXPECT_THAT(t->skip_checks, ElementsAre("delivery.resume: ids are not kept"));
  EXPECT_EQ(t->time_scale, 0.5);
  EXPECT_TRUE(t->scales);
}

TEST(LoadTarget, reads_what_it_can_be_told_and_what_clients_show) {
  const auto t = load_target(R"(target: mine
spawn: {program: x, args: [--token, "{token}", --token, "{revocable_token}", --epoch, "{epoch}"]}
events_path: /e?c={channel}&id={id}&user={user}
events_headers: {Authorization: "Bearer {token}"}
commands:
  drain: {path: /drain, admin: true}
  close: {method: DELETE, path: "/s/{id}", headers: {X-User: "{user}"}, body: "{channel} {token}"}
generate: {path: /generate, headers: {A: "{token}"}, body: '{"for": "{user}", "n": 40}'}
tokens: {valid: a, wrong: b, revocable: c}
capabilities: [identity, users, auth, generate, drain, close, shared_ids]
)",
                             "t.yaml");
  ASSERT_TRUE(t) << t.error().message;
  ASSERT_EQ(t->commands.size(), 2u);
  const CommandSpec& drain = t->commands.at("drain");
  EXPECT_EQ(drain.method, "POST");
  EXPECT_EQ(drain.path, "/drain");
  EXPECT_TRUE(drain.admin);
  const CommandSpec& close = t->commands.at("close");
  EXPECT_EQ(close.method, "DELETE");
  EXPECT_EQ(close.path, "/s/{id}");
  EXPECT_THAT(close.headers, ElementsAre(Pair("X-User", "{user}")));
  EXPECT_EQ(close.body, "{channel} {token}");
  EXPECT_FALSE(close.admin);
  ASSERT_TRUE(t->generate);
  EXPECT_EQ(t->generate->path, "/generate");
  EXPECT_THAT(t->generate->headers, ElementsAre(Pair("A", "{token}")));
  EXPECT_EQ(t->generate->body, R"({"for": "{user}", "n": 40})");
  EXPECT_EQ(t->tokens.valid + t->tokens.wrong + t->tokens.revocable, "abc");
  EXPECT_TRUE(has(*t, Capability::identity) && has(*t, Capability::auth));
}

TEST(LoadTarget, needs_little_for_a_url) {
  const auto t = load_target("target: t\nurl: http://h:1\n", "t.yaml");
  ASSERT_TRUE(t) << t.error().message;
  EXPECT_EQ(t->url, "http://h:1");
  EXPECT_FALSE(t->spawn || t->publish);
  EXPECT_EQ(t->events_path, "/");
  EXPECT_EQ(t->contract, "");
}

TEST(LoadTarget, gives_a_spawned_target_its_url) {
  const auto t = load_target("target: t\nspawn: {program: x}\n", "t.yaml");
  ASSERT_TRUE(t) << t.error().message;
  EXPECT_EQ(t->url, "http://127.0.0.1:{port}");
}

TEST(LoadTarget, says_what_is_wrong_and_where) {
  constexpr std::string_view spawn_words =
      "{port}, {admin_port}, {dir}, {build}, {prefix}, {contract_file}, {time_scale}, {epoch}, "
      "{token}, {revocable_token}";
  struct Case {
    std::string_view yaml;
    std::string error;
  };
  for (
      const Case& c : {
          Case{"target: t",
               "t.yaml:1:1: missing key 'url' in a target, expected a URL such as "
               "http://127.0.0.1:8080, or the key 'spawn'"},
          Case{"target: t\nurl: ftp://x",
               "t.yaml:2:6: key 'url': found 'ftp://x', expected a URL such as "
               "http://127.0.0.1:8080"},
          Case{"target: t\nurl: http://h:{port}",
               "t.yaml:2:6: key 'url': unknown placeholder {port}; accepted: none"},
          Case{"target: t\nspawn: {args: [x]}",
               "t.yaml:2:8: missing key 'program' in spawn, expected a program's name or path"},
          Case{"target: t\nspawn: {program: x, args: [\"{prot}\"]}",
               "t.yaml:2:28: key 'args': unknown placeholder {prot} (did you mean 'port'?); "
               "accepted: " +
                   std::string{spawn_words}},
          Case{"target: t\nspawn: {program: x, args: [\"-f {flaw_args}\"]}",
               "t.yaml:2:28: key 'args': {flaw_args} becomes several arguments: it must stand "
               "alone"},
          Case{"target: t\nspawn: {program: x, args: [[y]]}",
               "t.yaml:2:28: key 'args': found a list, expected an argument: text"},
          Case{"target: t\nspawn: {program: x, files: {../x: y}}",
               "t.yaml:2:29: key 'files': '../x' is not a file name without folders"},
          Case{"target: t\nspawn: {program: x, files: {a: y, a: z}}",
               "t.yaml:2:35: key 'a': given twice in files"},
          Case{"target: t\nspawn: {program: x, files: {a: \"{channel}\"}}",
               "t.yaml:2:32: key 'a': unknown placeholder {channel}; accepted: " +
                   std::string{spawn_words}},
          Case{"target: t\nspawn: {program: x, environment: {A-B: y}}",
               "t.yaml:2:35: key 'environment': 'A-B' is not a variable's name"},
          Case{"target: t\nspawn: {program: x, stop_signal: STOP}",
               "t.yaml:2:34: key 'stop_signal': found 'STOP', expected one of: TERM, INT, QUIT, "
               "HUP, KILL, USR1, USR2"},
          Case{
              "target: t\nspawn: {program: x, ready_path: ready}",
              "t.yaml:2:33: key 'ready_path': found 'ready', expected a path that begins with '/', "
              "without spaces"},
          Case{"target: t\nspawn: {program: x, ready_within: 601s}",
               "t.yaml:2:35: key 'ready_within': found '601s', expected a duration such as 250ms, "
               "15s, "
               "2m, at most 10 m"},
          Case{"target: t\nurl: http://h\nevents_path: /e?c={chanel}",
               "t.yaml:3:14: key 'events_path': unknown placeholder {chanel} (did you mean "
               "'channel'?); accepted: {channel}, {id}, {user}, {token}"},
          Case{"target: t\nurl: http://h\npublish: {path: \"/p?d={dta}\"}",
               "t.yaml:3:17: key 'path': unknown placeholder {dta} (did you mean 'data'?); "
               "accepted: "
               "{channel}, {data}, {event}, {id}, {class}, {key}, {user}, {token}"},
          Case{"target: t\nurl: http://h\npublish: {path: /p, body: fixed}",
               "t.yaml:3:10: publish: {data} stands neither in body nor in path: what is published "
               "would never be seen again"},
          Case{"target: t\nurl: http://h\npublish: {path: /p, method: GET}",
               "t.yaml:3:29: key 'method': found 'GET', expected one of: POST, PUT, PATCH"},
          Case{"target: t\nurl: http://h\npublish: {path: /p, headers: {\"A B\": x}}",
               "t.yaml:3:31: key 'headers': 'A B' is not a header's name"},
          Case{"target: t\nurl: http://h\npublish: {path: /p, headers: [x]}",
               "t.yaml:3:30: key 'headers': found a list, expected a mapping from a header's name "
               "to "
               "one line of text"},
          Case{"target: t\nurl: http://h\nevents_headers: {A: \"x\\r\\nB: y\"}",
               "t.yaml:3:21: key 'A': found 'x\\x0d\\nB: y', expected one line of text"},
          Case{"target: t\nurl: http://h\ncapabilities: [flying]",
               "t.yaml:3:16: key 'capabilities': found 'flying', expected one of: publish, "
               "channels, "
               "resume, critical, event_type, local_process, identity, users, auth, generate, "
               "drain, revoke, close, finish, shared_ids, long_poll, websocket"},
          Case{"target: t\nurl: http://h\ncapabilities: [publish]",
               "t.yaml:3:15: key 'capabilities': 'publish' needs the key 'publish'"},
          Case{"target: t\nurl: http://h\ncapabilities: [local_process]",
               "t.yaml:3:15: key 'capabilities': 'local_process' needs the key 'spawn'"},
          Case{"target: t\nurl: http://h\ncapabilities: [auth]",
               "t.yaml:3:15: key 'capabilities': 'auth' needs {token} in 'events_path' or "
               "'events_headers'"},
          Case{"target: t\nurl: http://h\ncapabilities: [identity]",
               "t.yaml:3:15: key 'capabilities': 'identity' needs {id} in 'events_path' or "
               "'events_headers'"},
          Case{"target: t\nurl: http://h\ncapabilities: [revoke]",
               "t.yaml:3:15: key 'capabilities': 'revoke' needs 'revoke' under 'commands'"},
          Case{"target: t\nurl: http://h\ncapabilities: [drain]",
               "t.yaml:3:15: key 'capabilities': 'drain' needs the key 'spawn', or 'drain' under "
               "'commands'"},
          Case{"target: t\nurl: http://h\ncommands: {stop: {path: /x}}",
               "t.yaml:3:12: unknown key 'stop' in commands; accepted: drain, revoke, close, "
               "finish"},
          Case{"target: t\nurl: http://h\ncommands: {close: {method: POST}}",
               "t.yaml:3:19: missing key 'path' in close, expected a path that begins with '/', "
               "without spaces"},
          Case{"target: t\nurl: http://h\ncommands: {close: {path: '/x?{data}'}}",
               "t.yaml:3:26: key 'path': unknown placeholder {data}; accepted: {channel}, {id}, "
               "{user}, {token}"},
          Case{"target: t\nurl: http://h\ncommands: {close: {path: /x, admin: true}}",
               "t.yaml:3:37: key 'admin': the harness chooses the admin port of what it starts; "
               "without 'spawn' there is none"},
          Case{"target: t\nurl: http://h\ngenerate: {path: /g, admin: false}",
               "t.yaml:3:22: unknown key 'admin' in generate; accepted: method, path, headers, "
               "body"},
          Case{"target: t\nurl: http://h\ntokens: {valid: a, wrong: a}",
               "t.yaml:3:9: tokens: valid, wrong and revocable must be three different texts"},
          Case{"target: t\nurl: http://h\nskip_checks: {resume: why}",
               "t.yaml:3:15: key 'skip_checks': 'resume' is not a check's id such as "
               "delivery.resume"},
          Case{
              "target: t\nurl: http://h\ntime_scale: 0.5",
              "t.yaml:3:13: key 'time_scale': other than 1 needs 'scales: true', the target's word "
              "that it honours the scaled contract"},
          Case{"target: t\nurl: http://h\ntime_scale: 0",
               "t.yaml:3:13: key 'time_scale': found '0', expected a number above 0, at most 1000"},
      }) {
    EXPECT_EQ(error_of_target(c.yaml), c.error) << c.yaml;
  }
}

TEST(ShippedTargets, are_read) {
  for (const std::string name : {"reference", "nchan"}) {
    const std::string path = "scenarios/targets/" + name + ".yaml";
    std::ifstream in{std::string{SG_SOURCE_DIR "/"} + path};
    std::stringstream text;
    text << in.rdbuf();
    const auto target = load_target(text.str(), path);
    ASSERT_TRUE(target) << target.error().message;
    EXPECT_EQ(target->name, name);
    EXPECT_TRUE(target->spawn && target->publish);
  }
}

}  // namespace
}  // namespace streamgauge
