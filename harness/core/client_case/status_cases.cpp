// 9.2.3: what is not 200 fails the connection for good. What follows it is silence.
#include <fmt/format.h>

#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {
namespace statuses {

struct Status {
  int code;
  const char* what;
};

// Refusals of every class. 407, 408, 421 and 425 are left out: an HTTP client may answer them
// itself, below what an event source sees.
constexpr Status refused[] = {
    {201, "created"},
    {202, "accepted"},
    {204, "no content"},
    {206, "partial content"},
    {300, "multiple choices"},
    {304, "not modified"},
    {400, "bad request"},
    {401, "unauthorized"},
    {403, "forbidden"},
    {404, "not found"},
    {405, "method not allowed"},
    {406, "not acceptable"},
    {409, "conflict"},
    {410, "gone"},
    {429, "too many requests"},
    {451, "unavailable for legal reasons"},
    {500, "internal server error"},
    {501, "not implemented"},
    {502, "bad gateway"},
    {503, "service unavailable"},
    {504, "gateway timeout"},
};

Case stopped(std::string id, std::string requirement, Script script, std::uint32_t number) {
  Case item;
  item.id = "http/status/" + std::move(id);
  item.requirement = std::move(requirement);
  item.source = processing;
  item.script = std::move(script);
  item.until = stays_away(number);
  item.judge = stays_away_after(number);
  return item;
}

/// A stream of events that carries a status other than 200.
Reply stream_with(int status) {
  return Answer(status).send("data: lost\n\n").end();
}

}  // namespace statuses
}  // namespace

Cases status_cases() {
  using namespace statuses;
  Cases cases;
  for (const Status& status : refused) {
    cases.push_back(stopped(fmt::format("{}-when-it-returns", status.code),
                            fmt::format("A client that returns and meets {} ({}) stops for good.",
                                        status.code, status.what),
                            after_a_stream({refusal(status.code)}), 2));
  }
  for (const Status& status : {refused[2], refused[9], refused[14], refused[16], refused[19]}) {
    cases.push_back(
        stopped(fmt::format("{}-at-first", status.code),
                fmt::format("A client whose first request meets {} ({}) stops for good.",
                            status.code, status.what),
                {{refusal(status.code)}, {}}, 1));
  }
  for (const int status : {204, 404, 500}) {
    Case item = stopped(fmt::format("{}-body", status),
                        fmt::format("Events in the body of a {} are not dispatched.", status),
                        after_a_stream({stream_with(status)}), 2);
    item.judge = all_of({stays_away_after(2), hears({message("first")})});
    cases.push_back(std::move(item));
  }
  cases.push_back(stopped("retry-after-503",
                          "A 503 with Retry-After fails the connection as any other refusal does.",
                          after_a_stream({refusal(503, {{"Retry-After", "1"}})}), 2));
  cases.back().until.then = 1300ms;
  cases.push_back(stopped("retry-after-429",
                          "A 429 with Retry-After fails the connection as any other refusal does.",
                          after_a_stream({refusal(429, {{"Retry-After", "1"}})}), 2));
  cases.back().until.then = 1300ms;

  Case error = stopped("error-reported", "A connection that fails is reported as an error.",
                       after_a_stream({refusal(404)}), 2);
  error.needs = {Capability::errors};
  error.judge = reports_error();
  cases.push_back(std::move(error));

  Case interim;
  interim.id = "http/status/103-first";
  interim.requirement = "An interim response before the final one is no answer.";
  interim.source = "RFC 9110 15.2";
  interim.level = Level::should;
  interim.script.replies = {
      Answer()
          .raw("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
          .wait(10ms)
          .raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
               "Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\ndata: sg-end\n\n")
          .hold()};
  interim.judge = hears({the_end()});
  cases.push_back(std::move(interim));

  Case old;
  old.id = "http/status/200-http-1.0";
  old.requirement = "A stream may come by HTTP/1.0, without a coding, until the connection ends.";
  old.source = "RFC 9112 6.3";
  old.level = Level::should;
  old.script.replies = {Answer()
                            .raw("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n"
                                 "Access-Control-Allow-Origin: *\r\n\r\ndata: sg-end\n\n")
                            .hold()};
  old.judge = hears({the_end()});
  cases.push_back(std::move(old));

  Case phrase;
  phrase.id = "http/status/200-without-a-phrase";
  phrase.requirement = "The phrase behind the status may be empty.";
  phrase.source = "RFC 9112 4";
  phrase.level = Level::should;
  phrase.script.replies = {Answer()
                               .raw("HTTP/1.1 200 \r\nContent-Type: text/event-stream\r\n"
                                    "Access-Control-Allow-Origin: *\r\n\r\ndata: sg-end\n\n")
                               .hold()};
  phrase.judge = hears({the_end()});
  cases.push_back(std::move(phrase));
  return cases;
}

}  // namespace streamgauge::client_case
