// 9.2.4: Last-Event-ID, in every situation in which a client comes back.
#include <fmt/format.h>

#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {
namespace resumes {

Case based(const std::string& id, std::string requirement, std::vector<Reply> replies,
           std::optional<std::string> sent) {
  Case item;
  item.id = "reconnect/id/" + id;
  item.requirement = std::move(requirement);
  item.source = last_event_id;
  item.script.replies = std::move(replies);
  item.until.requests = static_cast<std::uint32_t>(item.script.replies.size());
  item.judge = resumes_with(item.until.requests, std::move(sent));
  return item;
}

/// One stream with these blocks, then the request that is looked at.
Case after(const std::string& id, std::string requirement, const std::string& blocks,
           std::optional<std::string> sent) {
  return based(id, std::move(requirement), {short_stream(blocks), last_stream()}, std::move(sent));
}

Answer stream(const std::string& blocks) {
  return std::move(Answer().send("retry: 50\n\n" + blocks));
}

Cases situations() {
  Cases cases;
  const std::string seven = "id: 7\ndata: a\n\n";
  cases.push_back(after("none", "Who was told no id sends none.", "", std::nullopt));
  cases.push_back(after("told", "Who was told an id sends it when it returns.", seven, "7"));
  cases.push_back(
      after("last", "The last of several ids is sent.", seven + "id: 8\ndata: b\n\n", "8"));
  cases.push_back(after("older", "Events without an id leave the one before in place.",
                        seven + "data: b\n\n", "7"));
  cases.push_back(after("only-block", "An id without data is sent, too.", "id: 7\n\n", "7"));
  cases.push_back(after("reset", "Once an empty id has reset it, none is sent.",
                        seven + "id:\ndata: b\n\n", std::nullopt));
  cases.push_back(after("reset-no-colon", "Once a line 'id' has reset it, none is sent.",
                        seven + "id\ndata: b\n\n", std::nullopt));
  cases.push_back(after("reset-only-block",
                        "Once a block of an empty id alone has reset it, none "
                        "is sent.",
                        seven + "id:\n\n", std::nullopt));
  cases.push_back(after("told-after-reset", "An id after a reset is sent.",
                        seven + "id:\n\nid: 8\ndata: b\n\n", "8"));
  cases.push_back(after("incomplete", "The id of a block that was cut is not sent.",
                        seven + "id: 8\ndata: cut\n", "7"));
  cases.push_back(after("incomplete-first",
                        "The id of a block that was cut is not sent, and none "
                        "is when it was the first.",
                        "id: 8\ndata: cut\n", std::nullopt));
  cases.push_back(after("incomplete-reset", "An empty id in a block that was cut resets nothing.",
                        seven + "id:\n", "7"));
  cases.push_back(after("nul", "An id that holds U+0000 is not sent; the one before is.",
                        seven + "id: 8\0\ndata: b\n\n"s, "7"));
  cases.push_back(after("utf8", "An id is sent as UTF-8.", "id: \xE2\x82\xAC\xC3\xA4\ndata: a\n\n",
                        "\xE2\x82\xAC\xC3\xA4"));
  cases.push_back(after("zero", "The id '0' is sent.", "id: 0\ndata: a\n\n", "0"));
  cases.push_back(
      after("inner-space", "Spaces inside an id are sent.", "id: a b  c\ndata: a\n\n", "a b  c"));
  cases.push_back(after("punctuation", "Commas, quotes and colons of an id are sent as they are.",
                        "id: a,\"b\":c;d=%20\ndata: a\n\n", "a,\"b\":c;d=%20"));
  const std::string wide(1000, 'x');
  cases.push_back(
      after("long", "A long id is sent whole.", fmt::format("id: {}\ndata: a\n\n", wide), wide));
  cases.push_back(after("comment", "An id in a comment is none.", seven + ":id: 8\n\n", "7"));
  cases.push_back(after("name-case", "'ID' is an unknown field: it is not sent.",
                        seven + "ID: 8\ndata: b\n\n", "7"));
  return cases;
}

Cases ways() {
  Cases cases;
  const std::string seven = "id: 7\ndata: a\n\n";
  cases.push_back(based("after-a-cut", "The id is sent after a cut.",
                        {stream(seven).cut(), last_stream()}, "7"));
  cases.push_back(based("after-a-reset-connection", "The id is sent after a connection was reset.",
                        {stream(seven).wait(30ms).reset(), last_stream()}, "7"));
  cases.push_back(based("after-no-answer", "The id outlives a connection without an answer.",
                        {stream(seven).end(), Answer().raw("").cut(), last_stream()}, "7"));
  cases.push_back(based("after-an-empty-stream", "The id outlives a stream without events.",
                        {stream(seven).end(), stream("").end(), last_stream()}, "7"));
  cases.push_back(based("after-a-stream-without-ids", "The id outlives a stream without ids.",
                        {stream(seven).end(), stream("data: b\n\n").end(), last_stream()}, "7"));
  cases.push_back(based("replaced-later", "A later stream's id takes the place of the first one's.",
                        {stream(seven).end(), stream("id: 8\ndata: b\n\n").end(), last_stream()},
                        "8"));
  cases.push_back(based("reset-later", "A later stream can reset the id.",
                        {stream(seven).end(), stream("id:\ndata: b\n\n").end(), last_stream()},
                        std::nullopt));
  cases.push_back(based("incomplete-in-two", "An id that was cut stays unsent on later returns.",
                        {stream(seven + "id: 8\n").cut(), stream("").end(), last_stream()}, "7"));
  cases.push_back(based("reset-redirected", "After a reset a redirected request carries none.",
                        {stream(seven + "id:\n\n").end(), redirect(302, "/moved"), last_stream()},
                        std::nullopt));
  Case once = based("once", "Last-Event-ID is sent once in a request.",
                    {stream(seven).end(), stream(seven).end(), last_stream()}, "7");
  once.judge = request_is(3, "one Last-Event-ID", [](const seen::Requested& request) {
    int count = 0;
    for (const auto& field : request.fields) {
      count += seen::Requested{0, false, "", "", {field}, ""}.field("last-event-id").has_value();
    }
    return count == 1 ? std::string{} : std::to_string(count) + " of them";
  });
  cases.push_back(std::move(once));
  return cases;
}

Cases given() {
  Cases cases;
  Case first = based("given", "A client that is given an id sends it by its first request.",
                     {last_stream()}, "40");
  Case older = based("given-kept", "An id that was given is sent until another one is told.",
                     {short_stream(), last_stream()}, "40");
  Case newer = based("given-replaced", "An id that is told takes the place of one that was given.",
                     {short_stream("id: 41\ndata: a\n\n"), last_stream()}, "41");
  for (Case* item : {&first, &older, &newer}) {
    item->needs = {Capability::last_event_id};
    item->order.last_event_id = "40";
    cases.push_back(std::move(*item));
  }
  return cases;
}

}  // namespace resumes
}  // namespace

Cases resume_cases() {
  using namespace resumes;
  Cases cases = situations();
  append(cases, ways());
  append(cases, given());
  return cases;
}

}  // namespace streamgauge::client_case
