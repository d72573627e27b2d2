// Errors at the edges are values: a sentence for a person, and what it means for the exit code.
#pragma once

#include <boost/system/result.hpp>
#include <exception>
#include <string>

namespace streamgauge {

/// The exit codes are an interface that CI scripts rely on; see README.
enum class ExitCode : int {
  pass = 0,
  violated = 1,
  usage = 2,
  target = 3,
  nothing_judged = 4,
  inconclusive = 5,
};

/// `message` is one sentence that names file, key and value where there are any, and what would do.
struct Error {
  ExitCode exit_code = ExitCode::usage;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

/// Boost.System asks for this when value() is called on an error; we never do so by design.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location&);

template <class T>
using Result = boost::system::result<T, Error>;

[[nodiscard]] inline Error usage_error(std::string message) {
  return {ExitCode::usage, std::move(message)};
}
[[nodiscard]] inline Error target_error(std::string message) {
  return {ExitCode::target, std::move(message)};
}

}  // namespace streamgauge
