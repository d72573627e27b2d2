// 9.2.3: the media type of the response, and what codings of the body change (nothing).
#include <string>

#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::string_literals;

namespace {
namespace media {

Case based(const std::string& id, std::string requirement) {
  Case item;
  item.id = "http/type/" + id;
  item.requirement = std::move(requirement);
  item.source = processing;
  return item;
}

Case accepted(const std::string& id, std::string requirement, std::string type) {
  Case item = based(id, std::move(requirement));
  item.script.replies = {
      Answer().type(std::move(type)).send("data: \xC3\xA4\n\n").send(end_event).hold()};
  item.judge = hears({message("\xC3\xA4"), the_end()});
  return item;
}

Case refused(const std::string& id, std::string requirement, std::optional<std::string> type) {
  Case item = based(id, std::move(requirement));
  item.script = after_a_stream({Answer().type(std::move(type)).send("data: lost\n\n").end()});
  item.until = stays_away(2);
  item.judge = all_of({stays_away_after(2), hears({message("first")})});
  return item;
}

// gzip of "data: packed\n\ndata: sg-end\n\n".
const std::string packed =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x49\x2c\x49\xb4\x52\x28\x48\x4c\xce\x4e\x4d\xe1"
    "\xe2\x4a\x01\xf3\x8a\xd3\x75\x53\xf3\x80\x3c\x00\xd6\x99\xfc\x83\x1c\x00\x00\x00"s;

Cases codings() {
  Cases cases;
  const auto add = [&](const char* id, const char* requirement, Reply reply) {
    Case item = based(id, requirement);
    item.source = "RFC 9112 6, 7";
    item.script.replies = {std::move(reply)};
    item.judge = hears({message("a"), the_end()});
    cases.push_back(std::move(item));
  };
  const std::string body = "data: a\n\ndata: sg-end\n\n";
  add("coding-until-close", "A body that lasts as long as the connection is read as it comes.",
      Answer().coding(Answer::Coding::until_close).send(body).hold());
  add("coding-length", "A body of an announced length is read as it comes.",
      Answer().announce(1000).send(body).hold());
  Answer bytes;
  add("coding-chunk-a-byte", "Chunks are no lines and no events: they may be of one byte each.",
      bytes.bytewise(body, {}).hold());
  add("coding-chunk-extensions", "Chunks may carry extensions, and sizes in either case of hex.",
      Answer()
          .raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
               "Access-Control-Allow-Origin: *\r\nTransfer-Encoding: chunked\r\n\r\n"
               "9;name=value\r\ndata: a\n\n\r\n000E\r\ndata: sg-end\n\n\r\n")
          .hold());
  Case zipped = based("gzip",
                      "A compressed body that the client has offered to take is read as it "
                      "comes.");
  zipped.source = "RFC 9110 8.4";
  zipped.script.replies = {Answer().field("Content-Encoding", "gzip").send(packed).hold()};
  zipped.judge = [](const Trial& trial, Level level) {
    for (const auto& [at, request] : all<seen::Requested>(trial)) {
      const auto offered = request->field("accept-encoding");
      if (offered && offered->find("gzip") != std::string_view::npos) {
        return hears({message("packed"), the_end()})(trial, level);
      }
    }
    Finding result;
    result.verdict = Verdict::skip;
    result.reason = "the client does not offer to take compressed bodies";
    return result;
  };
  zipped.until.within = std::chrono::seconds{3};
  cases.push_back(std::move(zipped));
  return cases;
}

}  // namespace media
}  // namespace

Cases media_cases() {
  using namespace media;
  Cases cases;
  cases.push_back(accepted("plain", "A stream of type text/event-stream is read as UTF-8.",
                           "text/event-stream"));
  cases.push_back(accepted("charset", "A parameter charset=utf-8 changes nothing.",
                           "text/event-stream; charset=utf-8"));
  cases.push_back(accepted("charset-tight", "Parameters may follow without a space.",
                           "text/event-stream;charset=UTF-8"));
  cases.push_back(accepted("charset-quoted", "Parameters may be quoted.",
                           "text/event-stream; charset=\"utf-8\""));
  cases.push_back(accepted("charset-other",
                           "A stream is decoded as UTF-8, whatever the parameter charset says.",
                           "text/event-stream; charset=iso-8859-1"));
  cases.push_back(accepted("parameter-unknown", "Unknown parameters change nothing.",
                           "text/event-stream; version=2; q"));
  cases.push_back(accepted("space-before-parameter", "White space may stand before the semicolon.",
                           "text/event-stream ; charset=utf-8"));
  cases.push_back(accepted("upper-case", "Media types are compared without regard to case.",
                           "Text/Event-Stream"));
  cases.push_back(refused("text-plain", "Another type, text/plain, fails the connection for good.",
                          "text/plain"));
  cases.push_back(refused("text-html", "Another type, text/html, fails the connection for good.",
                          "text/html; charset=utf-8"));
  cases.push_back(refused("json", "Another type, application/json, fails the connection for good.",
                          "application/json"));
  cases.push_back(
      refused("none", "A response without a type fails the connection for good.", std::nullopt));
  cases.push_back(
      refused("empty", "A response with an empty type fails the connection for good.", ""));
  cases.push_back(refused("longer", "A type that begins with text/event-stream is another one.",
                          "text/event-streams"));
  cases.push_back(refused("in-a-parameter",
                          "text/event-stream in a parameter of another type is not the type.",
                          "text/plain; note=text/event-stream"));
  append(cases, codings());
  Case first = based("text-html-at-first",
                     "Another type in answer to the first request fails the connection for good.");
  first.script.replies = {Answer().type("text/html").send("<p>data: lost</p>").end()};
  first.until = stays_away(1);
  first.judge = stays_away_after(1);
  cases.push_back(std::move(first));
  return cases;
}

}  // namespace streamgauge::client_case
