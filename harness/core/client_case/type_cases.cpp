// 9.2.6: event types.
#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::string_literals;

Cases type_cases() {
  Cases cases;
  const auto add = [&](const char* name, const char* requirement, std::string bytes,
                       std::vector<Expected> events, std::vector<std::string> types = {"add"}) {
    cases.push_back(everywhere("sse/9.2.6/"s + name, requirement, interpreting,
                               {std::move(bytes), std::move(events), std::move(types)}));
  };
  const Expected added{"add", "a"};
  add("type-named", "'event' sets the type of the event.", "event: add\ndata: a\n\n", {added});
  add("type-default", "An event without a type is a 'message'.", "data: a\n\n", {message("a")});
  add("type-message", "The type may be 'message' in so many words.", "event: message\ndata: a\n\n",
      {message("a")});
  add("type-empty", "An empty type means 'message'.", "event:\ndata: a\n\n", {message("a")});
  add("type-no-colon", "A line 'event' is an empty type and means 'message'.", "event\ndata: a\n\n",
      {message("a")});
  add("type-emptied", "A later empty type in a block undoes an earlier one.",
      "event: add\nevent:\ndata: a\n\n", {message("a")});
  add("type-last", "Of several types in a block the last one counts.",
      "event: remove\nevent: add\ndata: a\n\n", {added}, {"add", "remove"});
  add("type-behind-data", "The type may stand behind the data.", "data: a\nevent: add\n\n",
      {added});
  add("type-reset", "The type of an event is not that of the next one.",
      "event: add\ndata: a\n\ndata: b\n\n", {added, message("b")});
  add("type-reset-without-data",
      "A block without data resets the type: it does not leak into the next event.",
      "event: add\n\ndata: b\n\n", {message("b")});
  add("type-space", "Exactly one space is removed from before the type.",
      "event:  add\ndata: a\n\n", {{" add", "a"}}, {" add"});
  add("type-utf8", "A type may be any text.", "event: \xE2\x82\xAC\xF0\x9F\x98\x80\ndata: a\n\n",
      {{"\xE2\x82\xAC\xF0\x9F\x98\x80", "a"}}, {"\xE2\x82\xAC\xF0\x9F\x98\x80"});
  add("type-colon", "A type may hold a colon.", "event: a:b\ndata: a\n\n", {{"a:b", "a"}}, {"a:b"});
  add("type-case", "Types are told apart by upper and lower case.",
      "event: Add\ndata: a\n\nevent: add\ndata: a\n\n", {{"Add", "a"}, added}, {"add", "Add"});
  return cases;
}

}  // namespace streamgauge::client_case
