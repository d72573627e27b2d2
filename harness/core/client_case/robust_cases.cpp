// What the standard takes for granted: sizes, pace, silence, and servers that mean harm.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {
namespace robustness {

Case based(const std::string& id, std::string requirement, Reply reply) {
  Case item;
  item.id = "robust/" + id;
  item.requirement = std::move(requirement);
  item.source = parsing;
  item.script.replies = {std::move(reply)};
  return item;
}

Case heard(const std::string& id, std::string requirement, Reply reply,
           std::vector<Expected> events) {
  Case item = based(id, std::move(requirement), std::move(reply));
  events.push_back(the_end());
  item.until.within = 15s;
  item.judge = hears(std::move(events));
  return item;
}

Cases sizes() {
  Cases cases;
  const std::string five(5u << 20, 'x');
  cases.push_back(heard("size/event-5-mb", "An event of 5 MB is dispatched whole.",
                        Answer().send("data: " + five + "\n\n").send(end_event).hold(),
                        {message(five)}));
  std::string lines, data;
  for (int i = 0; i < 20'000; ++i) {
    lines += fmt::format("data: line {}\n", i);
    data += fmt::format("{}line {}", i == 0 ? "" : "\n", i);
  }
  cases.push_back(heard("size/event-of-20000-lines",
                        "An event of 20 000 lines is dispatched whole.",
                        Answer().send(lines + "\n").send(end_event).hold(), {message(data)}));
  const std::string comment = ":" + std::string(1u << 20, 'c') + "\n\n";
  cases.push_back(heard("size/comment-1-mb", "A comment of 1 MB is ignored like any other.",
                        Answer().send(comment + "data: a\n\n").send(end_event).hold(),
                        {message("a")}));
  std::string many;
  std::vector<Expected> events;
  for (int i = 0; i < 5'000; ++i) {
    many += fmt::format("data: {}\n\n", i);
    events.push_back(message(std::to_string(i)));
  }
  cases.push_back(heard("size/5000-events", "5 000 events in one write are all dispatched.",
                        Answer().send(many).send(end_event).hold(), std::move(events)));
  Case type = heard("size/type-64-kb", "A type of 64 KB is one like any other.",
                    Answer()
                        .send("event: " + std::string(64u << 10, 't') + "\ndata: lost\n\n")
                        .send("data: a\n\n")
                        .send(end_event)
                        .hold(),
                    {});
  type.judge = [](const Trial& trial, Level level) {
    // Who must listen for types hears only the second event.
    const bool all_types = !trial.can.has(Capability::event_types);
    const bool both = all_types && all<seen::Event>(trial).size() > 2;
    std::vector<Expected> wanted{message("a"), the_end()};
    if (both) wanted.insert(wanted.begin(), {std::string(64u << 10, 't'), "lost"});
    return hears(std::move(wanted))(trial, level);
  };
  cases.push_back(std::move(type));
  return cases;
}

Cases paces() {
  Cases cases;
  Answer drip;
  cases.push_back(
      heard("pace/drip", "A stream may come a byte at a time, 20 ms apart.",
            drip.bytewise("data: a\n\ndata: slow but sure\n\n", 20ms).send(end_event).hold(),
            {message("a"), message("slow but sure")}));
  Answer head;
  for (const char c :
       "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
       "Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"s) {
    head.raw({&c, 1}).wait(3ms);
  }
  cases.push_back(
      heard("pace/head-drip", "A head may come a byte at a time.", head.raw(end_event).hold(), {}));
  cases.push_back(heard("pace/late-first-byte", "The first event may come a second after the head.",
                        Answer().wait(1s).send(end_event).hold(), {}));
  cases.push_back(heard("pace/late-head", "The head may come a second after the request.",
                        Answer()
                            .raw("")
                            .wait(1s)
                            .raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                 "Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n" +
                                 std::string(end_event))
                            .hold(),
                        {}));
  cases.push_back(heard("pace/prompt",
                        "An event is dispatched when its blank line has come, not "
                        "when the connection ends or a buffer is full.",
                        Answer().send(end_event).hold(), {}));
  cases.back().until.within = 3s;
  Answer beats;
  for (int i = 0; i < 20; ++i) beats.send(":\n\n").wait(100ms);
  Case alive = heard("pace/heartbeats-only",
                     "Comments are a sign of life: a stream that carries "
                     "nothing else is kept.",
                     beats.send(end_event).hold(), {});
  alive.judge = all_of({hears({the_end()}), keeps(1)});
  cases.push_back(std::move(alive));
  Case quiet = heard("pace/two-seconds-silence", "A stream may be silent for two seconds.",
                     Answer().send("data: a\n\n").wait(2s).send(end_event).hold(), {message("a")});
  quiet.judge = all_of({hears({message("a"), the_end()}), keeps(1)});
  cases.push_back(std::move(quiet));
  return cases;
}

