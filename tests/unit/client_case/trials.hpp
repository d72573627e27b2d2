// Hand-written trials: a few observations with their times in milliseconds.
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/client_case/judge.hpp"

namespace streamgauge::client_case {

struct Told {
  int at_ms;
  Seen what;
};

inline Instant at_ms(int ms) {
  return instant_from_ns(0) + std::chrono::milliseconds{ms};
}

inline Trial trial(std::vector<Told> entries, bool complete = true) {
  Trial made;
  for (Told& entry : entries) made.log.push_back({at_ms(entry.at_ms), std::move(entry.what)});
  made.began = at_ms(0);
  made.ended = at_ms(entries.empty() ? 0 : entries.back().at_ms + 1000);
  made.complete = complete;
  made.can = {Capability::ids};
  return made;
}

inline Seen request(std::uint32_t number,
                    std::vector<std::pair<std::string, std::string>> fields = {}) {
  return seen::Requested{number, false, "GET", "/stream", std::move(fields), ""};
}
inline Seen ended(std::uint32_t number) {
  return seen::Ended{number};
}
inline Seen event(std::string data, std::string id = "", std::string type = "message") {
  return seen::Event{std::move(type), std::move(data), std::move(id)};
}

inline Verdict verdict(const Judge& judge, const Trial& of, Level level = Level::must) {
  return judge(of, level).verdict;
}

}  // namespace streamgauge::client_case
