#include "harness/core/client_case/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/base/units.hpp"
#include "harness/core/check/finding.hpp"

namespace streamgauge::client_case {

Verdict violated_grade(Level level) {
  switch (level) {
    case Level::must:
      return Verdict::fail;
    case Level::should:
      return Verdict::warn;
    case Level::may:
      break;
  }
  return Verdict::info;
}

namespace {

// A harness that was itself late by so much must not blame a client that something did not come.
constexpr Duration lag_tolerated = std::chrono::seconds{1};
// Timers of a millisecond's grain may fire early by one; clocks of two processes agree.
constexpr Duration grain = std::chrono::milliseconds{5};

std::uint32_t requests(const Trial& trial) {
  return static_cast<std::uint32_t>(all<seen::Requested>(trial).size());
}

const seen::Requested* request(const Trial& trial, std::uint32_t number) {
  for (const auto& [at, what] : all<seen::Requested>(trial)) {
    if (what->number == number) return what;
  }
  return nullptr;
}

std::string gone_words(const Trial& trial) {
  const auto gone = all<seen::Gone>(trial);
  return gone.empty() ? "" : "; the client is gone: " + gone.front().second->how;
}

/// Something that was due never came: the client's fault, unless the harness was late itself.
Finding never_came(const Trial& trial, Level level, std::string what, std::string bound) {
  if (trial.lag > lag_tolerated) {
    return finding(Verdict::inconclusive, std::move(what), std::move(bound),
                   fmt::format("the harness itself was late by up to {}: run the case again on a "
                               "machine with more to spare",
                               format_duration(trial.lag)));
  }
  std::string reason = fmt::format("within {} it never came{}",
                                   format_duration(trial.ended - trial.began), gone_words(trial));
  return finding(violated_grade(level), std::move(what), std::move(bound), std::move(reason));
}

/// What is to be judged about a request that never came cannot be.
Finding no_such_request(const Trial& trial, std::uint32_t number) {
  return finding(
      Verdict::inconclusive, fmt::format("{} requests", requests(trial)),
      fmt::format("request {}", number),
      fmt::format("request {} never came within {}, so that nothing can be said of it{}", number,
                  format_duration(trial.ended - trial.began), gone_words(trial)));
}

std::string words(const Expected& event) {
  std::string text =
      fmt::format("event '{}' data '{}'", printable(event.type), printable(event.data));
  if (event.id) text += fmt::format(" id '{}'", printable(*event.id));
  return text;
}

bool same(const Expected& expected, const seen::Event& got, bool ids) {
  return expected.type == got.type && expected.data == got.data &&
         (!expected.id || !ids || *expected.id == got.id);
}

Finding compare(const Trial& trial, Level level, const std::vector<Expected>& expected) {
  const auto got = all<seen::Event>(trial);
  const bool ids = trial.can.has(Capability::ids);
  std::string bound = fmt::format("{} events as sent", expected.size());
  for (std::size_t i = 0; i < std::max(got.size(), expected.size()); ++i) {
    std::string measured = fmt::format("{} of {} as sent", i, expected.size());
    if (i >= got.size()) {
      const std::string at = expected[i].at.empty() ? "" : fmt::format(" ({})", expected[i].at);
      Finding result = never_came(trial, level, std::move(measured), std::move(bound));
      result.reason = fmt::format("{}{}: {}", words(expected[i]), at, result.reason);
      return result;
    }
    if (i < expected.size() && same(expected[i], *got[i].second, ids)) continue;
    const std::string wanted = i < expected.size() ? words(expected[i]) : "nothing more";
    const std::string at =
        i < expected.size() && !expected[i].at.empty() ? fmt::format(" ({})", expected[i].at) : "";
    return finding(violated_grade(level), std::move(measured), std::move(bound),
                   fmt::format("expected {}{}, got {}", wanted, at, to_string(*got[i].second)));
  }
  return finding(Verdict::pass, fmt::format("{} events as sent", expected.size()),
                 std::move(bound));
}

}  // namespace

Judge hears(std::vector<Expected> events) {
  return [events = std::move(events)](const Trial& trial, Level level) {
    return compare(trial, level, events);
  };
}

Judge hears_comments(std::vector<std::string> texts) {
  return [texts = std::move(texts)](const Trial& trial, Level level) {
    std::vector<std::string> got;
    for (const auto& [at, comment] : all<seen::Comment>(trial)) got.push_back(comment->text);
    std::string measured = fmt::format("{} comments", got.size());
    std::string bound = fmt::format("{} comments", texts.size());
    if (got == texts) return finding(Verdict::pass, std::move(measured), std::move(bound));
    const auto differs = std::mismatch(got.begin(), got.end(), texts.begin(), texts.end());
    if (differs.first == got.end()) {
      return never_came(trial, level, fmt::format("comment '{}'", printable(*differs.second)),
                        std::move(bound));
    }
    const std::string wanted =
        differs.second == texts.end() ? "no more" : "'" + printable(*differs.second) + "'";
    return finding(
        violated_grade(level), std::move(measured), std::move(bound),
        fmt::format("expected {}, got the comment '{}'", wanted, printable(*differs.first)));
  };
}

Judge comes_back(std::uint32_t number) {
  return [number](const Trial& trial, Level level) {
    std::string measured = fmt::format("{} requests", requests(trial));
    std::string bound = fmt::format("at least {}", number);
    if (requests(trial) < number) {
      return never_came(trial, level, std::move(measured), std::move(bound));
    }
    return finding(Verdict::pass, std::move(measured), std::move(bound));
  };
}

Judge stays_away_after(std::uint32_t number) {
  return [number](const Trial& trial, Level level) {
    const std::uint32_t came = requests(trial);
    std::string measured = fmt::format("{} requests", came);
    std::string bound = fmt::format("{}, then none", number);
    if (came < number) return no_such_request(trial, number);
    if (came > number) {
      const auto gap = gap_before(trial, number + 1);
      return finding(violated_grade(level), std::move(measured), std::move(bound),
                     fmt::format("the client came again{}",
                                 gap ? " after " + format_duration(*gap) : std::string{}));
    }
    if (!trial.complete) {
      return finding(
          Verdict::inconclusive, std::move(measured), std::move(bound),
          "the case ended before the client had had the time to come again" + gone_words(trial));
    }
    return finding(Verdict::pass, std::move(measured), std::move(bound));
  };
}

Judge waits_at_least(std::uint32_t number, Duration least) {
  return [number, least](const Trial& trial, Level level) {
    const auto gap = gap_before(trial, number);
    if (!gap) return no_such_request(trial, number);
    std::string measured = format_duration(*gap);
    std::string bound = fmt::format("at least {}", format_duration(least));
    if (*gap + grain >= least) {
      return finding(Verdict::pass, std::move(measured), std::move(bound));
    }
    return finding(violated_grade(level), measured, std::move(bound),
                   fmt::format("the client came again after {}: sooner than it was told",
                               format_duration(*gap)));
  };
}

Judge waits_at_most(std::uint32_t number, Duration most) {
  return [number, most](const Trial& trial, Level level) {
    const auto gap = gap_before(trial, number);
    if (!gap) return no_such_request(trial, number);
    std::string measured = format_duration(*gap);
    std::string bound =
        fmt::format("at most {} (+{} lag)", format_duration(most), format_duration(trial.lag));
    if (*gap <= most + trial.lag) {
      return finding(Verdict::pass, std::move(measured), std::move(bound));
    }
    if (trial.lag > most) {
      return finding(Verdict::inconclusive, std::move(measured), std::move(bound),
                     "the harness itself was late by more than the bound");
    }
    return finding(violated_grade(level), measured, std::move(bound),
                   fmt::format("the client took {} to come again: it does not wait as it was told",
                               format_duration(*gap)));
  };
}

Judge asks_at_most(std::uint32_t number) {
  return [number](const Trial& trial, Level level) {
    const std::uint32_t came = requests(trial);
    std::string measured = fmt::format("{} requests", came);
    std::string bound = fmt::format("at most {}", number);
    if (came > number) {
      return finding(violated_grade(level), std::move(measured), std::move(bound),
                     fmt::format("the client asked {} times in {}", came,
                                 format_duration(trial.ended - trial.began)));
    }
    if (!trial.complete) {
      return finding(Verdict::inconclusive, std::move(measured), std::move(bound),
                     "the case ended before the client could have asked too often");
    }
    return finding(Verdict::pass, std::move(measured), std::move(bound));
  };
}

Judge resumes_with(std::uint32_t number, std::optional<std::string> id) {
  return [number, id = std::move(id)](const Trial& trial, Level level) {
    const auto shown = [](const std::optional<std::string_view>& value) {
      return value ? fmt::format("Last-Event-ID: '{}'", printable(*value))
                   : std::string{"no Last-Event-ID"};
    };
    const seen::Requested* what = request(trial, number);
    if (what == nullptr) return no_such_request(trial, number);
    const auto got = what->field("last-event-id");
    const auto wanted = id ? std::optional<std::string_view>{*id} : std::nullopt;
    if (got == wanted) return finding(Verdict::pass, shown(got), shown(wanted));
    return finding(
        violated_grade(level), shown(got), shown(wanted),
        fmt::format("request {} carries {} instead of {}", number, shown(got), shown(wanted)));
  };
}

Judge request_is(std::uint32_t number, std::string wanted,
                 std::string (*test)(const seen::Requested&)) {
  return [number, wanted = std::move(wanted), test](const Trial& trial, Level level) {
    const seen::Requested* what = request(trial, number);
    if (what == nullptr) return no_such_request(trial, number);
    std::string wrong = test(*what);
    if (wrong.empty()) return finding(Verdict::pass, wanted, wanted);
    return finding(violated_grade(level), wrong, wanted,
                   fmt::format("request {}: {}", number, wrong));
  };
}

Judge asks_for(std::uint32_t number, std::string target, bool elsewhere) {
  return [number, target = std::move(target), elsewhere](const Trial& trial, Level level) {
    const seen::Requested* what = request(trial, number);
    if (what == nullptr) return no_such_request(trial, number);
    const auto shown = [](const std::string& path, bool there) {
      return printable(path) + (there ? " at the second port" : "");
    };
    const std::string got = shown(what->target, what->elsewhere);
    const std::string bound = shown(target, elsewhere);
    if (got == bound) return finding(Verdict::pass, got, bound);
    return finding(violated_grade(level), got, bound,
                   fmt::format("request {} asks for {} instead of {}", number, got, bound));
  };
}

Judge sends(std::uint32_t number, std::string field, std::string value) {
  return [=](const Trial& trial, Level level) {
    const seen::Requested* what = request(trial, number);
    if (what == nullptr) return no_such_request(trial, number);
    const auto got = what->field(field);
    const std::string bound = fmt::format("{}: {}", field, value);
    if (got == value) return finding(Verdict::pass, bound, bound);
    std::string measured = got ? fmt::format("{}: {}", field, printable(*got)) : "no " + field;
    return finding(violated_grade(level), measured, bound,
                   fmt::format("request {} has {}", number, measured));
  };
}

Judge sends_body(std::uint32_t number, std::string method, std::string body) {
  return [=](const Trial& trial, Level level) {
    const seen::Requested* what = request(trial, number);
    if (what == nullptr) return no_such_request(trial, number);
    const std::string got = fmt::format("{} '{}'", printable(what->method), printable(what->body));
    const std::string bound = fmt::format("{} '{}'", method, printable(body));
    if (what->method == method && what->body == body) return finding(Verdict::pass, got, bound);
    return finding(violated_grade(level), got, bound,
                   fmt::format("request {} is {} instead of {}", number, got, bound));
  };
}

Judge survives() {
  return [](const Trial& trial, Level level) {
    const auto gone = all<seen::Gone>(trial);
    if (gone.empty()) return finding(Verdict::pass, "still there", "still there");
    return finding(violated_grade(level), "gone", "still there",
                   "the client did not survive: " + gone.front().second->how);
  };
}

Judge reports_open(std::uint32_t times) {
  return [times](const Trial& trial, Level level) {
    const auto count = all<seen::Opened>(trial).size();
    std::string measured = fmt::format("open reported {} times", count);
    std::string bound = fmt::format("{} times", times);
    if (count == times) return finding(Verdict::pass, std::move(measured), std::move(bound));
    if (count < times) {
      return never_came(trial, level, std::move(measured), std::move(bound));
    }
    return finding(violated_grade(level), measured, std::move(bound), measured);
  };
}

Judge reports_error() {
  return [](const Trial& trial, Level level) {
    const auto errors = all<seen::Failure>(trial);
    if (errors.empty()) return never_came(trial, level, "no error reported", "an error");
    return finding(Verdict::pass, printable(errors.front().second->message), "an error");
  };
}

Judge hears_nothing_after_order() {
  return [](const Trial& trial, Level level) {
    const auto orders = all<seen::Ordered>(trial);
    if (orders.empty()) {
      return finding(Verdict::inconclusive, "never told to close", "nothing after the close",
                     "the event at which the client is told to close was never reported");
    }
    // What was on its way when the order was given may still come.
    const Instant from = orders.front().first + std::chrono::milliseconds{100} + trial.lag;
    for (const auto& [at, event] : all<seen::Event>(trial)) {
      if (at <= from) continue;
      return finding(violated_grade(level), to_string(*event), "nothing after the close",
                     fmt::format("{} was delivered {} after the close", to_string(*event),
                                 format_duration(at - orders.front().first)));
    }
    return finding(Verdict::pass, "nothing after the close", "nothing after the close");
  };
}

Judge all_of(std::vector<Judge> parts) {
  return [parts = std::move(parts)](const Trial& trial, Level level) {
    // The order of severity: what is certainly wrong outranks what is unknown.
    const auto weight = [](Verdict verdict) {
      constexpr Verdict order[] = {Verdict::pass, Verdict::skip,         Verdict::info,
                                   Verdict::warn, Verdict::inconclusive, Verdict::error,
                                   Verdict::fail};
      return std::find(std::begin(order), std::end(order), verdict) - std::begin(order);
    };
    std::optional<Finding> worst;
    for (const Judge& part : parts) {
      Finding next = part(trial, level);
      if (!worst || weight(next.verdict) > weight(worst->verdict)) worst = std::move(next);
    }
    return worst ? std::move(*worst) : finding(Verdict::error, "", "", "the case has no judgment");
  };
}

}  // namespace streamgauge::client_case
