// 9.2.6: a stream that ends inside a block, and that nothing of it lives on in the next one.
#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::string_literals;

namespace {
namespace ends_of {

/// A first connection that ends behind `cut`, then a second one that begins with `next`.
Case broken(const char* name, const char* requirement, std::string cut, std::string next,
            std::vector<Expected> events, bool in_order = true) {
  Case item;
  item.id = "sse/9.2.6/"s + name;
  item.requirement = requirement;
  item.source = interpreting;
  Answer answer;
  answer.send("retry: 50\n\n").send(cut);
  item.script.replies = {in_order ? answer.end() : answer.cut(), last_stream(next)};
  item.until.requests = 2;
  item.order.types = {"add"};
  events.push_back(the_end());
  item.judge = hears(std::move(events));
  return item;
}

}  // namespace ends_of
}  // namespace

Cases end_cases() {
  using namespace ends_of;
  Cases cases;
  cases.push_back(broken("end-no-blank-line",
                         "An event whose blank line never comes is not dispatched.",
                         "data: a\n\ndata: cut\n", "", {message("a")}));
  cases.push_back(broken("end-inside-a-line", "An event that ends inside a line is not dispatched.",
                         "data: a\n\ndata: cu", "", {message("a")}));
  cases.push_back(broken("end-inside-a-name", "A stream may end inside a field's name.",
                         "data: a\n\nda", "", {message("a")}));
  cases.push_back(broken("end-cut-off", "A block that a broken connection cuts is not dispatched.",
                         "data: a\n\ndata: cut\n", "", {message("a")}, false));
  cases.push_back(broken("end-after-cr",
                         "A blank line that a carriage return ends is whole at the stream's end.",
                         "data: a\r\r", "", {message("a")}));
  cases.push_back(broken("end-data-forgotten",
                         "Data of a block that was cut is not part of the next stream's event.",
                         "data: cut\n", "data: b\n\n", {message("b")}));
  cases.push_back(broken("end-line-forgotten",
                         "A line that was cut is not continued by the next stream.", "data: cu",
                         "data: b\n\n", {message("b")}));
  cases.push_back(broken("end-type-forgotten",
                         "The type of a block that was cut is not that of the next stream's event.",
                         "event: add\n", "data: b\n\n", {message("b")}));
  cases.push_back(broken("end-character-forgotten",
                         "A character that was cut is not continued by the next stream.",
                         "data: a\n\n: \xE2\x82", "data: b\n\n", {message("a"), message("b")}));
  cases.push_back(broken("end-id-forgotten",
                         "The id of a block that was cut is not told by later events.",
                         "id: 7\ndata: a\n\nid: 8\ndata: cut\n", "data: b\n\n",
                         {message("a", "7"), message("b", "7")}));
  cases.back().needs = {Capability::ids};
  cases.push_back(broken("end-id-told-on", "Events of the next stream tell the last event id.",
                         "id: 7\ndata: a\n\n", "data: b\n\n",
                         {message("a", "7"), message("b", "7")}));
  cases.back().needs = {Capability::ids};
  return cases;
}

}  // namespace streamgauge::client_case
