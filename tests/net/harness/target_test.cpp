#include "harness/net/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "harness/net/clock.hpp"
#include "harness/net/http_probe.hpp"
#include "harness/net/proc.hpp"
#include "harness/net/run_folder.hpp"
#include "tests/net/harness/eventually.hpp"
#include "tests/net/harness/scripted_http_server.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
namespace fs = std::filesystem;

bool alive(pid_t pid) {
  const auto stat = proc::stat(pid);
  return stat && !stat->gone();
}

/// Whatever is started here lives in a TMPDIR of its own, so that what is left can be seen.
struct TargetTest : testing::Test {
  TargetTest() {
    auto pattern = (temporary_parent() / "sgtest-XXXXXX").string();
    parent = ::mkdtemp(pattern.data());
    if (const char* old = std::getenv("TMPDIR")) before = old;
    ::setenv("TMPDIR", parent.c_str(), 1);
  }
  ~TargetTest() override {
    before ? ::setenv("TMPDIR", before->c_str(), 1) : ::unsetenv("TMPDIR");
    fs::remove_all(parent);
  }

  /// A shell script as a target. It does not listen: readiness is answered at `url` by a server
  /// of the test's own.
  static TargetSpec shell(const std::string& script, const std::string& url) {
    TargetSpec spec;
    spec.name = "trial";
    spec.url = url;
    spec.spawn.emplace();
    spec.spawn->program = "sh";
    spec.spawn->args = {"-c", script, "sh"};
    spec.spawn->ready_path = "/ready";
    spec.spawn->ready_within = 60s;
    spec.spawn->stop_within = 30s;
    return spec;
  }
  static ScriptedHttpServer::Script always(int status) {
    return [status](HttpConversation& c) {
      if (c.request()) c.answer(status);
    };
  }
  std::vector<fs::path> folders() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(parent)) found.push_back(entry.path());
    return found;
  }

  fs::path parent;
  std::optional<std::string> before;
};

std::string url_of(const ScriptedHttpServer& server) {
  return "http://" + server.host();
}

// --- by URL ----------------------------------------------------------------------------------

TEST_F(TargetTest, by_url_is_resolved_and_found_listening) {
  ScriptedHttpServer server([](HttpConversation& c) { c.hold(); });
  TargetSpec spec;
  spec.url = url_of(server);
  spec.events_path = "/events?channel={channel}";
  spec.events_headers = {{"Authorization", "Bearer x"}};
  auto target = Target::open(spec, {});
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(target->streams().addresses, server.addresses());
  EXPECT_EQ(target->streams().host, server.host());
  EXPECT_EQ(target->streams().path, "/events?channel={channel}");
  EXPECT_EQ(target->streams().headers, spec.events_headers);
  EXPECT_FALSE(target->spawned());
  EXPECT_FALSE(target->publish());
  EXPECT_FALSE(target->sample());
  EXPECT_EQ(target->died(), std::nullopt);
}

TEST_F(TargetTest, by_url_puts_the_urls_path_before_the_templates) {
  ScriptedHttpServer server([](HttpConversation& c) { c.hold(); });
  struct Vector {
    std::string url, events_path, stream, publish;
  };
  for (const auto& v : std::vector<Vector>{{"", "/", "/", "/pub"},
                                           {"/", "/events", "/events", "/pub"},
                                           {"/base/", "/events?x", "/base/events?x", "/base/pub"},
                                           {"/events?a=b", "/", "/events?a=b", "/pub"}}) {
    TargetSpec spec;
    spec.url = url_of(server) + v.url;
    spec.events_path = v.events_path;
    spec.publish.emplace();
    spec.publish->path = "/pub";
    const auto target = Target::open(spec, {});
    ASSERT_TRUE(target);
    EXPECT_EQ(target->streams().path, v.stream);
    EXPECT_EQ(target->publish()->path, v.publish);
  }
}

