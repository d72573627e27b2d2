// The fields of each fact, in the order in which a history file keeps them: one list for writing
// and reading, so that the two cannot differ.
//
// To add a fact: a code of its own in wire_code (never one that was used before) and its fields in
// each_field. Both are missing until then: the compiler says so. A field added to a fact does not
// fit its structured binding any more: give the changed fact a new code or raise history_version.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "harness/core/history/record.hpp"

namespace streamgauge::history {

inline constexpr std::uint8_t history_version = 1;

template <class F>
inline constexpr std::uint8_t wire_code = 0;  // 0: none given
template <>
inline constexpr std::uint8_t wire_code<fact::Joined> = 1;
template <>
inline constexpr std::uint8_t wire_code<fact::Connecting> = 2;
template <>
inline constexpr std::uint8_t wire_code<fact::Connected> = 3;
template <>
inline constexpr std::uint8_t wire_code<fact::ConnectFailed> = 4;
template <>
inline constexpr std::uint8_t wire_code<fact::Headers> = 5;
template <>
inline constexpr std::uint8_t wire_code<fact::Comment> = 6;
template <>
inline constexpr std::uint8_t wire_code<fact::Event> = 7;
template <>
inline constexpr std::uint8_t wire_code<fact::Retry> = 8;
template <>
inline constexpr std::uint8_t wire_code<fact::Oddity> = 9;
template <>
inline constexpr std::uint8_t wire_code<fact::ReadingStopped> = 10;
template <>
inline constexpr std::uint8_t wire_code<fact::ReadingResumed> = 11;
template <>
inline constexpr std::uint8_t wire_code<fact::PeerGone> = 12;
template <>
inline constexpr std::uint8_t wire_code<fact::Closed> = 13;
template <>
inline constexpr std::uint8_t wire_code<fact::ReconnectScheduled> = 14;
template <>
inline constexpr std::uint8_t wire_code<fact::GaveUp> = 15;
template <>
inline constexpr std::uint8_t wire_code<fact::Published> = 16;
template <>
inline constexpr std::uint8_t wire_code<fact::PhaseBegan> = 17;
template <>
inline constexpr std::uint8_t wire_code<fact::FaultBegan> = 18;
template <>
inline constexpr std::uint8_t wire_code<fact::FaultEnded> = 19;
template <>
inline constexpr std::uint8_t wire_code<fact::Sample> = 20;
template <>
inline constexpr std::uint8_t wire_code<fact::SchedulingLag> = 21;
template <>
inline constexpr std::uint8_t wire_code<fact::TargetDied> = 22;
template <>
inline constexpr std::uint8_t wire_code<fact::Aborted> = 23;
template <>
inline constexpr std::uint8_t wire_code<fact::Deafened> = 24;
template <>
inline constexpr std::uint8_t wire_code<fact::FellBack> = 25;
template <>
inline constexpr std::uint8_t wire_code<fact::TargetChanged> = 26;
template <>
inline constexpr std::uint8_t wire_code<fact::Readiness> = 27;
template <>
inline constexpr std::uint8_t wire_code<fact::Commanded> = 28;
template <>
inline constexpr std::uint8_t wire_code<fact::HopChanged> = 29;
template <>
inline constexpr std::uint8_t wire_code<fact::HopSample> = 30;

/// `F`, constant or not: one list serves the writer and the reader.
template <class T, class F>
concept SameAs = std::same_as<std::remove_const_t<T>, F>;

template <class Codec, class F>
requires std::is_empty_v<F>
void each_field(Codec&, F&) {}

template <class Codec, SameAs<fact::Joined> F>
void each_field(Codec& codec, F& f) {
  auto& [group, channel] = f;
  codec(group, channel);
}
template <class Codec, SameAs<fact::Connecting> F>
void each_field(Codec& codec, F& f) {
  auto& [attempt, intended, sends_last_event_id] = f;
  codec(attempt, intended, sends_last_event_id);
}
template <class Codec, SameAs<fact::Connected> F>
void each_field(Codec& codec, F& f) {
  auto& [took] = f;
  codec(took);
}
template <class Codec, SameAs<fact::ConnectFailed> F>
void each_field(Codec& codec, F& f) {
  auto& [reason, refused] = f;
  codec(reason, refused);
}
template <class Codec, SameAs<fact::Headers> F>
void each_field(Codec& codec, F& f) {
  auto& [status, took, head] = f;
  codec(status, took, head);
}
template <class Codec, SameAs<fact::Comment> F>
void each_field(Codec& codec, F& f) {
  auto& [text] = f;
  codec(text);
}
template <class Codec, SameAs<sse::Envelope> F>
void each_field(Codec& codec, F& f) {
  auto& [run, stream, seq, intended, kind] = f;
  codec(run, stream, seq, intended, kind);
}
template <class Codec, SameAs<fact::Event> F>
void each_field(Codec& codec, F& f) {
  auto& [type, id, has_id, data, envelope] = f;
  codec(type, id, has_id, data, envelope);
}
template <class Codec, SameAs<fact::Retry> F>
void each_field(Codec& codec, F& f) {
  auto& [milliseconds] = f;
  codec(milliseconds);
}
template <class Codec, SameAs<fact::Oddity> F>
void each_field(Codec& codec, F& f) {
  auto& [notice, detail] = f;
  codec(notice, detail);
}
template <class Codec, SameAs<fact::Closed> F>
void each_field(Codec& codec, F& f) {
  auto& [ending, mid_block, detail] = f;
  codec(ending, mid_block, detail);
}
template <class Codec, SameAs<fact::ReconnectScheduled> F>
void each_field(Codec& codec, F& f) {
  auto& [delay] = f;
  codec(delay);
}
template <class Codec, SameAs<fact::GaveUp> F>
void each_field(Codec& codec, F& f) {
  auto& [reason] = f;
  codec(reason);
}
template <class Codec, SameAs<fact::Published> F>
void each_field(Codec& codec, F& f) {
  auto& [channel, seq, intended, late, took, bytes, kind, status] = f;
  codec(channel, seq, intended, late, took, bytes, kind, status);
}
template <class Codec, SameAs<fact::PhaseBegan> F>
void each_field(Codec& codec, F& f) {
  auto& [index] = f;
  codec(index);
}
template <class Codec, SameAs<fact::FaultBegan> F>
void each_field(Codec& codec, F& f) {
  auto& [name] = f;
  codec(name);
}
template <class Codec, SameAs<fact::FaultEnded> F>
void each_field(Codec& codec, F& f) {
  auto& [name] = f;
  codec(name);
}
template <class Codec, SameAs<fact::Sample> F>
void each_field(Codec& codec, F& f) {
  auto& [rss_bytes, cpu_ns, threads, descriptors, processes] = f;
  codec(rss_bytes, cpu_ns, threads, descriptors, processes);
}
template <class Codec, SameAs<fact::SchedulingLag> F>
void each_field(Codec& codec, F& f) {
  auto& [worst] = f;
  codec(worst);
}
template <class Codec, SameAs<fact::TargetDied> F>
void each_field(Codec& codec, F& f) {
  auto& [how] = f;
  codec(how);
}

template <class Codec, SameAs<fact::Aborted> F>
void each_field(Codec& codec, F& f) {
  auto& [kind] = f;
  codec(kind);
}
template <class Codec, SameAs<fact::FellBack> F>
void each_field(Codec& codec, F& f) {
  auto& [to_fallback] = f;
  codec(to_fallback);
}
template <class Codec, SameAs<fact::TargetChanged> F>
void each_field(Codec& codec, F& f) {
  auto& [what, code, detail] = f;
  codec(what, code, detail);
}
template <class Codec, SameAs<fact::Readiness> F>
void each_field(Codec& codec, F& f) {
  auto& [status, since_last] = f;
  codec(status, since_last);
}
template <class Codec, SameAs<fact::Commanded> F>
void each_field(Codec& codec, F& f) {
  auto& [name, group, status, took] = f;
  codec(name, group, status, took);
}
template <class Codec, SameAs<fact::HopChanged> F>
void each_field(Codec& codec, F& f) {
  auto& [hop, what, detail] = f;
  codec(hop, what, detail);
}
template <class Codec, SameAs<fact::HopSample> F>
void each_field(Codec& codec, F& f) {
  auto& [hop, rss_bytes, disk_bytes, descriptors, sent_bytes] = f;
  codec(hop, rss_bytes, disk_bytes, descriptors, sent_bytes);
}

/// The largest value of each enumeration that is kept as a number.
template <class E>
inline constexpr E last_of = E{};
template <>
inline constexpr Ending last_of<Ending> = Ending::redirected;
template <>
inline constexpr AbortKind last_of<AbortKind> = AbortKind::vanish;
template <>
inline constexpr TargetEvent last_of<TargetEvent> = TargetEvent::switched;
template <>
inline constexpr HopEvent last_of<HopEvent> = HopEvent::died;
template <>
inline constexpr sse::Notice last_of<sse::Notice> = sse::Notice::byte_order_mark;
template <>
inline constexpr sse::EnvelopeKind last_of<sse::EnvelopeKind> = sse::EnvelopeKind::probe;

}  // namespace streamgauge::history
