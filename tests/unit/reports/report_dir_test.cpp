#include "reports/report_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ReportDir : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sg-report-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }

  [[nodiscard]] std::set<std::string> names_in(const fs::path& folder) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }
  static std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
  }
  static void put(const fs::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  fs::path root_;
};

TEST_F(ReportDir, holds_every_format_and_nothing_half_written) {
  const fs::path folder = root_ / "a" / "b";
  const auto written = write_report(rich_run(), folder);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(names_in(folder),
            (std::set<std::string>{"result.json", "report.html", "wire", "junit.xml", "results.tap",
                                   "results.sarif", "metrics.txt", "console.txt", "timeseries.csv",
                                   "idle-heartbeat.hlog", "idle-heartbeat-connect.hgrm",
                                   "idle-heartbeat-heartbeat_gap.hgrm", "steady-fanout.hlog",
                                   "steady-fanout-connect.hgrm", "steady-fanout-delivery.hgrm",
                                   "slow-consumer.hlog", "slow-consumer-delivery.hgrm"}));
  for (const ReportFile& file : report_files(rich_run(), folder.string())) {
    EXPECT_EQ(content(folder / file.name), file.content) << file.name;
  }
}

TEST_F(ReportDir, is_written_also_when_the_target_was_never_reached) {
  ASSERT_TRUE(write_report(unreachable_run(), root_));
  EXPECT_EQ(names_in(root_), (std::set<std::string>{"result.json", "report.html", "junit.xml",
                                                    "results.tap", "results.sarif", "metrics.txt",
                                                    "console.txt", "timeseries.csv"}));
}

TEST_F(ReportDir, a_second_report_replaces_the_first_and_leaves_other_files_alone) {
  ASSERT_TRUE(write_report(rich_run(), root_));
  put(root_ / "history.sgh", "kept");
  put(root_ / "mine.hgrm", "kept");
  ASSERT_TRUE(write_report(unreachable_run(), root_));
  EXPECT_EQ(names_in(root_),
            (std::set<std::string>{"result.json", "report.html", "junit.xml", "results.tap",
                                   "results.sarif", "metrics.txt", "console.txt", "timeseries.csv",
                                   "history.sgh", "mine.hgrm"}));
  EXPECT_THAT(content(root_ / "result.json"), HasSubstr("refused the connection"));
}

TEST_F(ReportDir, an_earlier_list_cannot_reach_out_of_the_folder) {
  const fs::path folder = root_ / "report";
  fs::create_directory(folder);
  put(root_ / "victim", "kept");
  put(folder / "own", "removed");
  put(folder / "result.json",
      R"({"schema":"streamgauge/1","files":["../victim","/etc/none","..","", 7,"own"]})");
  ASSERT_TRUE(write_report(unreachable_run(), folder));
  EXPECT_TRUE(fs::exists(root_ / "victim"));
  EXPECT_FALSE(fs::exists(folder / "own"));
}

TEST_F(ReportDir, a_foreign_result_json_condemns_no_file) {
  for (const std::string_view foreign :
       {R"({"files":["own"]})", R"({"schema":"other/1","files":["own"]})", "not json", "[1]",
        R"({"schema":"streamgauge/1","files":"own"})"}) {
    put(root_ / "own", "kept");
    put(root_ / "result.json", foreign);
    ASSERT_TRUE(write_report(unreachable_run(), root_)) << foreign;
    EXPECT_TRUE(fs::exists(root_ / "own")) << foreign;
  }
}

TEST_F(ReportDir, failures_are_sentences_that_name_the_path) {
  put(root_ / "file", "in the way");
  const auto beneath_a_file = write_report(passing_run(), root_ / "file" / "report");
  ASSERT_FALSE(beneath_a_file);
  EXPECT_EQ(beneath_a_file.error().exit_code, ExitCode::target);
  EXPECT_THAT(beneath_a_file.error().message, HasSubstr((root_ / "file").string()));

  fs::create_directories(root_ / "blocked" / "junit.xml" / "x");  // a folder where a file must go
  const auto blocked = write_report(passing_run(), root_ / "blocked");
  ASSERT_FALSE(blocked);
  EXPECT_THAT(blocked.error().message, HasSubstr("junit.xml"));
  for (const std::string& name : names_in(root_ / "blocked")) {
    EXPECT_EQ(name.find(".partial"), std::string::npos) << name;
    EXPECT_NE(name, "result.json") << "nothing may vouch for a report that is not whole";
  }
}

TEST_F(ReportDir, the_default_folder_is_new_each_time) {
  const Instant at = instant_from_ns(1'795'190'400'250'000'000);
  const fs::path first = default_report_folder(root_, "steady/fanout", at);
  EXPECT_EQ(first, root_ / "steady_fanout" / "2026-11-20T16-00-00Z");
  fs::create_directories(first);
  const fs::path second = default_report_folder(root_, "steady/fanout", at);
  EXPECT_EQ(second.filename(), "2026-11-20T16-00-00Z-2");
  fs::create_directories(second);
  EXPECT_EQ(default_report_folder(root_, "steady/fanout", at).filename(), "2026-11-20T16-00-00Z-3");
}

TEST_F(ReportDir, latest_points_to_the_newest_and_survives_a_move) {
  fs::create_directories(root_ / "out" / "gate" / "one");
  fs::create_directories(root_ / "out" / "gate" / "two");
  const fs::path link = root_ / "out" / "latest";
  ASSERT_TRUE(point_latest(link, root_ / "out" / "gate" / "one"));
  ASSERT_TRUE(point_latest(link, root_ / "out" / "gate" / "two"));
  EXPECT_EQ(fs::read_symlink(link), fs::path("gate/two"));
  EXPECT_EQ(names_in(root_ / "out"), (std::set<std::string>{"gate", "latest"}));
  fs::rename(root_ / "out", root_ / "moved");
  EXPECT_TRUE(fs::is_directory(root_ / "moved" / "latest"));
}

TEST_F(ReportDir, latest_may_point_outside_and_replaces_a_dangling_link) {
  const fs::path link = root_ / "out" / "latest";
  fs::create_directories(link.parent_path());
  fs::create_directory_symlink("gone", link);
  ASSERT_TRUE(point_latest(link, root_ / "elsewhere"));
  EXPECT_EQ(fs::read_symlink(link), root_ / "elsewhere");
}

TEST_F(ReportDir, latest_never_replaces_what_is_not_a_link) {
  fs::create_directories(root_ / "latest");
  put(root_ / "latest" / "precious", "kept");
  const auto pointed = point_latest(root_ / "latest", root_ / "report");
  ASSERT_FALSE(pointed);
  EXPECT_THAT(pointed.error().message, HasSubstr("not a symbolic link"));
  EXPECT_EQ(content(root_ / "latest" / "precious"), "kept");
}

}  // namespace
}  // namespace streamgauge::reports
