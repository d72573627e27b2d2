// 9.2.6: ids, as the events tell them. What a reconnect tells is in resume_cases.cpp.
#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::string_literals;

Cases id_cases() {
  Cases cases;
  const auto add = [&](const char* name, const char* requirement, std::string bytes,
                       std::vector<Expected> events) {
    cases.push_back(everywhere("sse/9.2.6/"s + name, requirement, interpreting,
                               {std::move(bytes), std::move(events)}));
    cases.back().needs = {Capability::ids};
  };
  add("id", "'id' sets the last event id, and the event tells it.", "id: 7\ndata: a\n\n",
      {message("a", "7")});
  add("id-behind-data", "The id may stand behind the data.", "data: a\nid: 7\n\n",
      {message("a", "7")});
  add("id-persists", "The last event id persists: an event without one tells the one before.",
      "id: 7\ndata: a\n\ndata: b\n\n", {message("a", "7"), message("b", "7")});
  add("id-only-block", "A block with an id and without data sets the last event id.",
      "id: 7\n\ndata: a\n\n", {message("a", "7")});
  add("id-empty-resets", "An empty id resets the last event id.",
      "id: 7\ndata: a\n\nid:\ndata: b\n\n", {message("a", "7"), message("b", "")});
  add("id-no-colon-resets", "A line 'id' resets the last event id.",
      "id: 7\ndata: a\n\nid\ndata: b\n\n", {message("a", "7"), message("b", "")});
  add("id-empty-only-resets", "A block with an empty id and without data resets it, too.",
      "id: 7\ndata: a\n\nid:\n\ndata: b\n\n", {message("a", "7"), message("b", "")});
  add("id-nul", "An id that holds U+0000 is ignored.", "id: 7\ndata: a\n\nid: 8\0\ndata: b\n\n"s,
      {message("a", "7"), message("b", "7")});
  add("id-nul-inside", "An id that holds U+0000 between other characters is ignored.",
      "id: 7\ndata: a\n\nid: 8\0008\ndata: b\n\n"s, {message("a", "7"), message("b", "7")});
  add("id-last", "Of several ids in a block the last one counts.", "id: 6\nid: 7\ndata: a\n\n",
      {message("a", "7")});
  add("id-nul-last", "An id with U+0000 behind a good one leaves that in place.",
      "id: 7\nid: 8\0\ndata: a\n\n"s, {message("a", "7")});
  add("id-zero", "'0' is an id like any other.", "id: 0\ndata: a\n\n", {message("a", "0")});
  add("id-space", "Exactly one space is removed from before the id.", "id:  7 \ndata: a\n\n",
      {message("a", " 7 ")});
  add("id-utf8", "An id may be any text.", "id: \xE2\x82\xAC\ndata: a\n\n",
      {message("a", "\xE2\x82\xAC")});
  add("id-case", "'ID' and 'Id' are unknown fields.", "id: 7\nID: 8\nId: 9\ndata: a\n\n",
      {message("a", "7")});
  return cases;
}

}  // namespace streamgauge::client_case
