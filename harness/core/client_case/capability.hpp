// What a client under test can do or claims: a case that needs what it cannot is skipped.
//
// The first eight are the words of the public contract-test protocol. The others are claims of a
// behaviour that the standard leaves open, and that is judged only where it is claimed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace streamgauge::client_case {

enum class Capability : std::uint8_t {
  bom,
  comments,
  headers,
  last_event_id,
  post,
  read_timeout,
  report,
  restart,
  close,        // its stream can be closed without ending the client
  event_types,  // it must be told the types of events to listen for
  opens,        // reports that a stream has opened
  errors,       // reports errors
  ids,          // reports the last event id with each event
  backoff,      // waits longer after each failure in a row
  jitter,       // waits a random time
  retry_after,  // heeds Retry-After
};

struct CapabilityName {
  Capability capability;
  std::string_view name;
  std::string_view meaning;
};

inline constexpr std::array capability_names{
    CapabilityName{Capability::bom, "bom", "strips a byte order mark"},
    CapabilityName{Capability::comments, "comments", "reports comments"},
    CapabilityName{Capability::headers, "headers", "can be given request headers"},
    CapabilityName{Capability::last_event_id, "last-event-id", "can be given a last event id"},
    CapabilityName{Capability::post, "post", "can send POST with a body"},
    CapabilityName{Capability::read_timeout, "read-timeout", "gives a silent stream up"},
    CapabilityName{Capability::report, "report", "can send REPORT with a body"},
    CapabilityName{Capability::restart, "restart", "reconnects when told to"},
    CapabilityName{Capability::close, "close", "closes its stream when told to"},
    CapabilityName{Capability::event_types, "event-type-listeners",
                   "must be told the types of events"},
    CapabilityName{Capability::opens, "open", "reports that a stream has opened"},
    CapabilityName{Capability::errors, "error", "reports errors"},
    CapabilityName{Capability::ids, "ids", "reports the last event id with each event"},
    CapabilityName{Capability::backoff, "backoff", "waits longer after each failure in a row"},
    CapabilityName{Capability::jitter, "jitter", "waits a random time"},
    CapabilityName{Capability::retry_after, "retry-after", "heeds Retry-After"},
};

[[nodiscard]] constexpr std::string_view to_string(Capability capability) {
  for (const CapabilityName& entry : capability_names) {
    if (entry.capability == capability) return entry.name;
  }
  return {};
}

[[nodiscard]] constexpr std::optional<Capability> capability_from(std::string_view name) {
  for (const CapabilityName& entry : capability_names) {
    if (entry.name == name) return entry.capability;
  }
  return std::nullopt;
}

class Capabilities {
 public:
  Capabilities() = default;
  Capabilities(std::initializer_list<Capability> list) {
    for (const Capability capability : list) add(capability);
  }
  void add(Capability capability) { bits_ |= bit(capability); }
  [[nodiscard]] bool has(Capability capability) const { return (bits_ & bit(capability)) != 0; }

 private:
  static constexpr std::uint32_t bit(Capability capability) {
    return std::uint32_t{1} << static_cast<unsigned>(capability);
  }
  std::uint32_t bits_ = 0;
};

}  // namespace streamgauge::client_case
