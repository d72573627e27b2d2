// What may go wrong on the path between client and server, as a list that people write: a fault is
// a kind, its parameters, and a scope that says to whom, where and when it applies.
//
// Written in one line, for command lines, lists of hops and the proxy's admin:
//
//   idle-cut=5s                             the value of the first parameter
//   latency=50ms:jitter=10ms:share=0.5      more parameters and the scope, by name
//   header-hold+latency=20ms                several faults
//
// No character of it means anything to a shell or to a comma-separated list. In a text value, '%',
// ':', '+', ',' and what is not printable are written as "%3A". In YAML a fault is that line, its
// name alone, or a mapping of its name to the first value or to all of them:
//
//   - reset
//   - idle-cut: 5s
//   - latency: {delay: 50ms, jitter: 10ms, share: 0.5}
//
// The first fault of a list stands nearest to the client. README.md tells how to add one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/base/time.hpp"
#include "harness/core/contract/yaml.hpp"

namespace streamgauge::fault {

class Machine;
class Shared;
struct FaultSpec;

enum class ParameterForm : std::uint8_t {
  duration,   // above 0
  size,       // bytes, from 1 to 1 TiB
  byte_rate,  // bytes a second
  count,      // from 1
  status,     // an HTTP status, 400 to 599
  header,     // a field's name
  text,       // one line
  word,       // one of `words`
};

/// A row of a fault's parameters; static, all views.
struct Parameter {
  std::string_view name;
  ParameterForm form = ParameterForm::duration;
  std::string_view fallback;  // as written; empty: none
  std::string_view meaning;
  bool required = false;
  bool scales = false;          // a time that something waits by: multiplied by the time scale
  std::string_view words = {};  // separated by spaces
  std::uint64_t most = std::uint64_t{1} << 40;  // of a size or a count
};

/// monostate: not given, and no fallback.
using Value = std::variant<std::monostate, Duration, std::uint64_t, std::string>;

enum class Direction : std::uint8_t {
  up,    // client to server
  down,  // server to client
};
enum class Side : std::uint8_t { client, upstream };

[[nodiscard]] constexpr std::string_view to_string(Direction direction) {
  return direction == Direction::up ? "up" : "down";
}
[[nodiscard]] constexpr std::string_view to_string(Side side) {
  return side == Side::client ? "client" : "upstream";
}

/// To whom, where and when a fault applies. A kind allows some of these only: FaultType::scope.
struct Scope {
  double share = 1;                    // of the connections, in turn: 0.5 is every other one
  std::optional<std::uint64_t> times;  // on at most so many connections
  std::optional<Direction> direction;  // nullopt: both
  std::string path;                    // only requests whose target begins so
  Duration from{};                     // since the fault was put in place
  std::optional<Duration> until;
  std::uint64_t after_bytes = 0;   // of the response's body, chunk framing not counted
  std::uint64_t after_events = 0;  // events of the stream that have passed before

  friend bool operator==(const Scope&, const Scope&) = default;
};

/// The scope's keys beyond share, times, from and until, which each kind allows.
struct ScopeKeys {
  bool direction = false;
  bool path = false;
  bool offset = false;  // after_bytes, after_events
};

/// A kind of fault: a row of the table.
struct FaultType {
  std::string_view name;
  std::string_view meaning;
  std::vector<Parameter> parameters;  // the first one's value may be written without its name
  ScopeKeys scope;
  std::optional<Direction> direction;  // where it applies unless told; nullopt: both
  bool before_accept = false;          // refuses connections: a proxy may do without a listener
  /// The state of one connection; `seed` is that connection's own.
  std::unique_ptr<Machine> (*make)(const FaultSpec& spec, std::uint64_t seed) = nullptr;
  /// What the machines of all connections share; may be null.
  std::shared_ptr<Shared> (*share)(const FaultSpec& spec) = nullptr;
  /// What contradicts itself, as a sentence; empty when nothing does. May be null.
  std::string (*contradiction)(const FaultSpec& spec) = nullptr;
};

/// The table, in the order of the documentation.
[[nodiscard]] const std::vector<FaultType>& all_faults();
/// nullptr when there is none of that name.
[[nodiscard]] const FaultType* find_fault(std::string_view name);
/// "unknown fault 'latncy' (did you mean 'latency'?); accepted: latency, ...".
[[nodiscard]] std::string unknown_fault(std::string_view name);

struct FaultSpec {
  const FaultType* type = nullptr;  // never null in a spec that was read
  std::vector<Value> values;        // one a parameter, in their order, fallbacks filled in
  Scope scope;

  /// `name` is one of the type's parameters, of that form.
  [[nodiscard]] std::optional<Duration> duration(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;  // empty: not given

  friend bool operator==(const FaultSpec&, const FaultSpec&) = default;
};

/// One fault, or several joined by '+', as written above; the message names the fault, the key,
/// what was found and what is accepted.
[[nodiscard]] Result<FaultSpec> parse_fault(std::string_view text);
[[nodiscard]] Result<std::vector<FaultSpec>> parse_faults(std::string_view text);

/// What parse_fault() reads back as an equal fault; fallbacks are left out.
[[nodiscard]] std::string to_string(const FaultSpec& spec);
[[nodiscard]] std::string to_string(const std::vector<FaultSpec>& specs);

/// The list under `key` of a file (or a single fault); errors fail the reading.
[[nodiscard]] std::vector<FaultSpec> read_faults(yaml::Reading& reading, std::string_view key,
                                                 const yaml::Node& node);

/// The same fault with the times that something waits by multiplied: an idle cut, not a latency.
[[nodiscard]] FaultSpec scaled(FaultSpec spec, double factor);

}  // namespace streamgauge::fault
