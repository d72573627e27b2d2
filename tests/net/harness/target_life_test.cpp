// What a live target can be told: to die, to come back, to stop in order, and its own commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "harness/net/port.hpp"
#include "harness/net/proc.hpp"
#include "harness/net/run_folder.hpp"
#include "harness/net/target.hpp"
#include "tests/net/harness/eventually.hpp"
#include "tests/net/harness/scripted_http_server.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace fs = std::filesystem;

/// A shell script as a target; a server of the test's own says that it is ready.
struct TargetLifeTest : testing::Test {
  TargetLifeTest() {
    auto pattern = (temporary_parent() / "sgtest-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~TargetLifeTest() override { fs::remove_all(folder); }

  TargetSpec shell(const std::string& script) const {
    TargetSpec spec;
    spec.name = "trial";
    spec.url = "http://" + ready.host();
    spec.spawn.emplace();
    spec.spawn->program = "sh";
    spec.spawn->args = {"-c", script, "sh"};
    spec.spawn->ready_within = 60s;
    spec.spawn->stop_within = 30s;
    return spec;
  }
  /// Words of the lines that scripts write here, one line for each start.
  std::vector<std::string> lines() const {
    std::vector<std::string> found;
    std::ifstream in(folder / "log");
    for (std::string line; std::getline(in, line);) found.push_back(line);
    return found;
  }
  std::string log() const { return (folder / "log").string(); }

  fs::path folder;
  ScriptedHttpServer ready{[](HttpConversation& c) {
    if (c.request()) c.answer(200);
  }};
};

TEST_F(TargetLifeTest, killed_is_gone_with_its_children_and_is_not_reported_dead) {
  auto target =
      Target::open(shell("sleep 1000 & echo $$ $! > " + (folder / "pids").string() + "; wait"), {});
  ASSERT_TRUE(target) << target.error().message;
  ASSERT_TRUE(eventually([&] { return text_of(folder / "pids").ends_with('\n'); }));
  pid_t leader = 0;
  pid_t child = 0;
  std::ifstream(folder / "pids") >> leader >> child;
  target->kill();
  for (const pid_t pid : {leader, child}) {
    const auto stat = proc::stat(pid);
    EXPECT_TRUE(!stat || stat->gone());
  }
  EXPECT_EQ(target->died(), std::nullopt);
  EXPECT_EQ(target->exited(), -SIGKILL);
  EXPECT_FALSE(target->sample());
  EXPECT_TRUE(target->processor_times().empty());
  target->kill();  // once more does nothing
  EXPECT_EQ(target->stop(), "signal 9 (Killed)");
}

TEST_F(TargetLifeTest, comes_back_on_its_ports_in_its_folder_in_another_epoch) {
  auto spec = shell("cat \"$1/conf\" >> \"$1/kept\"; echo $2 $3 $1 $4 $(cat $1/kept | wc -l) >> " +
                    log() + "; exec sleep 1000");
  spec.spawn->args.insert(spec.spawn->args.end(), {"{dir}", "{port}", "{admin_port}", "{epoch}"});
  spec.spawn->files = {{"conf", "epoch={epoch}\n"}, {"kept", "same\n"}};
  auto target = Target::open(spec, {});
  ASSERT_TRUE(target) << target.error().message;
  ASSERT_TRUE(eventually([&] { return lines().size() == 1; }));
  target->kill();
  const auto back = target->restart();
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_TRUE(eventually([&] { return lines().size() == 2; }));
  std::vector<std::vector<std::string>> words;
  for (const auto& line : lines()) {
    std::istringstream in(line);
    words.emplace_back(std::istream_iterator<std::string>(in),
                       std::istream_iterator<std::string>());
  }
  for (const int same : {0, 1, 2}) EXPECT_EQ(words[0].at(same), words[1].at(same));
  EXPECT_NE(words[0].at(3), words[1].at(3));
  EXPECT_EQ(words[1].at(4), "3") << "a file without {epoch} is the target's own by now";
  EXPECT_THAT(text_of(fs::path(words[0].at(2)) / "kept"),
              testing::AllOf(HasSubstr("epoch=" + words[0].at(3) + "\n"),
                             HasSubstr("epoch=" + words[1].at(3) + "\n")));
  EXPECT_EQ(target->died(), std::nullopt);
  EXPECT_TRUE(target->sample());
  EXPECT_EQ(target->stop(), "signal 15 (Terminated)");
  EXPECT_FALSE(fs::exists(words[0].at(2)));
}

TEST_F(TargetLifeTest, that_does_not_come_back_says_why) {
  auto target =
      Target::open(shell("if [ -e " + log() + " ]; then echo no more; exit 4; fi; echo > " + log() +
                         "; exec sleep 1000"),
                   {});
  ASSERT_TRUE(target);
  ASSERT_TRUE(eventually([&] { return fs::exists(log()); }));
  EXPECT_FALSE(target->restart()) << "it runs";
  target->kill();
  // The test's own server says "ready" for it, so it may pass for up; then it has died.
  const auto back = target->restart();
  std::string why = back ? "" : back.error().message;
  if (back) {
    ASSERT_TRUE(eventually([&] { return target->died().has_value(); }));
    why = *target->died();
  }
  EXPECT_THAT(why, HasSubstr("exit code 4"));
  EXPECT_THAT(why, HasSubstr("no more"));
}

TEST_F(TargetLifeTest, does_not_wait_for_readiness_when_interrupted) {
  const RefusingPort never;
  auto spec = shell("exec sleep 1000");
  spec.url = "http://127.0.0.1:" + std::to_string(never.port());
  const std::atomic<bool> interrupted{true};
  TargetOptions options;
  options.interrupted = &interrupted;
  const auto target = Target::open(spec, options);  // else a minute
  ASSERT_FALSE(target);
  EXPECT_THAT(target.error().message, HasSubstr("interrupted"));
}

TEST_F(TargetLifeTest, has_a_second_instance_of_the_same_epoch_elsewhere) {
  auto spec = shell("echo $1 $2 $3 >> " + log() + "; exec sleep 1000");
  spec.spawn->args.insert(spec.spawn->args.end(), {"{epoch}", "{port}", "{dir}"});
  auto target = Target::open(spec, {});
  ASSERT_TRUE(target);
  auto standby = target->open_standby();
  ASSERT_TRUE(standby) << standby.error().message;
  ASSERT_TRUE(eventually([&] { return lines().size() == 2; }));
  std::set<std::string> epochs, ports, folders;
  for (const auto& line : lines()) {
    std::istringstream in(line);
    std::string epoch, port, dir;
    in >> epoch >> port >> dir;
    epochs.insert(epoch);
    ports.insert(port);
    folders.insert(dir);
  }
  EXPECT_EQ(epochs.size(), 1u);
  EXPECT_EQ(ports.size(), 2u);
  EXPECT_EQ(folders.size(), 2u);
  target->kill();
  EXPECT_EQ(standby->died(), std::nullopt) << "each has a life of its own";
}

TEST_F(TargetLifeTest, told_to_stop_ends_in_its_own_time_and_is_not_reported_dead) {
  auto target = Target::open(
      shell("trap 'while [ ! -e " + log() + " ]; do sleep 0.01; done; exit 3' TERM; echo up; " +
            "touch " + (folder / "up").string() + "; while :; do sleep 0.01; done"),
      {});
  ASSERT_TRUE(target);
  ASSERT_TRUE(eventually([&] { return fs::exists(folder / "up"); }));
  EXPECT_EQ(target->stop_order(), "SIGTERM");
  target->order_stop();
  EXPECT_EQ(target->exited(), std::nullopt) << "it waits for the file";
  std::ofstream(log()) << "go";
  ASSERT_TRUE(eventually([&] { return target->exited().has_value(); }));
  EXPECT_EQ(target->exited(), 3);
  EXPECT_EQ(target->died(), std::nullopt);
  EXPECT_FALSE(target->sample());
}

TEST_F(TargetLifeTest, fills_tokens_in_when_spawned_and_leaves_them_to_clients_elsewhere) {
  auto spec = shell("echo $1 $2 >> " + log() + "; exec sleep 1000");
  spec.spawn->args.insert(spec.spawn->args.end(), {"{token}", "{revocable_token}"});
  spec.tokens.valid = "alpha";
  spec.tokens.revocable = "beta";
  spec.events_path = "/events?token={token}&epoch={epoch}";
  spec.publish.emplace();
  spec.publish->path = "/publish?token={token}";
  spec.generate.emplace();
  spec.generate->path = "/answers/{id}";
  auto target = Target::open(spec, {});
  ASSERT_TRUE(target);
  ASSERT_TRUE(eventually([&] { return lines().size() == 1; }));
  EXPECT_EQ(lines().front(), "alpha beta");
  EXPECT_THAT(target->streams().path, testing::StartsWith("/events?token={token}&epoch="));
  EXPECT_THAT(target->streams().path, testing::Not(HasSubstr("{epoch}")));
  EXPECT_EQ(target->streams().tokens.valid, "alpha");
  EXPECT_EQ(target->publish()->path, "/publish?token={token}");
  EXPECT_EQ(target->streams().generate->path, "/answers/{id}");
}

TEST_F(TargetLifeTest, takes_commands_with_each_value_encoded_for_its_place) {
  std::string request;
  ScriptedHttpServer server([&](HttpConversation& c) {
    if (auto got = c.request()) {
      request = *got;
      c.answer(202);
    }
  });
  TargetSpec spec;
  spec.url = "http://" + server.host() + "/base";
  spec.events_path = "/events";
  spec.commands["revoke"] = {"DELETE", "/tokens/{token}?u={user}", {{"X-Id", "{id}"}}, "", false};
  spec.commands["drain"] = {"POST", "/drain", {}, "", true};
  const auto target = Target::open(spec, {});
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_TRUE(target->takes("revoke"));
  EXPECT_FALSE(target->takes("drain")) << "the admin port of a URL is not known";
  EXPECT_FALSE(target->takes("close"));
  PublishValues values;
  values.id = "i/1";
  values.user = "u&1";
  values.token = "t/1";
  const auto answer = target->command("revoke", values);
  EXPECT_EQ(answer.status, 202) << answer.failure;
  EXPECT_GT(answer.took, 0ns);
  EXPECT_THAT(request, testing::StartsWith("DELETE /base/tokens/t%2F1?u=u%261 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Id: i/1\r\n"));
  EXPECT_EQ(target->command("close", values).status, 0);
}

TEST_F(TargetLifeTest, gives_up_a_command_when_interrupted) {
  ScriptedHttpServer server([](HttpConversation& c) { c.hold(); });
  TargetSpec spec;
  spec.url = "http://" + server.host();
  spec.commands["close"] = {"POST", "/close", {}, "", false};
  const auto target = Target::open(spec, {});
  ASSERT_TRUE(target);
  const auto before = server.connections();
  std::atomic<bool> interrupted{false};
  std::thread other([&] {
    static_cast<void>(eventually([&] { return server.connections() > before; }));
    interrupted = true;
  });
  const auto answer = target->command("close", {}, &interrupted);
  other.join();
  EXPECT_EQ(answer.status, 0);
  EXPECT_FALSE(answer.failure.empty());
}

TEST_F(TargetLifeTest, by_url_cannot_be_killed_restarted_or_doubled) {
  TargetSpec spec;
  spec.name = "far";
  spec.url = "http://" + ready.host();
  auto target = Target::open(spec, {});
  ASSERT_TRUE(target);
  target->kill();
  target->order_stop();
  EXPECT_FALSE(target->restart());
  EXPECT_FALSE(target->open_standby());
  EXPECT_EQ(target->stop_order(), std::nullopt);
  EXPECT_EQ(target->exited(), std::nullopt);
  EXPECT_FALSE(target->ready_question());
  EXPECT_EQ(target->died(), std::nullopt);
}

}  // namespace
}  // namespace streamgauge::net