TEST_F(TargetTest, by_url_says_why_it_cannot_be_reached_within_5_s) {
  const RefusingPort refusing;
  const auto refused = "http://127.0.0.1:" + std::to_string(refusing.port()) + "/";
  struct Vector {
    std::string url, reason;
    ExitCode code;
  };
  for (const auto& v : std::vector<Vector>{
           {refused, "connection refused", ExitCode::target},
           {"http://no-such-host.invalid/", "'no-such-host.invalid'", ExitCode::target},
           {"ftp://127.0.0.1/", "scheme 'ftp'", ExitCode::usage},
           {"nonsense", "not a URL", ExitCode::usage},
           {"", "not a URL", ExitCode::usage}}) {
    TargetSpec spec;
    spec.name = "far";
    spec.url = v.url;
    const auto begin = now();
    const auto target = Target::open(spec, {});
    EXPECT_LT(now() - begin, 5s);
    ASSERT_FALSE(target) << v.url;
    EXPECT_EQ(target.error().exit_code, v.code) << v.url;
    EXPECT_THAT(target.error().message, HasSubstr(v.reason));
  }
}

TEST_F(TargetTest, by_url_is_dead_when_it_no_longer_accepts) {
  auto server = std::make_unique<ScriptedHttpServer>([](HttpConversation& c) { c.hold(); });
  TargetSpec spec;
  spec.url = url_of(*server);
  auto target = Target::open(spec, {});
  ASSERT_TRUE(target);
  server.reset();
  ASSERT_TRUE(target->died());
  EXPECT_THAT(*target->died(), HasSubstr("connection refused"));
}

// --- spawned ---------------------------------------------------------------------------------

TEST_F(TargetTest, spawned_gets_files_arguments_and_environment_with_values_filled_in) {
  ScriptedHttpServer server(always(404));  // any status is an answer
  auto spec = shell(
      "printf '%s\\n' \"$@\" > \"$SG_DIR/args\"; cat \"$1\" > \"$SG_DIR/seen\"; exec sleep 1000",
      url_of(server));
  spec.spawn->args.insert(spec.spawn->args.end(),
                          {"{contract_file}", "{port}", "{admin_port}", "{build}", "{time_scale}",
                           "[{prefix}]", "{flaw_args}", "end"});
  spec.spawn->environment = {{"SG_DIR", "{dir}"}};
  spec.spawn->files = {{"conf/a.conf", "listen {port}; {unknown} { x; }"}, {"logs/", ""}};
  TargetOptions options;
  options.build_dir = "/build";
  options.contract_yaml = "heartbeat: 1s\n";
  options.time_scale = 0.05;
  options.flaws = {"late-headers", "no-heartbeat"};
  auto target = Target::open(spec, options);
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_TRUE(target->spawned());
  ASSERT_EQ(folders().size(), 1u);
  const auto dir = folders().front();
  EXPECT_TRUE(dir.filename().string().starts_with("streamgauge-"));
  EXPECT_EQ(fs::status(dir).permissions(), fs::perms::owner_all);

  ASSERT_TRUE(eventually([&] { return text_of(dir / "seen") == options.contract_yaml; }));
  std::vector<std::string> lines;
  std::ifstream args(dir / "args");
  for (std::string line; std::getline(args, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 11u);
  EXPECT_NE(lines[1], lines[2]);
  const auto port = lines[1];
  EXPECT_THAT(lines, testing::ElementsAre((dir / "streamgauge-contract.yaml").string(), port,
                                          lines[2], "/build", "0.05", "[]", "--flaw",
                                          "late-headers", "--flaw", "no-heartbeat", "end"));
  EXPECT_EQ(text_of(dir / "conf/a.conf"), "listen " + port + "; {unknown} { x; }");
  EXPECT_TRUE(fs::is_directory(dir / "logs"));

  EXPECT_EQ(target->died(), std::nullopt);
  ASSERT_TRUE(target->sample());
  EXPECT_EQ(target->stop(), "signal 15 (Terminated)");
  EXPECT_EQ(target->stop(), "signal 15 (Terminated)");
  EXPECT_FALSE(target->sample());
  EXPECT_TRUE(folders().empty());
}

TEST_F(TargetTest, spawned_listens_by_default_on_the_port_it_was_given) {
  auto spec = shell("echo port {port}; exit 1", "");
  const auto target = Target::open(spec, {});
  ASSERT_FALSE(target);
  EXPECT_THAT(target.error().message, MatchesRegex(".*port [0-9]+$"));
}

TEST_F(TargetTest, spawned_is_ready_once_it_answers_something_else_than_503) {
  std::atomic<int> asked{0};
  ScriptedHttpServer server([&](HttpConversation& c) {
    const auto request = c.request();
    if (!request) return;
    EXPECT_THAT(*request, testing::StartsWith("GET /ready HTTP/1.1\r\n"));
    c.answer(++asked < 4 ? 503 : 200);
  });
  auto target = Target::open(shell("exec sleep 1000", url_of(server)), {});
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(asked, 4);
}

TEST_F(TargetTest, spawned_that_is_not_ready_in_time_is_stopped_and_said) {
  ScriptedHttpServer server(always(503));
  auto spec = shell("echo warming up; exec sleep 1000", url_of(server));
  spec.spawn->ready_within = 300ms;
  const auto target = Target::open(spec, {});
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().exit_code, ExitCode::target);
  EXPECT_THAT(target.error().message, HasSubstr("'trial' was not ready within 300 ms"));
  EXPECT_THAT(target.error().message, HasSubstr("/ready: answered 503"));
  EXPECT_TRUE(folders().empty());
}

