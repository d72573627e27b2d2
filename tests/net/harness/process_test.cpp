#include "harness/net/process.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "harness/net/proc.hpp"
#include "harness/net/program.hpp"
#include "tests/net/harness/eventually.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace fs = std::filesystem;

Process sh(const std::string& script, std::map<std::string, std::string> environment = {}) {
  ProcessSpec spec;
  spec.program = "sh";
  spec.args = {"-c", script};
  spec.environment = std::move(environment);
  auto started = Process::start(spec);
  EXPECT_TRUE(started) << started.error().message;
  return std::move(*started);
}

std::string output_of(const std::string& script,
                      std::map<std::string, std::string> environment = {}) {
  auto process = sh(script, std::move(environment));
  EXPECT_TRUE(eventually([&] { return process.ended().has_value(); }));
  return process.output_tail();
}

bool printed(Process& process, const std::string& text) {
  return eventually([&] { return process.output_tail().find(text) != std::string::npos; });
}

bool alive(pid_t pid) {
  const auto stat = proc::stat(pid);
  return stat && !stat->gone();
}

/// A folder of the test's own, removed at its end.
struct Folder {
  Folder() {
    auto pattern = (fs::temp_directory_path() / "sgtest-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
  void program(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
    fs::permissions(path / name, fs::perms::owner_all);
  }
  fs::path path;
};

TEST(Process, tells_how_a_child_ended) {
  for (const auto& [script, how] : std::vector<std::pair<std::string, std::string>>{
           {"exit 0", "exit code 0"},
           {"exit 3", "exit code 3"},
           {"kill -9 $$", "signal 9 (Killed)"},
           {"kill -15 $$", "signal 15 (Terminated)"}}) {
    auto process = sh(script);
    ASSERT_TRUE(eventually([&] { return process.ended().has_value(); }));
    EXPECT_EQ(*process.ended(), how);
    EXPECT_EQ(process.stop(SIGTERM, 1s), how);
  }
}

TEST(Process, has_not_ended_while_it_runs) {
  auto process = sh("echo up; exec sleep 1000");
  ASSERT_TRUE(printed(process, "up"));
  EXPECT_EQ(process.ended(), std::nullopt);
  EXPECT_EQ(process.stop(SIGTERM, 30s), "signal 15 (Terminated)");
}

TEST(Process, keeps_both_outputs_also_what_was_written_last) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(output_of("echo one; echo two >&2; printf three"), "one\ntwo\nthree");
  }
}

TEST(Process, keeps_the_last_64_kib_of_its_output) {
  // 5 megabytes: a child whose output nobody took would block and never end.
  const auto output = output_of(
      "i=0; while [ $i -lt 50000 ]; do echo 'a line of a hundred bytes, or rather some fewer'; "
      "i=$((i+1)); done; echo last");
  EXPECT_EQ(output.size(), 64u << 10);
  EXPECT_TRUE(output.ends_with("\nlast\n"));
}

TEST(Process, hands_on_arguments_and_environment_as_they_are) {
  EXPECT_EQ(output_of("printf %s \"$SG_A|$SG_B\"", {{"SG_A", "a b=\"c\""}, {"SG_B", ""}}),
            "a b=\"c\"|");
  ProcessSpec spec;
  spec.program = "printf";
  spec.args = {"[%s]", "a b", "", "'\"$x"};
  auto process = std::move(*Process::start(spec));
  ASSERT_TRUE(eventually([&] { return process.ended().has_value(); }));
  EXPECT_EQ(process.output_tail(), "[a b][]['\"$x]");
}

TEST(Process, added_environment_replaces_what_is_inherited) {
  ::setenv("SG_INHERITED", "old", 1);
  EXPECT_EQ(output_of("printf %s $SG_INHERITED"), "old");
  EXPECT_EQ(output_of("printf %s $SG_INHERITED", {{"SG_INHERITED", "new"}}), "new");
  ::unsetenv("SG_INHERITED");
}

TEST(Process, starts_in_the_folder_asked_for) {
  const Folder folder;
  ProcessSpec spec;
  spec.program = "pwd";
  spec.directory = folder.path;
  auto process = std::move(*Process::start(spec));
  ASSERT_TRUE(eventually([&] { return process.ended().has_value(); }));
  EXPECT_EQ(process.output_tail(), fs::canonical(folder.path).string() + "\n");
}

