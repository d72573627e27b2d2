#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "reports/capacity_console.hpp"
#include "reports/capacity_html.hpp"
#include "reports/capacity_json.hpp"
#include "sample_run.hpp"
#include "schema.hpp"
#include "tests/unit/capacity/simulated.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;
using capacity::Capacity;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Capacity with(capacity::AxisResult axis) {
  using namespace std::chrono_literals;
  Capacity capacity;
  capacity.command = "streamgauge capacity reference --axis streams";
  capacity.target = "reference";
  capacity.contract = "default";
  capacity.hold = 4s;
  capacity.budget = 15min;
  capacity.started = rich_run().started;
  capacity.axes.push_back(std::move(axis));
  return capacity;
}

Capacity unanswered() {
  Capacity capacity = with({});
  capacity.axes.clear();
  capacity.errors.push_back(target_error("nobody listens"));
  return capacity;
}

Capacity needed(double need) {
  Capacity capacity = with(capacity::simulated_axis(3000));
  capacity.axes.front().need = need;
  return capacity;
}

TEST(CapacityJson, keeps_to_its_schema) {
  Schema schema("capacity.schema.json");
  capacity::AxisResult cut;
  cut.answer.stop = capacity::Stop::cut_short;
  cut.cut_short = "the time for it was used up";
  for (const Capacity& capacity :
       {with(capacity::simulated_axis(3000)), with(capacity::simulated_axis(3000, 0.99)),
        with(capacity::simulated_axis(0.5)), with(capacity::simulated_axis(1e6)), with(cut),
        needed(5000), unanswered(), Capacity{}}) {
    EXPECT_THAT(schema.faults(json::parse(write_capacity_json(capacity))), IsEmpty());
  }
}

TEST(CapacityJson, marks_what_was_not_measured_as_predicted) {
  const json::value written =
      json::parse(write_capacity_json(with(capacity::simulated_axis(3000))));
  EXPECT_EQ(written.at("verdict"), "pass");
  const json::value& axis = written.at("axes").at(0);
  EXPECT_EQ(axis.at("stop"), "objective-broken");
  EXPECT_NEAR(axis.at("held").to_number<double>(), 3000, 150);
  EXPECT_FALSE(axis.at("trials").as_array().empty());
}

TEST(CapacityConsole, tells_the_answer_why_the_search_stopped_and_every_trial) {
  const std::string text = write_capacity_console(with(capacity::simulated_axis(3000)));
  for (const char* part :
       {"streams, at 10 events/s each", "broken", "✓ 2 9", "The target was saturated.",
        "p99 900 ms", "a stream", "✓ PASS", "(exit code 0)"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  const std::string open = write_capacity_console(with(capacity::simulated_axis(3000, 0.99)));
  for (const char* part : {"? at least", "The generator gave out", "unclear", "(exit code 5)"}) {
    EXPECT_THAT(open, HasSubstr(part));
  }
  EXPECT_THAT(write_capacity_console(needed(5000)), HasSubstr("not met"));
  EXPECT_THAT(write_capacity_console(unanswered()), HasSubstr("nobody listens"));
}

TEST(CapacityConsole, quiet_keeps_the_answers) {
  ConsoleOptions options;
  options.quiet = true;
  const std::string text = write_capacity_console(with(capacity::simulated_axis(3000)), options);
  EXPECT_THAT(text, HasSubstr("✓ 2 9"));
  EXPECT_THAT(text, Not(HasSubstr("deliveries/s")));
}

TEST(CapacityHtml, has_the_answers_a_plot_and_the_trials) {
  const std::string page = write_capacity_html(with(capacity::simulated_axis(3000)));
  for (const char* part :
       {"data-plot", "<canvas", "The target was saturated.", "./streamgauge capacity reference"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
  EXPECT_THAT(write_capacity_html(unanswered()), Not(HasSubstr("<canvas")));
}

}  // namespace
}  // namespace streamgauge::reports