TEST_F(TargetTest, spawned_that_ends_early_is_told_with_the_end_of_its_output) {
  const RefusingPort refusing;
  const auto url = "http://127.0.0.1:" + std::to_string(refusing.port());
  const auto target =
      Target::open(shell("echo first; echo cannot open config.yaml >&2; exit 3", url), {});
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().exit_code, ExitCode::target);
  EXPECT_EQ(target.error().message,
            "target 'trial' ended before it was ready (exit code 3); its output ends: first | "
            "cannot open config.yaml");
  const auto silent = Target::open(shell("exit 3", url), {});
  ASSERT_FALSE(silent);
  EXPECT_THAT(silent.error().message, HasSubstr("it printed nothing"));
  EXPECT_TRUE(folders().empty());
}

TEST_F(TargetTest, spawned_on_a_taken_port_is_tried_once_more) {
  ScriptedHttpServer server(always(200));
  const auto marker = parent / "tried";
  // Answers from the test's server come at once, so the script must not outlive its complaint;
  // 503 until then keeps the harness waiting.
  std::atomic<bool> second{false};
  ScriptedHttpServer gate([&](HttpConversation& c) {
    if (c.request()) c.answer(second || fs::exists(marker.string() + "2") ? 200 : 503);
  });
  const auto script = "if [ -e " + marker.string() + " ]; then touch " + marker.string() +
                      "2; exec sleep 1000; fi; touch " + marker.string() +
                      "; echo 'bind: Address already in use'; exit 1";
  auto target = Target::open(shell(script, url_of(gate)), {});
  EXPECT_TRUE(target) << target.error().message;
}

TEST_F(TargetTest, spawned_on_ports_that_stay_taken_fails_after_the_second_time) {
  const RefusingPort refusing;
  const auto url = "http://127.0.0.1:" + std::to_string(refusing.port());
  const auto count = parent / "count";
  const auto script = "echo x >> " + count.string() + "; echo 'Address already in use'; exit 1";
  EXPECT_FALSE(Target::open(shell(script, url), {}));
  EXPECT_EQ(text_of(count), "x\nx\n");
}

TEST_F(TargetTest, whose_program_is_missing_names_the_packages_that_bring_it) {
  auto spec = shell("", "");
  spec.spawn->program = "sg-no-such-server";
  spec.spawn->packages = {"nginx", "libnginx-mod-nchan"};
  const auto target = Target::open(spec, {});
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().exit_code, ExitCode::target);
  EXPECT_EQ(target.error().message,
            "target 'trial' needs the program 'sg-no-such-server', which is not installed; on "
            "Debian: apt-get install nginx libnginx-mod-nchan, or run ./streamgauge which unpacks "
            "it privately");
}