TEST(Process, inherits_no_descriptor_but_the_three) {
  // Open without close-on-exec, as a library might.
  const int leaked = ::open("/dev/null", O_RDONLY);
  ASSERT_GE(leaked, 3);
  ProcessSpec spec;
  spec.program = "ls";
  spec.args = {"/proc/self/fd"};
  auto process = std::move(*Process::start(spec));
  ASSERT_TRUE(eventually([&] { return process.ended().has_value(); }));
  EXPECT_EQ(process.output_tail(), "0\n1\n2\n3\n") << "3 is the folder that it reads";
  EXPECT_EQ(output_of("readlink /proc/$$/fd/0"), "/dev/null\n");
  ::close(leaked);
}

TEST(Process, starts_with_default_signals_none_blocked_none_ignored) {
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old = ::signal(SIGPIPE, SIG_IGN);
  // grep, not the shell: a shell changes its own dispositions.
  ProcessSpec spec;
  spec.program = "grep";
  spec.args = {"-E", "SigBlk|SigIgn", "/proc/self/status"};
  auto process = std::move(*Process::start(spec));
  ::signal(SIGPIPE, old);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(eventually([&] { return process.ended().has_value(); }));
  EXPECT_EQ(process.output_tail(), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST(Process, leads_a_group_of_its_own) {
  auto process = sh("exec sleep 1000");
  EXPECT_EQ(::getpgid(process.pid()), process.pid());
}

TEST(Process, says_which_program_could_not_be_started_and_why) {
  const Folder folder;
  folder.program("broken", "#!/no/such/interpreter\n");
  ProcessSpec spec;
  spec.program = "sg-no-such-program";
  const auto missing = Process::start(spec);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().exit_code, ExitCode::target);
  EXPECT_THAT(missing.error().message, HasSubstr("'sg-no-such-program'"));

  spec.program = folder.path / "broken";
  const auto broken = Process::start(spec);
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr(spec.program));
  EXPECT_THAT(broken.error().message, HasSubstr("No such file or directory (errno 2)"));

  spec.program = "sh";
  spec.directory = "/no/such/folder";
  const auto nowhere = Process::start(spec);
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("'/no/such/folder'"));
}

TEST(Process, that_obeys_is_stopped_by_the_signal_asked_for) {
  auto process = sh("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done");
  ASSERT_TRUE(printed(process, "ready"));
  EXPECT_EQ(process.stop(SIGTERM, 30s), "exit code 7");
}

