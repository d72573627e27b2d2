// 9.2.5 and 9.2.6: fields, their names and values, comments, data.
#include <fmt/format.h>

#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::string_literals;

namespace {
namespace fields_of {

Cases fields() {
  Cases cases;
  const auto add = [&](const char* name, const char* requirement, std::string bytes,
                       std::vector<Expected> events) {
    cases.push_back(everywhere("sse/9.2.6/"s + name, requirement, interpreting,
                               {std::move(bytes), std::move(events)}));
  };
  add("space-one", "Exactly one space behind the colon is removed.", "data: a\n\n", {message("a")});
  add("space-none", "The space behind the colon may be missing.", "data:a\n\n", {message("a")});
  add("space-two", "Of two spaces behind the colon the second belongs to the value.",
      "data:  a\n\n", {message(" a")});
  add("space-trailing", "Spaces at the end of a value are kept.", "data: a  \n\n",
      {message("a  ")});
  add("space-only", "A value may consist of spaces.", "data:   \n\n", {message("  ")});
  add("space-tab", "A tab behind the colon belongs to the value.", "data:\ta\n\n",
      {message("\ta")});
  add("space-no-break", "A no-break space behind the colon belongs to the value.",
      "data:\xC2\xA0"
      "a\n\n",
      {message("\xC2\xA0"
               "a")});
  add("space-before-colon", "A space before the colon belongs to the name, which is unknown then.",
      "data : lost\ndata: a\n\n", {message("a")});
  add("space-before-name", "A space before the name belongs to it, and it is unknown then.",
      " data: lost\ndata: a\n\n", {message("a")});
  add("colon-in-value", "Only the first colon of a line ends the name.", "data: a:b: c\n\n",
      {message("a:b: c")});
  add("colon-first-in-value", "A colon may be the first character of a value.", "data::a\n\n",
      {message(":a")});
  add("no-colon", "A line without a colon is a field with an empty value.", "data\n\n",
      {message("")});
  add("no-colon-twice", "Two lines 'data' are two empty lines of data.", "data\ndata\n\n",
      {message("\n")});
  add("name-case-data", "Field names are compared case-sensitively: 'Data' is unknown.",
      "Data: lost\nDATA: lost\ndata: a\n\n", {message("a")});
  add("name-case-event", "Field names are compared case-sensitively: 'Event' is unknown.",
      "Event: lost\nEVENT: lost\ndata: a\n\n", {message("a")});
  add("name-longer", "A name that begins with a known one is unknown.",
      "datax: lost\ndata-x: lost\ndata: a\n\n", {message("a")});
  add("name-shorter", "A name that is the beginning of a known one is unknown.",
      "dat: lost\nd: lost\ndata: a\n\n", {message("a")});
  add("name-unknown", "Unknown fields are ignored.", "color: blue\ndata: a\nshape\n\n",
      {message("a")});
  add("name-unknown-only", "A block of unknown fields dispatches nothing.",
      "color: blue\n\ndata: a\n\n", {message("a")});
  add("comment", "A line that begins with a colon is ignored.", ": data: lost\ndata: a\n\n",
      {message("a")});
  add("comment-inside", "A comment inside a block does not part it.",
      "data: a\n: comment\ndata: b\n\n", {message("a\nb")});
  add("comment-empty", "A comment may be empty.", ":\n:\ndata: a\n:\n\n", {message("a")});
  add("comment-only", "A block of comments dispatches nothing.", ": one\n: two\n\ndata: a\n\n",
      {message("a")});
  add("comment-like-a-field", "A comment that looks like a field is none.",
      ":data: lost\n:id: 9\n:event: lost\ndata: a\n\n", {message("a")});
  return cases;
}

Cases data() {
  Cases cases;
  const auto add = [&](const char* name, const char* requirement, std::string bytes,
                       std::vector<Expected> events) {
    cases.push_back(everywhere("sse/9.2.6/"s + name, requirement, interpreting,
                               {std::move(bytes), std::move(events)}));
  };
  add("data-lines", "Lines of data are joined by line feeds.", "data: YHOO\ndata: +2\ndata: 10\n\n",
      {message("YHOO\n+2\n10")});
  add("data-empty", "An empty line of data is an event with empty data.", "data:\n\n",
      {message("")});
  add("data-empty-last", "Only one line feed is removed from the end of the data.",
      "data: a\ndata:\n\n", {message("a\n")});
  add("data-empty-first", "An empty first line of data is kept.", "data:\ndata: a\n\n",
      {message("\na")});
  add("data-empty-inside", "Empty lines of data are kept.", "data: a\ndata\ndata: b\n\n",
      {message("a\n\nb")});
  add("data-spread", "Lines of data are joined even when other fields stand between them.",
      "data: a\nid: 7\ndata: b\nretry: 5000\ndata: c\n\n", {message("a\nb\nc", "7")});
  add("data-none", "A block without data dispatches nothing.",
      "id: 7\n\nretry: 5000\n\ndata: a\n\n", {message("a", "7")});
  add("data-cleared", "The data of an event is not part of the next one.", "data: a\n\ndata: b\n\n",
      {message("a"), message("b")});
  add("data-json", "Data is text and stays as it is, whatever it looks like.",
      "data: {\"a\": [1, 2], \"b\": \"\\u00e4\\n\"}\n\n",
      {message("{\"a\": [1, 2], \"b\": \"\\u00e4\\n\"}")});
  std::string burst;
  std::vector<Expected> events;
  for (int i = 0; i < 500; ++i) {
    burst += fmt::format("data: {}\n\n", i);
    events.push_back(message(std::to_string(i)));
  }
  cases.push_back(one_stream("sse/9.2.6/order",
                             "Events are dispatched in the order in which they were sent.",
                             interpreting, {std::move(burst), std::move(events)}));
  return cases;
}

Cases comments() {
  Cases cases;
  const auto add = [&](const char* name, const char* requirement, std::string bytes,
                       std::vector<std::string> texts) {
    Case item = one_stream("sse/9.2.6/"s + name, requirement, interpreting, {std::move(bytes), {}});
    item.level = Level::may;
    item.needs = {Capability::comments};
    item.judge = hears_comments(std::move(texts));
    cases.push_back(std::move(item));
  };
  add("reports-comment", "A client that reports comments reports their text without the colon.",
      ":one\n:two\n\n", {"one", "two"});
  add("reports-comment-empty", "A client that reports comments reports empty ones, too.", ":\n\n",
      {""});
  add("reports-comment-inside", "A client that reports comments finds them inside blocks, too.",
      "data: a\n:inside\n\n", {"inside"});
  add("reports-comment-utf8", "The text of a comment is UTF-8 as everything else.",
      ":\xE2\x82\xAC\n\n", {"\xE2\x82\xAC"});
  return cases;
}

}  // namespace fields_of
}  // namespace

Cases field_cases() {
  using namespace fields_of;
  Cases cases = fields();
  append(cases, data());
  append(cases, comments());
  return cases;
}

}  // namespace streamgauge::client_case
