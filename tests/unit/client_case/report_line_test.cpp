#include "harness/core/client_case/report_line.hpp"

namespace streamgauge::client_case {
namespace {

using namespace std::chrono_literals;

template <class Kind>
Kind read_as(std::string_view line) {
  auto what = read_report(line);
  EXPECT_TRUE(what) << what.error().message;
  return what ? std::get<Kind>(*what) : Kind{};
}

TEST(ReportLine, EachKindIsRead) {
  (void)read_as<seen::Opened>(R"({"kind":"open"})");
  const auto event =
      read_as<seen::Event>(R"({"kind":"event","event":{"type":"add","data":"a\nb","id":"7"}})");
  EXPECT_EQ(event.type, "add");
  EXPECT_EQ(event.data, "a\nb");
  EXPECT_EQ(event.id, "7");
  EXPECT_EQ(read_as<seen::Comment>(R"({"kind":"comment","comment":" hi"})").text, " hi");
  EXPECT_EQ(read_as<seen::Failure>(R"({"kind":"error","comment":"gone"})").message, "gone");
  EXPECT_EQ(read_as<seen::Failure>(R"({"kind":"error","error":"gone"})").message, "gone");
}

TEST(ReportLine, WhatIsMissingOrNullIsEmptyAndNoTypeMeansMessage) {
  const auto event = read_as<seen::Event>(R"({"kind":"event","event":{"data":"a","id":null}})");
  EXPECT_EQ(event.type, "message");
  EXPECT_EQ(event.id, "");
}

TEST(ReportLine, WhatIsNoReportIsRefusedWithTheReason) {
  for (const char* line : {"", "hello", "[]", "{}", R"({"kind":"bye"})", R"({"kind":"event"})",
                           R"({"kind":"event","event":{"data":7}})", R"({"kind":7})",
                           R"({"kind":"comment","comment":[]})"}) {
    const auto what = read_report(line);
    ASSERT_FALSE(what) << line;
    EXPECT_FALSE(what.error().message.empty());
  }
}

TEST(ReportLine, WhatIsWrittenIsReadBack) {
  const std::string odd = std::string("a\0b\n\"\\", 6) + "\xE2\x82\xAC";
  const auto event = read_as<seen::Event>(write_report(seen::Event{"t", odd, "7"}));
  EXPECT_EQ(event.data, odd);
  EXPECT_EQ(read_as<seen::Comment>(write_report(seen::Comment{odd})).text, odd);
  EXPECT_EQ(read_as<seen::Failure>(write_report(seen::Failure{"why"})).message, "why");
}

TEST(ReportLine, CapabilitiesThatAreNotKnownAreLeftOut) {
  const auto can = read_capabilities(R"({"capabilities":["comments","post","flying"]})");
  ASSERT_TRUE(can);
  EXPECT_TRUE(can->has(Capability::comments));
  EXPECT_TRUE(can->has(Capability::post));
  EXPECT_FALSE(can->has(Capability::report));
  EXPECT_TRUE(read_capabilities("{}"));
  EXPECT_FALSE(read_capabilities(R"({"capabilities":"all"})"));
}

TEST(ReportLine, ParametersAreReadAndWritten) {
  StreamParameters all;
  all.stream_url = "http://127.0.0.1:1/s";
  all.callback_url = "http://127.0.0.1:2/c";
  all.initial_delay = 0ms;
  all.read_timeout = 500ms;
  all.last_event_id = "7";
  all.headers = {{"x-a", "b"}};
  all.method = "REPORT";
  all.body = "{}";
  const auto read = read_parameters(write_parameters(all));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->stream_url, all.stream_url);
  EXPECT_EQ(read->callback_url, all.callback_url);
  EXPECT_EQ(read->initial_delay, Duration{0});
  EXPECT_EQ(read->read_timeout, Duration{500ms});
  EXPECT_EQ(read->last_event_id, "7");
  EXPECT_EQ(read->headers, all.headers);
  EXPECT_EQ(read->method, "REPORT");
  EXPECT_EQ(read->body, "{}");
}

TEST(ReportLine, ParametersThatCannotBeRightAreRefused) {
  for (const char* body : {"{}", R"({"streamUrl":"u"})", R"({"streamUrl":7,"callbackUrl":"c"})",
                           R"({"streamUrl":"u","callbackUrl":"c","readTimeoutMs":-1})",
                           R"({"streamUrl":"u","callbackUrl":"c","readTimeoutMs":1.5})",
                           R"({"streamUrl":"u","callbackUrl":"c","headers":[]})",
                           R"({"streamUrl":"u","callbackUrl":"c","headers":{"a":1}})"}) {
    EXPECT_FALSE(read_parameters(body)) << body;
  }
}

TEST(ReportLine, CommandsAreReadByTheirName) {
  EXPECT_EQ(read_command(R"({"command":"restart"})").value(), "restart");
  EXPECT_EQ(read_command(write_listen("add")).value(), "listen");
  EXPECT_FALSE(read_command("{}"));
}

}  // namespace
}  // namespace streamgauge::client_case