TEST(Process, that_does_not_obey_is_killed) {
  auto process = sh("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  ASSERT_TRUE(printed(process, "ready"));
  EXPECT_EQ(process.stop(SIGTERM, 50ms), "signal 9 (Killed)");
}

TEST(Process, that_is_frozen_still_obeys) {
  // A shell that waits: one that starts a child at this moment is in state D until that has run.
  auto process = sh("trap 'exit 7' TERM; sleep 1000 & echo ready; wait");
  ASSERT_TRUE(printed(process, "ready"));
  process.signal_group(SIGSTOP);
  ASSERT_TRUE(eventually([&] { return proc::stat(process.pid())->state == 'T'; }));
  EXPECT_EQ(process.stop(SIGTERM, 30s), "exit code 7");
}

TEST(Process, is_reaped_with_its_whole_group_at_the_end) {
  pid_t parent = 0;
  pid_t child = 0;
  {
    auto process = sh("sleep 1000 & echo child=$!.; wait");
    ASSERT_TRUE(printed(process, "."));
    parent = process.pid();
    child = std::stoi(process.output_tail().substr(6));
    ASSERT_TRUE(alive(child));
  }
  EXPECT_FALSE(proc::stat(parent)) << "a zombie is left";
  EXPECT_TRUE(eventually([&] { return !alive(child); }));
}

TEST(Process, leaves_no_orphan_when_its_leader_ended_by_itself) {
  pid_t child = 0;
  {
    auto process = sh("sleep 1000 & echo child=$!.; exit 0");
    ASSERT_TRUE(eventually([&] { return process.ended().has_value(); }));
    child = std::stoi(process.output_tail().substr(6));
    ASSERT_TRUE(alive(child));
  }
  EXPECT_TRUE(eventually([&] { return !alive(child); }));
}

TEST(Process, outlives_the_thread_that_started_it) {
  std::optional<Process> process;
  std::thread([&] {
    process = sh("trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done");
  }).join();
  ASSERT_TRUE(printed(*process, "up"));
  EXPECT_EQ(process->stop(SIGTERM, 30s), "exit code 7");
}

TEST(Process, can_be_moved) {
  auto first = sh("exec sleep 1000");
  const auto pid = first.pid();
  Process second = std::move(first);
  EXPECT_EQ(second.pid(), pid);
  auto third = sh("exec sleep 1000");
  third = std::move(second);
  EXPECT_EQ(third.pid(), pid);
  EXPECT_TRUE(alive(pid));
}

TEST(Process, stopped_twice_says_the_same) {
  auto process = sh("exec sleep 1000");
  EXPECT_EQ(process.stop(SIGKILL, 30s), "signal 9 (Killed)");
  EXPECT_EQ(process.stop(SIGTERM, 0s), "signal 9 (Killed)");
  process.signal(SIGTERM);  // to nobody
  process.signal_group(SIGTERM);
}

TEST(Process, dies_with_a_harness_that_is_killed) {
  // This test program again, in the role of a harness (see the disabled test below).
  ProcessSpec spec;
  spec.program = "/proc/self/exe";
  spec.args = {"--gtest_also_run_disabled_tests",
               "--gtest_filter=Process.DISABLED_harness_that_waits"};
  spec.environment = {{"GTEST_TOTAL_SHARDS", "1"}, {"GTEST_SHARD_INDEX", "0"}};
  auto harness = std::move(*Process::start(spec));
  ASSERT_TRUE(printed(harness, "grandchild=")) << harness.output_tail();
  ASSERT_TRUE(printed(harness, "!"));
  const auto output = harness.output_tail();
  const pid_t grandchild = std::stoi(output.substr(output.find("grandchild=") + 11));
  ASSERT_TRUE(alive(grandchild));
  harness.signal(SIGKILL);
  EXPECT_TRUE(eventually([&] { return !alive(grandchild); }));
}

TEST(Process, DISABLED_harness_that_waits) {
  auto process = sh("exec sleep 1000");
  std::printf("grandchild=%d!\n", process.pid());
  std::fflush(stdout);
  while (true) ::pause();
}

TEST(Process, tells_its_exit_code_or_minus_its_signal_once_it_has_ended) {
  for (const auto& [script, code] :
       std::vector<std::pair<std::string, int>>{{"exit 0", 0}, {"exit 7", 7}, {"kill -9 $$", -9}}) {
    auto process = sh(script);
    ASSERT_TRUE(eventually([&] { return process.ended().has_value(); }));
    EXPECT_EQ(process.exit_code(), code);
    process.stop(SIGTERM, 0s);
    EXPECT_EQ(process.exit_code(), code) << "also when it is reaped";
  }
  auto running = sh("exec sleep 1000");
  EXPECT_EQ(running.exit_code(), std::nullopt);
}

TEST(Process, kill_tree_ends_descendants_that_left_the_group_too) {
  const Folder folder;
  const auto note = (folder.path / "pids").string();
  auto process = sh("sleep 1000 & echo $! >> " + note + "; setsid sleep 1000 & echo $! >> " + note +
                    "; echo . >> " + note + "; wait");
  const auto text = [&] {
    std::ifstream in(note);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  ASSERT_TRUE(eventually([&] { return text().ends_with(".\n"); }));
  std::ifstream in(note);
  pid_t same_group = 0;
  pid_t other_group = 0;
  in >> same_group >> other_group;
  ASSERT_TRUE(eventually([&] {
    const auto stat = proc::stat(other_group);
    return stat && stat->group == other_group;
  }));
  process.kill_tree();
  for (const pid_t pid : {process.pid(), same_group, other_group}) {
    const auto stat = proc::stat(pid);
    EXPECT_TRUE(!stat || stat->gone()) << pid;
  }
  EXPECT_EQ(process.exit_code(), -9);
}

TEST(SampleProcessTree, sums_over_all_descendants) {
  auto process = sh("sleep 1000 & (sleep 1000 & echo up; wait) & wait");
  ASSERT_TRUE(printed(process, "up"));
  // The shell, its sleep, its subshell, and that one's sleep.
  ASSERT_TRUE(eventually([&] { return sample_process_tree(process.pid())->processes == 4; }));
  const auto sample = sample_process_tree(process.pid());
  EXPECT_EQ(sample->threads, 4u);
  EXPECT_GE(sample->descriptors, 12u);
  EXPECT_GT(sample->rss_bytes, 4u * 4096);
  EXPECT_LT(sample->rss_bytes, 64u << 20);
}

TEST(SampleProcessTree, sees_memory_grow_and_processor_time_pass) {
  const auto before = sample_process_tree(::getpid());
  ASSERT_TRUE(before);
  constexpr std::size_t size = 64u << 20;
  std::vector<char> block(size, 'x');
  const auto after = sample_process_tree(::getpid());
  EXPECT_GE(after->rss_bytes, before->rss_bytes + size * 9 / 10);
  volatile std::uint64_t spin = 0;
  EXPECT_TRUE(eventually([&] {
    for (int i = 0; i < 1'000'000; ++i) spin = spin + 1;
    return sample_process_tree(::getpid())->cpu_ns > before->cpu_ns;
  }));
  EXPECT_EQ(block[size / 2], 'x');
}

TEST(SampleProcessTree, counts_descriptors_and_threads) {
  const auto before = sample_process_tree(::getpid());
  std::vector<int> open;
  for (int i = 0; i < 50; ++i) open.push_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(sample_process_tree(::getpid())->descriptors, before->descriptors + 50);
  for (const int fd : open) ::close(fd);
  {
    // And the thread that keeps it; ThreadSanitizer adds one of its own.
    auto process = sh("exec sleep 1000");
    ASSERT_TRUE(eventually(
        [&] { return sample_process_tree(::getpid())->threads >= before->threads + 2; }));
  }
}

TEST(SampleProcessTree, knows_nothing_of_the_dead) {
  auto process = sh("exit 0");
  ASSERT_TRUE(eventually([&] { return process.ended().has_value(); }));
  EXPECT_FALSE(sample_process_tree(process.pid())) << "a zombie";
  process.stop(SIGTERM, 0s);
  EXPECT_FALSE(sample_process_tree(process.pid()));
}

TEST(FindProgram, looks_in_private_folders_before_path) {
  const Folder folder;
  folder.program("p/usr/sbin/sh", "#!/bin/sh\n");
  const std::vector<std::string> search{folder.path / "p/usr/sbin/"};
  const auto found = find_program("sh", search);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path, folder.path / "p/usr/sbin/sh");
  EXPECT_EQ(found->prefix, folder.path / "p");
  EXPECT_EQ(find_program("sh", {})->prefix, "");
  EXPECT_EQ(find_program(found->path, search)->prefix, folder.path / "p") << "also as a path";
}

TEST(FindProgram, has_no_prefix_for_the_systems_own_folders) {
  const auto found = find_program("sh", {"/usr/bin", "/bin"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->prefix, "");
}

TEST(FindProgram, passes_over_what_cannot_be_executed) {
  const Folder folder;
  folder.program("a/bin/tool", "");
  fs::permissions(folder.path / "a/bin/tool", fs::perms::owner_read);
  fs::create_directories(folder.path / "b/bin/tool");
  folder.program("c/bin/tool", "#!/bin/sh\n");
  const auto found =
      find_program("tool", {folder.path / "a/bin", folder.path / "b/bin", folder.path / "c/bin"});
  ASSERT_TRUE(found);
  // Root may read and write anything, but even root executes nothing without an x.
  EXPECT_EQ(found->path, folder.path / "c/bin/tool");
  EXPECT_FALSE(find_program("", {}));
  EXPECT_FALSE(find_program("/no/such/tool", {}));
}

TEST(FindProgram, gives_a_private_program_its_own_libraries) {
  const Folder folder;
  folder.program("p/usr/bin/tool", "#!/bin/sh\nprintf %s \"$LD_LIBRARY_PATH\"\n");
  fs::create_directories(folder.path / "p/usr/lib/x86_64-linux-gnu");
  ProcessSpec spec;
  spec.program = "tool";
  spec.search = {folder.path / "p/usr/bin"};
  spec.environment = {{"LD_LIBRARY_PATH", "/mine"}};
  auto started = Process::start(spec);
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_TRUE(eventually([&] { return started->ended().has_value(); }));
  const auto lib = (folder.path / "p/usr/lib").string();
  EXPECT_EQ(started->output_tail(), lib + "/x86_64-linux-gnu:" + lib + ":/mine");
}

}  // namespace
}  // namespace streamgauge::net
