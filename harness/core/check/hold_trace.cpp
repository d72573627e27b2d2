#include "harness/core/check/hold_trace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/http/head.hpp"

namespace streamgauge {

void HoldTrace::on_head(std::string_view head) {
  const auto value = http::field(head, "content-encoding");
  if (!value || value->empty() || *value == "identity") return;
  const auto text = printable(*value, 20);
  if (encoding_.empty() || text < encoding_) encoding_ = text;
}

void HoldTrace::on_clump(const Clump& clump) {
  ++clumps_;
  events_max_ = std::max(events_max_, clump.events);
  bytes_max_ = std::max(bytes_max_, clump.bytes);
}

void HoldTrace::merge(const HoldTrace& other) {
  if (encoding_.empty() || (!other.encoding_.empty() && other.encoding_ < encoding_)) {
    encoding_ = other.encoding_;
  }
  clumps_ += other.clumps_;
  events_max_ = std::max(events_max_, other.events_max_);
  bytes_max_ = std::max(bytes_max_, other.bytes_max_);
}

std::string HoldTrace::cause(Duration longest_held, bool nothing) const {
  if (!encoding_.empty()) {
    return fmt::format(
        "the response is compressed (Content-Encoding: {}) and the compressor not flushed after "
        "each event (F5); flush it, or do not compress event streams",
        encoding_);
  }
  if (nothing) {
    return "not one came through: a buffer on the path waits to be filled (F1); switch response "
           "buffering off for event streams";
  }
  if (clumps_ > 0) {
    return fmt::format(
        "up to {} came at once ({}): a buffer of about that size, or a window of about {}, "
        "collects "
        "them (F4); switch buffering and delayed writes off for event streams",
        events_max_, format_size(bytes_max_), format_duration(longest_held));
  }
  return fmt::format(
      "each was held by itself, for up to {}; look for a timer between write and send",
      format_duration(longest_held));
}

std::optional<LoneEvents::Arrival> LoneEvents::on(const Record& record) {
  if (record.stream == no_stream) return std::nullopt;
  auto& state = streams_[record.stream];
  if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
    return on_event(record, state, *event);
  }
  if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
    state.group = joined->group;
    state.channel = joined->channel;
    if (reads_slowly(*scenario_, joined->group)) state.undisturbed = false;
  } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
    trace_.on_head(headers->head);
    state.open = headers->status == 200;
    state.opened_at = record.at;
  } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
    if (state.open && closed->ending == Ending::local) state.left_at = record.at;
    state.open = false;
  } else if (std::holds_alternative<fact::Connecting>(record.fact)) {
    state.open = false;
    state.left_at = Instant{};
    state.highest = 0;
    state.clump = {};
  } else {  // stopped, deaf or aborted: its timings mean nothing any more
    state.undisturbed = false;
  }
  return std::nullopt;
}

std::optional<LoneEvents::Arrival> LoneEvents::on_event(const Record& record, State& state,
                                                        const fact::Event& event) {
  if (!event.envelope || event.envelope->run != run_) return std::nullopt;
  const auto& envelope = *event.envelope;
  const auto before = state;
  state.highest = std::max(state.highest, envelope.seq);
  state.intended = envelope.intended;
  state.arrived = record.at;
  state.bytes = event.data.size();
  const bool lone = state.open && state.undisturbed && before.highest > 0 &&
                    envelope.seq == before.highest + 1 && before.intended >= state.opened_at &&
                    envelope.intended - before.intended >= apart_ &&
                    envelope.kind != sse::EnvelopeKind::probe;
  if (!lone) {
    state.clump = {};
    return std::nullopt;
  }
  const Arrival arrival{envelope.intended - before.intended, record.at - before.arrived,
                        record.at - envelope.intended, before.arrived - before.intended,
                        event.data.size()};
  if (arrival.gap > together) {
    state.clump = {};
  } else {
    if (state.clump.events == 0) state.clump = {1, before.bytes};
    ++state.clump.events;
    state.clump.bytes += arrival.bytes;
    trace_.on_clump(state.clump);
  }
  return arrival;
}

}  // namespace streamgauge