TEST_F(TargetTest, finds_its_program_in_the_build_folder_and_in_private_prefixes) {
  ScriptedHttpServer server(always(200));
  const auto script =
      "#!/bin/sh\necho \"$1\" > " + (parent / "prefix").string() + "; exec sleep 1000\n";
  for (const fs::path& program : {parent / "build/tool", parent / "p/usr/sbin/tool"}) {
    fs::create_directories(program.parent_path());
    std::ofstream(program) << script;
    fs::permissions(program, fs::perms::owner_all);
  }
  auto spec = shell("", url_of(server));
  spec.spawn->args = {"[{prefix}]"};
  TargetOptions options;
  options.build_dir = parent / "build";
  options.search = {parent / "p/usr/sbin"};
  for (const auto& [program, prefix] : std::vector<std::pair<std::string, std::string>>{
           {"{build}/tool", "[]\n"}, {"tool", "[" + (parent / "p").string() + "]\n"}}) {
    spec.spawn->program = program;
    auto target = Target::open(spec, options);
    ASSERT_TRUE(target) << target.error().message;
    EXPECT_TRUE(eventually([&] { return text_of(parent / "prefix") == prefix; })) << program;
  }
}

TEST_F(TargetTest, refuses_files_outside_its_folder) {
  for (const std::string name : {"/etc/x", "../x", "a/../../x", ""}) {
    auto spec = shell("", "");
    spec.spawn->files = {{name, "text"}};
    const auto target = Target::open(spec, {});
    ASSERT_FALSE(target) << name;
    EXPECT_EQ(target.error().exit_code, ExitCode::usage);
    EXPECT_THAT(target.error().message, HasSubstr("'" + name + "'"));
  }
}

TEST_F(TargetTest, that_dies_says_how_and_its_last_words) {
  ScriptedHttpServer server(always(200));
  auto target = Target::open(
      shell("trap 'echo fatal: out of cheese; exit 9' USR1; echo up; while :; do sleep 0.01; done",
            url_of(server)),
      {});
  ASSERT_TRUE(target);
  const auto note = text_of(folders().front() / ".owner");
  const pid_t pid = std::stoi(note.substr(note.find("group ") + 6));
  // The trap is set before "up" is printed, which cannot be seen from here: repeat until it works
  // or the signal's default has ended the shell.
  EXPECT_EQ(target->died(), std::nullopt);
  ASSERT_TRUE(eventually([&] { return target->sample()->processes >= 2; })) << "in its loop";
  ::kill(pid, SIGUSR1);
  ASSERT_TRUE(eventually([&] { return target->died().has_value(); }));
  EXPECT_EQ(*target->died(), "exit code 9; its output ends: fatal: out of cheese");
  EXPECT_FALSE(target->sample());
}

TEST_F(TargetTest, can_be_frozen_and_thawed) {
  ScriptedHttpServer server(always(200));
  auto target = Target::open(shell("exec sleep 1000", url_of(server)), {});
  ASSERT_TRUE(target);
  const auto note = text_of(folders().front() / ".owner");
  const pid_t pid = std::stoi(note.substr(note.find("group ") + 6));
  target->freeze();
  EXPECT_TRUE(eventually([&] { return proc::stat(pid)->state == 'T'; }));
  EXPECT_EQ(target->died(), std::nullopt) << "frozen is not dead";
  target->thaw();
  EXPECT_TRUE(eventually([&] { return proc::stat(pid)->state != 'T'; }));
  target->freeze();
  EXPECT_EQ(target->stop(), "signal 15 (Terminated)");
}

// --- after a harness that was killed -----------------------------------------------------------

TEST_F(TargetTest, DISABLED_harness_that_waits) {
  ScriptedHttpServer server(always(200));
  // The leader dies with this harness; its child, like a worker process, does not.
  auto target =
      Target::open(shell("sleep 1000 & echo $! > {dir}/worker; wait", url_of(server)), {});
  const auto note = text_of(folders().front() / ".owner");
  EXPECT_TRUE(eventually([&] { return text_of(folders().front() / "worker").ends_with('\n'); }));
  std::printf("leader=%s worker=%s folder=%s!\n", note.substr(note.find("group ") + 6).c_str(),
              text_of(folders().front() / "worker").c_str(), folders().front().c_str());
  std::fflush(stdout);
  while (true) ::pause();
}

