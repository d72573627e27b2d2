// Whole scenarios on the reference server, and what the records say of them.
#include "harness/run/engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include "harness/core/contract/load.hpp"
#include "harness/core/history/file.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/proc.hpp"
#include "harness/net/run_folder.hpp"
#include "harness/net/target.hpp"
#include "tests/net/harness/recording_sink.hpp"

namespace streamgauge::run {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

struct EngineTest : testing::Test {
  EngineTest() {
    auto pattern = (net::temporary_parent() / "sgtest-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    home.root = SG_SOURCE_DIR;
    home.build_dir = SG_BUILD_DIR;
    plan.target = target_named(home, "reference").value();
    // Without heartbeats a run is as long as its phases, on any machine.
    plan.contract.name = "trial";
    plan.contract.drain.emplace().grace = 500ms;
    plan.contract.replay.emplace().events_max = 100'000;
    plan.contract.delivery.emplace();
    plan.contract.queue.emplace().events_max = 10'000;
    ClientGroup group;
    group.name = "readers";
    group.streams = 4;
    group.channel = "news";
    group.policy.reconnect = 20ms;
    planned.scenario.name = "trial";
    planned.scenario.channels = {"news"};
    planned.scenario.groups = {group};
    planned.scenario.connect_within = 60s;
    planned.checks = {"delivery.no-loss"};
    planned.recording = Recording{(folder / "history.sgh").string()};
  }
  ~EngineTest() override { fs::remove_all(folder); }

  void phase(std::string name, Duration length, std::vector<TimedAction> actions = {}) {
    Publication publication;
    publication.channel = "news";
    publication.events_per_s = 100;
    Phase one;
    one.name = std::move(name);
    one.length.absolute = length;
    one.publish = {publication};
    one.actions = std::move(actions);
    planned.scenario.phases.push_back(std::move(one));
  }
  static Span span(Duration length) { return {TimeUnit::absolute, length, 0}; }

  ScenarioOutcome run() { return run_scenario(home, plan, planned, hooks); }
  /// All records of the run, in time.
  std::vector<Record> records() {
    const auto bytes = read_file((folder / "history.sgh").string()).value();
    const std::vector<std::string_view> files{bytes};
    EXPECT_TRUE(merge_histories(files, sink));
    return sink.records();
  }
  /// What became of the target, in order.
  static std::vector<TargetEvent> changes(const std::vector<Record>& all) {
    std::vector<TargetEvent> found;
    for (const auto& record : all) {
      const auto* changed = std::get_if<fact::TargetChanged>(&record.fact);
      // Each thread's part tells it.
      if (changed && (found.empty() || found.back() != changed->what)) {
        found.push_back(changed->what);
      }
    }
    return found;
  }
  static Instant when(const std::vector<Record>& all, TargetEvent what) {
    for (const auto& record : all) {
      const auto* changed = std::get_if<fact::TargetChanged>(&record.fact);
      if (changed && changed->what == what) return record.at;
    }
    ADD_FAILURE() << "never " << to_string(what);
    return {};
  }
  static std::size_t children() { return net::process_family(::getpid()).size() - 1; }

  fs::path folder;
  Home home;
  Plan plan;
  PlannedScenario planned;
  Hooks hooks;
  net::RecordingSink sink;
};

TEST_F(EngineTest, kills_the_target_and_starts_it_again_and_the_clients_come_back) {
  phase("steady", 200ms);
  phase("killed", 300ms, {{span(0ms), action::KillTarget{span(150ms)}}});
  phase("back", 600ms);
  const auto outcome = run();
  EXPECT_TRUE(outcome.errors.empty()) << outcome.errors.front().message;
  EXPECT_FALSE(outcome.interrupted);
  EXPECT_EQ(children(), 0u);
  const auto all = records();
  EXPECT_THAT(changes(all), ElementsAre(TargetEvent::killed, TargetEvent::restarted));
  const auto killed = when(all, TargetEvent::killed);
  const auto restarted = when(all, TargetEvent::restarted);
  EXPECT_GE(restarted - killed, 150ms);
  std::size_t faults = 0;
  std::size_t failed = 0;
  std::size_t taken_after = 0;
  for (const auto& record : all) {
    if (std::holds_alternative<fact::TargetDied>(record.fact)) ADD_FAILURE() << "it was ordered";
    if (const auto* fault = std::get_if<fact::FaultBegan>(&record.fact)) {
      faults += fault->name == "restart" ? 1 : 0;
    }
    if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      EXPECT_GE(record.at, killed) << to_string(closed->ending);
    }
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      failed += published->status == 0 ? 1 : 0;
      taken_after += published->status == 200 && record.at > restarted ? 1 : 0;
    }
  }
  EXPECT_GE(faults, 1u);
  EXPECT_GE(failed, 1u) << "while it was down";
  EXPECT_GE(taken_after, 1u);
}