Cases silences() {
  Cases cases;
  const auto add = [&](const char* id, const char* requirement, Reply reply) {
    Case item = based("silence/"s + id, requirement, std::move(reply));
    item.script.replies.push_back(last_stream());
    item.source = "public contract-test protocol";
    item.needs = {Capability::read_timeout};
    item.order.read_timeout = 400ms;
    item.until.requests = 2;
    item.judged_by_time = true;
    cases.push_back(std::move(item));
    return &cases.back();
  };
  add("after-events", "A client with a read time-out gives a stream up that fell silent.",
      Answer().send("retry: 50\n\ndata: a\n\n").hold())
      ->judge = all_of({leaves_within(1, 300ms, 1200ms), comes_back(2)});
  add("after-the-head",
      "A client with a read time-out gives a stream up that is silent from its "
      "head on.",
      Answer().send("").hold())
      ->judge = all_of({leaves_within(1, 300ms, 1200ms), comes_back(2)});
  add("after-half-a-line", "Half a line is a sign of life, and the last one.",
      Answer().send("retry: 50\n\ndata: half").hold())
      ->judge = all_of({leaves_within(1, 300ms, 1200ms), comes_back(2)});
  Answer beats;
  beats.send("data: a\n\n");
  for (int i = 0; i < 12; ++i) beats.wait(150ms).send(":\n");
  Case* alive = add("heartbeats",
                    "A client with a read time-out keeps a stream whose comments come "
                    "in time.",
                    beats.send(end_event).hold());
  alive->script.replies.pop_back();
  alive->until.requests = 1;
  alive->judge = all_of({hears({message("a"), the_end()}), keeps(1)});
  Case* error = add("error-reported",
                    "A stream that is given up for its silence is reported as an "
                    "error.",
                    Answer().send("retry: 50\n\ndata: a\n\n").hold());
  error->needs.push_back(Capability::errors);
  error->judge = reports_error();
  return cases;
}

// More than any client may keep, and little enough to be sent in a second or two.
constexpr std::uint64_t flood_bytes = 192u << 20;
constexpr std::uint64_t kept_bytes_max = 64u << 20;

Cases hostile() {
  Cases cases;
  const std::string piece(64u << 10, 'x');
  const auto add = [&](const char* id, const char* requirement, Reply reply) {
    Case item = based("hostile/"s + id, requirement, std::move(reply));
    item.level = Level::should;
    item.source = "streamgauge, bounded memory";
    item.measures_memory = true;
    item.until.end_event = false;
    item.until.held = 1;
    item.until.within = 20s;
    item.judge = all_of({bounded(1, kept_bytes_max), survives()});
    cases.push_back(std::move(item));
    return &cases.back();
  };
  add("endless-line", "A line without an end costs a client no more than a bound.",
      Answer().send("data: ").flood(piece, flood_bytes).hold());
  add("endless-event", "An event without an end costs a client no more than a bound.",
      Answer().flood("data: " + piece + "\n", flood_bytes).hold());
  add("endless-comment", "A comment without an end costs a client no more than a bound.",
      Answer().send(": ").flood(piece, flood_bytes).hold());
  add("endless-comments", "Comments without an end cost a client no more than a bound.",
      Answer().flood(": " + piece + "\n\n", flood_bytes).hold());
  add("endless-name", "A field's name without an end costs a client no more than a bound.",
      Answer().flood(piece, flood_bytes).hold());
  add("endless-refusal", "The body of a refusal costs a client no more than a bound.",
      Answer(503).type("text/plain").flood(piece, flood_bytes).hold());
  std::string fields = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
  for (int i = 0; i < 10'000; ++i) fields += fmt::format("X-Field-{}: {}\r\n", i, i);
  add("10000-fields", "A head of 10 000 fields costs a client no more than a bound.",
      Answer().raw(fields + "\r\ndata: a\n\n").hold());
  add("endless-head", "A head without an end costs a client no more than a bound.",
      Answer().raw("HTTP/1.1 200 OK\r\nX-Field: ").flood_raw(piece, flood_bytes).hold());
  add("huge-chunk", "A chunk that announces 2^63 bytes costs a client no more than a bound.",
      Answer()
          .raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
               "Access-Control-Allow-Origin: *\r\nTransfer-Encoding: chunked\r\n\r\n"
               "7fffffffffffffff\r\ndata: a\n\n")
          .hold());
  for (Case& item : cases) {
    // A client that keeps what it was sent, and takes it all, holds the connection.
    const bool small =
        item.id == "robust/hostile/10000-fields" || item.id == "robust/hostile/huge-chunk";
    if (!small) continue;
    item.until.then = 500ms;
    item.judge = all_of({survives(), asks_at_most(50)});
  }
  return cases;
}

}  // namespace robustness
}  // namespace

Cases robust_cases() {
  using namespace robustness;
  Cases cases = sizes();
  append(cases, paces());
  append(cases, silences());
  append(cases, hostile());
  return cases;
}

}  // namespace streamgauge::client_case