TEST_F(TargetTest, leaves_nothing_for_long_when_the_harness_is_killed) {
  ProcessSpec spec;
  spec.program = "/proc/self/exe";
  spec.args = {"--gtest_also_run_disabled_tests",
               "--gtest_filter=TargetTest.DISABLED_harness_that_waits"};
  spec.environment = {{"GTEST_TOTAL_SHARDS", "1"}, {"GTEST_SHARD_INDEX", "0"}};  // this one, always
  auto harness = std::move(*Process::start(spec));
  ASSERT_TRUE(eventually([&] { return harness.output_tail().find('!') != std::string::npos; }))
      << harness.output_tail();
  const auto output = harness.output_tail();
  const auto value = [&](const std::string& key) {
    const auto at = output.find(key) + key.size();
    return output.substr(at, output.find_first_of(" \n!", at) - at);
  };
  const pid_t leader = std::stoi(value("leader="));
  const pid_t worker = std::stoi(value("worker="));
  const fs::path folder = value("folder=");
  ASSERT_TRUE(alive(leader));
  ASSERT_TRUE(alive(worker));

  remove_stale_folders(folder.parent_path());
  EXPECT_TRUE(fs::exists(folder)) << "its owner lives";
  EXPECT_TRUE(alive(worker));

  harness.stop(SIGKILL, 30s);
  ASSERT_TRUE(eventually([&] { return !alive(leader); }));
  ASSERT_TRUE(fs::exists(folder));
  remove_stale_folders(folder.parent_path());
  EXPECT_TRUE(eventually([&] { return !alive(worker); }));
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(TargetTest, tidies_up_without_touching_strangers) {
  // A note of a dead owner that names a living process, but with another start time: a number that
  // was given again.
  ProcessSpec spec;
  spec.program = "sleep";
  spec.args = {"1000"};
  auto stranger = std::move(*Process::start(spec));
  const auto ours = RunFolder::create().value();
  const auto head = text_of(fs::path(ours.path()) / ".owner");
  const auto with_dead_owner = head.substr(0, head.find("owner ")) + "owner 1 1\n";
  const auto start = proc::stat(stranger.pid())->start_ticks;

  fs::create_directory(parent / "streamgauge-stale1");
  std::ofstream(parent / "streamgauge-stale1/.owner")
      << with_dead_owner << "group " << stranger.pid() << " " << start + 1 << " 7\n";
  fs::create_directory(parent / "streamgauge-nonote");
  fs::create_directory(parent / "something-else");
  std::ofstream(parent / "something-else/.owner") << with_dead_owner;
  fs::create_directory(parent / "streamgauge-otherspace");
  std::ofstream(parent / "streamgauge-otherspace/.owner")
      << head.substr(0, head.find("pidns ")) << "pidns pid:[1]\nowner 1 1\n";
  fs::create_directory_symlink(parent / "streamgauge-nonote", parent / "streamgauge-link");

  remove_stale_folders(parent);
  EXPECT_FALSE(fs::exists(parent / "streamgauge-stale1"));
  EXPECT_TRUE(fs::exists(parent / "streamgauge-nonote"));
  EXPECT_TRUE(fs::exists(parent / "something-else"));
  EXPECT_TRUE(fs::exists(parent / "streamgauge-otherspace"));
  EXPECT_TRUE(fs::exists(ours.path()));
  EXPECT_EQ(stranger.ended(), std::nullopt);
  EXPECT_TRUE(alive(stranger.pid()));
}

TEST_F(TargetTest, ends_a_group_whose_leader_is_the_one_noted) {
  ProcessSpec spec;
  spec.program = "sleep";
  spec.args = {"1000"};
  auto leader = std::move(*Process::start(spec));
  const auto ours = RunFolder::create().value();
  const auto head = text_of(fs::path(ours.path()) / ".owner");
  fs::create_directory(parent / "streamgauge-stale");
  std::ofstream(parent / "streamgauge-stale/.owner")
      << head.substr(0, head.find("owner ")) << "owner 1 1\ngroup " << leader.pid() << " "
      << proc::stat(leader.pid())->start_ticks << " 0\n";
  remove_stale_folders(parent);
  EXPECT_TRUE(eventually([&] { return leader.ended().has_value(); }));
}

}  // namespace
}  // namespace streamgauge::net