TEST_F(EngineTest, stops_the_target_in_order_and_hands_over_to_a_second_instance) {
  phase("steady", 300ms);
  phase("stop", 1s, {{span(100ms), action::StopTarget{true}}});
  phase("after", 300ms);
  const auto outcome = run();
  EXPECT_TRUE(outcome.errors.empty()) << outcome.errors.front().message;
  EXPECT_EQ(children(), 0u);
  const auto all = records();
  EXPECT_THAT(changes(all), ElementsAre(TargetEvent::standby_up, TargetEvent::stop_ordered,
                                        TargetEvent::switched, TargetEvent::exited));
  std::vector<int> readiness;
  std::uint64_t last_seq = 0;
  for (const auto& record : all) {
    if (const auto* ready = std::get_if<fact::Readiness>(&record.fact)) {
      readiness.push_back(ready->status);
    } else if (const auto* changed = std::get_if<fact::TargetChanged>(&record.fact)) {
      EXPECT_EQ(changed->code, 0) << "of an exit";
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      EXPECT_EQ(published->status, 200);
      EXPECT_EQ(published->seq, ++last_seq) << "told once";
    }
  }
  ASSERT_FALSE(readiness.empty());
  EXPECT_EQ(readiness.front(), 200);
  EXPECT_THAT(readiness, Contains(testing::AnyOf(503, 0))) << "seen before or after the exit";
  const auto& no_loss = outcome.result.checks.at(0).finding;
  EXPECT_EQ(no_loss.verdict, Verdict::pass) << no_loss.reason;
  EXPECT_THAT(outcome.result.notes, testing::Not(Contains(HasSubstr("their ids may differ"))));
}

TEST_F(EngineTest, kills_a_target_that_lingers_beyond_all_patience_and_says_so) {
  plan.contract.drain = DrainTerms{100ms, {}, 100ms, {}};
  // A child of a shell that ignores the signal: the leader stays.
  plan.target.spawn->args.insert(
      plan.target.spawn->args.begin(),
      {"-c", "trap '' TERM; \"$@\" & while :; do wait; done", "sh", plan.target.spawn->program});
  plan.target.spawn->program = "sh";
  phase("stop", 200ms, {{span(0ms), action::StopTarget{false}}});
  const auto outcome = run();
  ASSERT_TRUE(outcome.errors.empty()) << outcome.errors.front().message;
  const auto all = records();
  EXPECT_THAT(changes(all), ElementsAre(TargetEvent::stop_ordered, TargetEvent::lingers));
  EXPECT_GE(when(all, TargetEvent::lingers) - when(all, TargetEvent::stop_ordered), 300ms);
  EXPECT_EQ(children(), 0u);
}

TEST_F(EngineTest, gives_commands_for_each_client_of_a_group_and_tells_the_answers) {
  phase("one", 300ms,
        {{span(50ms), action::Command{"close", std::nullopt, 0}},
         {span(50ms), action::Command{"revoke", std::uint16_t{0}, 0}},
         {span(50ms), action::Command{"levitate", std::nullopt, 0}}});
  const auto outcome = run();
  EXPECT_TRUE(outcome.errors.empty()) << outcome.errors.front().message;
  EXPECT_THAT(outcome.result.notes, Contains(HasSubstr("'levitate' was not sent")));
  std::set<std::pair<std::int64_t, std::uint16_t>> answers;
  for (const auto& record : records()) {
    const auto* commanded = std::get_if<fact::Commanded>(&record.fact);
    if (commanded == nullptr) continue;
    answers.emplace(to_ns(record.at), commanded->group);
    EXPECT_NE(commanded->status, 0) << commanded->name;
  }
  EXPECT_EQ(answers.size(), 1u + planned.scenario.groups[0].streams);
}

