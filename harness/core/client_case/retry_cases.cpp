// 9.2.6: "retry". That a value was taken over or ignored is seen by when the client comes again.
#include <fmt/format.h>

#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {
namespace retries {

Case told(const std::string& name, std::string requirement, std::string fields) {
  Case item;
  item.id = "sse/9.2.6/" + name;
  item.requirement = std::move(requirement);
  item.source = interpreting;
  item.script.replies = {Answer().send(std::move(fields)).end(), last_stream()};
  item.until.requests = 2;
  return item;
}

/// The client has been told 400 ms; what follows must not change that.
Case ignored(const std::string& name, const std::string& what, std::string_view value) {
  Case item = told("retry-ignored-" + name,
                   fmt::format("A reconnection time that is not all digits is ignored: {}.", what),
                   fmt::format("retry: 400\n\nretry: {}\ndata: a\n\n", value));
  item.judge = all_of({waits_at_least(2, 400ms), hears({message("a"), the_end()})});
  return item;
}

/// The client has been told 2 s first; then 200 ms, which it must take over. Whoever keeps the
/// longer time shows that it did not.
Case taken(const std::string& name, std::string requirement, std::string_view fields,
           Level level = Level::must) {
  Case item =
      told("retry-" + name, std::move(requirement), fmt::format("retry: 2000\n\n{}", fields));
  item.level = level;
  item.judge = all_of({waits_at_least(2, 200ms), waits_at_most(2, 1500ms)});
  return item;
}

}  // namespace retries
}  // namespace

Cases retry_cases() {
  using namespace retries;
  Cases cases;
  cases.push_back(told("retry-honoured", "The client waits at least the time that it was told.",
                       "retry: 600\n\ndata: a\n\n"));
  cases.back().judge = waits_at_least(2, 600ms);
  cases.push_back(told("retry-prompt",
                       "The client comes again soon after the time that it was told, when nothing "
                       "has failed.",
                       "retry: 300\n\ndata: a\n\n"));
  cases.back().level = Level::should;
  cases.back().judge = waits_at_most(2, 800ms);
  cases.push_back(taken("taken-over",
                        "A later reconnection time takes the place of an earlier one.",
                        "retry: 200\n\ndata: a\n\n"));
  cases.push_back(taken("with-data", "'retry' counts within the block of an event.",
                        "data: a\nretry: 200\n\n"));
  cases.push_back(
      taken("no-space", "The space behind 'retry:' may be missing.", "retry:200\ndata: a\n\n"));
  cases.push_back(taken("leading-zeros", "Leading zeros are digits, and the time is decimal.",
                        "retry: 00200\ndata: a\n\n"));
  cases.push_back(taken("in-a-cut-block",
                        "'retry' counts as soon as its line is read, in a block that is cut, too.",
                        "data: a\n\nretry: 200\ndata: cut"));
  cases.push_back(ignored("letters", "'10x'", "10x"));
  cases.push_back(ignored("words", "'soon'", "soon"));
  cases.push_back(ignored("empty", "an empty one", ""));
  cases.push_back(ignored("negative", "'-5'", "-5"));
  cases.push_back(ignored("plus", "'+5'", "+5"));
  cases.push_back(ignored("point", "'5.5'", "5.5"));
  cases.push_back(ignored("exponent", "'1e1'", "1e1"));
  cases.push_back(ignored("hex", "'0x5'", "0x5"));
  cases.push_back(ignored("space-before", "' 5'", " 5"));
  cases.push_back(ignored("space-behind", "'5 '", "5 "));
  cases.push_back(ignored("other-digits", "digits that are not ASCII", "\xD9\xA5"));
  cases.push_back(ignored("comma", "'1,5'", "1,5"));
  Case name = told("retry-ignored-name-case", "'Retry' is an unknown field.",
                   "retry: 400\n\nRetry: 5\nRETRY: 5\ndata: a\n\n");
  name.judge = waits_at_least(2, 400ms);
  cases.push_back(std::move(name));

  Case persists =
      told("retry-persists", "The reconnection time outlives the connection.", "retry: 400\n\n");
  persists.script.replies = {Answer().send("retry: 400\n\n").end(), Answer().send(":\n\n").end(),
                             last_stream()};
  persists.until.requests = 3;
  persists.judge = waits_at_least(3, 400ms);
  cases.push_back(std::move(persists));

  Case silent = told("retry-dispatches-nothing", "A block of 'retry' alone dispatches nothing.",
                     "retry: 50\n\ndata: a\n\nretry: 50\n\n");
  silent.judge = hears({message("a"), the_end()});
  cases.push_back(std::move(silent));

  Case zero = told("retry-zero",
                   "A reconnection time of 0 is valid: the client comes again at "
                   "once, or as soon as it does at all.",
                   "retry: 2000\n\nretry: 0\ndata: a\n\n");
  zero.level = Level::should;
  zero.judge = all_of({comes_back(2), waits_at_most(2, 1500ms)});
  cases.push_back(std::move(zero));

  Case huge = told("retry-huge", "A reconnection time beyond any number is no short one.",
                   "retry: 99999999999999999999999\n\ndata: a\n\n");
  huge.level = Level::should;
  huge.until = stays_away(1);
  huge.until.then = 700ms;
  huge.judge = asks_at_most(1);
  cases.push_back(std::move(huge));

  Case wide = told("retry-over-32-bits", "A reconnection time beyond 32 bits does not wrap around.",
                   "retry: 4294967396\n\ndata: a\n\n");
  wide.level = Level::should;
  wide.until = stays_away(1);
  wide.until.then = 700ms;
  wide.judge = asks_at_most(1);
  cases.push_back(std::move(wide));
  for (Case& each : cases) each.judged_by_time = true;
  return cases;
}

}  // namespace streamgauge::client_case