TEST_F(EngineTest, lets_a_group_join_later_and_counts_nobody_as_missing_before) {
  planned.scenario.groups.push_back(planned.scenario.groups[0]);
  planned.scenario.groups[1].name = "late";
  planned.scenario.groups[1].joins_later = true;
  phase("one", 400ms, {{span(100ms), action::Join{1, span(0ms)}}});
  const auto begin = net::now();
  const auto outcome = run();
  EXPECT_LT(net::now() - begin, 50s) << "the late were not waited for";
  EXPECT_TRUE(outcome.usable);
  std::size_t opened = 0;
  for (const auto& record : records()) {
    const auto* head = std::get_if<fact::Headers>(&record.fact);
    opened += head != nullptr && record.stream >= 4 && head->status == 200 ? 1 : 0;
  }
  EXPECT_EQ(opened, 4u);
}

TEST_F(EngineTest, does_without_what_a_url_cannot_do_and_says_so) {
  net::TargetOptions options;
  options.build_dir = home.build_dir;
  options.contract_yaml = write_contract(plan.contract);
  auto served = net::Target::open(plan.target, options);
  ASSERT_TRUE(served) << served.error().message;
  plan.target.url = "http://" + served->streams().host;
  plan.target.spawn.reset();
  phase("one", 200ms,
        {{span(0ms), action::KillTarget{span(0ms)}},
         {span(0ms), action::Freeze{span(10ms)}},
         {span(0ms), action::StopTarget{true}}});
  const auto outcome = run();
  EXPECT_TRUE(outcome.errors.empty()) << outcome.errors.front().message;
  EXPECT_THAT(changes(records()), testing::IsEmpty());
  for (const auto* what : {"not frozen", "not killed", "not told to stop"}) {
    EXPECT_THAT(outcome.result.notes, Contains(HasSubstr(what)));
  }
}

TEST_F(EngineTest, ends_in_order_when_interrupted_in_any_state) {
  const std::vector<std::pair<Action, std::string>> states{
      {action::KillTarget{span(0ms)}, "restarting"},
      {action::KillTarget{span(10s)}, "down"},
      {action::StopTarget{true}, "stopping"},
      {action::Freeze{span(10s)}, "frozen"}};
  plan.contract.drain->grace = 20s;
  for (const auto& [what, state] : states) {
    planned.scenario.phases.clear();
    phase("before", 100ms);
    phase("long", 60s, {{span(0ms), what}});
    std::atomic<bool> interrupted{false};
    Hooks interrupting;
    interrupting.interrupted = &interrupted;
    interrupting.progress = [&](const Progress& progress) {
      interrupted = interrupted || progress.phase == "long";
    };
    const auto begin = net::now();
    const auto outcome = run_scenario(home, plan, planned, interrupting);
    EXPECT_LT(net::now() - begin, 50s) << state;
    EXPECT_TRUE(outcome.interrupted) << state;
    EXPECT_TRUE(outcome.errors.empty()) << state << ": " << outcome.errors.front().message;
    EXPECT_EQ(children(), 0u) << state;
  }
}

TEST_F(EngineTest, runs_several_scenarios_of_one_process_at_once) {
  phase("steady", 300ms);
  phase("killed", 300ms, {{span(0ms), action::KillTarget{span(50ms)}}});
  std::vector<std::thread> threads;
  std::vector<ScenarioOutcome> outcomes(4);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    threads.emplace_back([&, i] {
      PlannedScenario own = planned;
      own.recording.reset();
      outcomes[i] = run_scenario(home, plan, own, {});
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& outcome : outcomes) {
    EXPECT_TRUE(outcome.errors.empty()) << outcome.errors.front().message;
    EXPECT_TRUE(outcome.usable);
  }
  EXPECT_EQ(children(), 0u);
}

}  // namespace
}  // namespace streamgauge::run
