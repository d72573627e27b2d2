#include "harness/core/result/measurements.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace streamgauge {
namespace {

/// `later - earlier`, at the ends of the range instead of beyond: times come from other machines
/// and from files.
Duration between(Instant earlier, Instant later) {
  Duration::rep difference = 0;
  if (__builtin_sub_overflow(to_ns(later), to_ns(earlier), &difference)) {
    return later < earlier ? Duration::min() : Duration::max();
  }
  return Duration{difference};
}

std::string_view without_leading_space(std::string_view text) {
  if (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

}  // namespace

MeasuredCounts& MeasuredCounts::operator+=(const MeasuredCounts& other) {
  events += other.events;
  comments += other.comments;
  bytes += other.bytes;
  replayed += other.replayed;
  delayed_by_client += other.delayed_by_client;
  connected += other.connected;
  connect_failed += other.connect_failed;
  refused += other.refused;
  opened += other.opened;
  reconnected += other.reconnected;
  rejected += other.rejected;
  gave_up += other.gave_up;
  published += other.published;
  publish_failed += other.publish_failed;
  target_deaths += other.target_deaths;
  misplaced += other.misplaced;
  return *this;
}

Measurements::Measurements(const Contract& contract, const Scenario& scenario, Instant started,
                           std::uint32_t streams, Duration interval)
    : preamble_(contract.preamble),
      started_(started),
      streams_(streams),
      series_(started, interval),
      attempts_(started),
      reconnects_(started),
      marks_(scenario, contract) {
  if (contract.heartbeat) {
    has_heartbeat_ = true;
    heartbeat_form_ = contract.heartbeat->form;
    heartbeat_text_ = contract.heartbeat->text;
    heartbeat_every_ = contract.heartbeat->every;
  }
  replays_ = contract.replay.has_value();
  for (const ClientGroup& group : scenario.groups) {
    slow_groups_.push_back(group.read_bytes_per_s.has_value());
    policies_.push_back(group.policy.kind);
  }
}

void Measurements::on(const Record& record) {
  if (record.stream == no_stream) {
    on_run(record);
  } else if (record.stream < streams_.size()) {
    on_stream(record);
  } else {
    ++counts_.misplaced;
  }
}

void Measurements::on_stream(const Record& record) {
  StreamState& stream = streams_[record.stream];
  stream.heard = true;
  if (const auto* event = std::get_if<fact::Event>(&record.fact)) [[likely]] {
    stream.heard_at = record.at;
    return on_event(stream, record.at, *event);
  }
  std::visit(Overloaded{
                 [&](const fact::Joined& f) {
                   stream.group = f.group;
                   stream.slow = f.group < slow_groups_.size() && slow_groups_[f.group];
                 },
                 [&](const fact::Connecting& f) { on_connecting(stream, record.at, f); },
                 [&](const fact::Connected& f) {
                   stream.heard_at = record.at;
                   ++counts_.connected;
                   connect_.record(f.took);
                 },
                 [&](const fact::ConnectFailed& f) {
                   ++counts_.connect_failed;
                   counts_.refused += f.refused;
                 },
                 [&](const fact::Headers& f) {
                   stream.heard_at = record.at;
                   on_headers(stream, record.at, f);
                 },
                 [&](const fact::Comment& f) {
                   stream.heard_at = record.at;
                   on_comment(stream, record.at, f);
                 },
                 [&](const fact::Retry&) { stream.heard_at = record.at; },
                 [&](const fact::ReadingStopped&) { stream.stopped = true; },
                 [&](const fact::ReadingResumed&) {
                   stream.stopped = false;
                   stream.resumed = record.at;
                   stream.last_event = stream.last_heartbeat = StreamState::never;
                   stream.last_seq = 0;
                 },
                 [&](const fact::Deafened&) {
                   if (stream.deafened == StreamState::never) stream.deafened = record.at;
                 },
                 [&](const fact::Closed& f) { on_closed(stream, record.at, f); },
                 [&](const fact::GaveUp&) { ++counts_.gave_up; },
                 [](const auto&) {},
             },
             record.fact);
}

void Measurements::on_connecting(StreamState& stream, Instant at, const fact::Connecting& fact) {
  if (stream.opened_once) attempts_.add(at);
  stream.attempt_intended = fact.intended;
  stream.deafened = stream.heard_at = StreamState::never;
}

void Measurements::on_headers(StreamState& stream, Instant at, const fact::Headers& fact) {
  if (fact.status != 200) {
    ++counts_.rejected;
    return;
  }
  headers_.record(fact.took);
  ++counts_.opened;
  SeriesFold::Sums& row = series_.at(at);
  ++row.opened;
  if (stream.opened_once) {
    ++counts_.reconnected;
    ++row.reconnects;
    reconnects_.add(at);
    if (stream.closed != StreamState::never) reconnect_gap_.record(between(stream.closed, at));
  }
  stream.reconnected = stream.opened_once;
  stream.opened_once = true;
  stream.opened = at;
  stream.closed = StreamState::never;
  stream.last_event = stream.last_heartbeat = StreamState::never;
  stream.had_event = stream.had_block = false;
  // Without replay nobody owes what was published while the client was away.
  if (!replays_) stream.last_seq = 0;
}

void Measurements::on_event(StreamState& stream, Instant at, const fact::Event& fact) {
  stream.had_block = true;
  SeriesFold::Sums& row = series_.at(at);
  row.bytes += fact.data.size();
  counts_.bytes += fact.data.size();
  if (has_heartbeat_ && heartbeat_form_ == HeartbeatForm::event && fact.type == heartbeat_text_) {
    return on_heartbeat(stream, at);
  }
  ++row.events;
  ++counts_.events;
  if (!stream.had_event && stream.attempt_intended != StreamState::never && !stream.stopped) {
    first_event_.record(between(stream.attempt_intended, at));
  }
  stream.had_event = true;

  bool timely = !stream.stopped;
  if (fact.envelope) {
    on_number(stream, *fact.envelope);
    const Instant intended = fact.envelope->intended;
    if (stream.stopped || (stream.resumed != StreamState::never && intended < stream.resumed)) {
      ++counts_.delayed_by_client;
      timely = false;
    } else if (intended < started_ || (stream.reconnected && intended < stream.opened)) {
      ++counts_.replayed;
      timely = false;
    }
  }
  if (!timely || stream.slow) {
    stream.last_event = StreamState::never;
    return;
  }
  if (fact.envelope && fact.envelope->kind != sse::EnvelopeKind::probe) {
    const Duration latency = between(fact.envelope->intended, at);
    delivery_.record(latency);
    series_.delivered(at, latency);
  }
  if (stream.last_event != StreamState::never) event_gap_.record(between(stream.last_event, at));
  stream.last_event = at;
}

void Measurements::on_number(StreamState& stream, const sse::Envelope& envelope) {
  if (envelope.intended < started_ || envelope.seq <= stream.last_seq) return;
  const bool reads = !stream.stopped && !stream.slow;
  if (reads && stream.last_seq > 0) missing_ += envelope.seq - stream.last_seq - 1;
  stream.last_seq = envelope.seq;
}

void Measurements::on_comment(StreamState& stream, Instant at, const fact::Comment& fact) {
  const bool first = !stream.had_block;
  stream.had_block = true;
  SeriesFold::Sums& row = series_.at(at);
  ++row.comments;
  row.bytes += fact.text.size();
  ++counts_.comments;
  counts_.bytes += fact.text.size();
  const std::string_view text = without_leading_space(fact.text);
  if (first && preamble_ && text == *preamble_) return;
  if (!has_heartbeat_ || heartbeat_form_ != HeartbeatForm::comment) return;
  if (heartbeat_text_.empty() || text == heartbeat_text_) on_heartbeat(stream, at);
}

void Measurements::on_heartbeat(StreamState& stream, Instant at) {
  const bool catching_up =
      stream.resumed != StreamState::never && between(stream.resumed, at) < heartbeat_every_;
  if (stream.stopped || stream.slow || catching_up) {
    stream.last_heartbeat = StreamState::never;
    return;
  }
  if (stream.last_heartbeat != StreamState::never) {
    const Duration gap = between(stream.last_heartbeat, at);
    heartbeat_gap_.record(gap);
    series_.at(at).heartbeat_after(gap);
  }
  stream.last_heartbeat = at;
}

void Measurements::on_closed(StreamState& stream, Instant at, const fact::Closed& fact) {
  const auto ending = static_cast<std::size_t>(fact.ending);
  if (ending < endings_.size()) ++endings_[ending];
  // A client that connects anew reads, whatever it did before.
  stream.stopped = false;
  stream.resumed = StreamState::never;
  const bool noticed = fact.ending == Ending::silent || fact.ending == Ending::timed_out;
  const Instant silent_from =
      stream.deafened != StreamState::never ? stream.deafened : stream.heard_at;
  if (noticed && silent_from != StreamState::never) {
    stall_detection_.record(between(silent_from, at));
    if (stream.group < policies_.size()) {
      detection_by_[policies_[stream.group]].record(between(silent_from, at));
    }
  }
  stream.deafened = stream.heard_at = StreamState::never;
  if (stream.opened == StreamState::never) return;
  if (stop_ordered_ != StreamState::never && stream.opened <= stop_ordered_ &&
      stop_ordered_ <= at && fact.ending != Ending::local) {
    drain_close_.record(between(stop_ordered_, at));
  }
  ++series_.at(at).closed;
  if (fact.ending != Ending::rejected) stream_lifetime_.record(between(stream.opened, at));
  stream.opened = StreamState::never;
  stream.closed = at;
}

void Measurements::on_run(const Record& record) {
  marks_.on(record);
  std::visit(Overloaded{
                 [&](const fact::Published& f) {
                   const bool accepted = f.status >= 200 && f.status < 300;
                   ++(accepted ? counts_.published : counts_.publish_failed);
                   if (accepted) ++series_.at(record.at).published;
                 },
                 [&](const fact::Sample& f) { on_sample(record.at, f); },
                 [&](const fact::SchedulingLag& f) {
                   scheduling_lag_.record(f.worst);
                   lag_max_ = std::max(lag_max_, f.worst);
                   Duration& row_max = series_.at(record.at).lag_max;
                   row_max = std::max(row_max, f.worst);
                 },
                 [&](const fact::TargetChanged& f) {
                   if (f.what == TargetEvent::stop_ordered) stop_ordered_ = record.at;
                 },
                 [&](const fact::TargetDied&) { ++counts_.target_deaths; },
                 [](const auto&) {},
             },
             record.fact);
}

void Measurements::on_sample(Instant at, const fact::Sample& sample) {
  // CPU time that falls is that of another process: the target was started anew.
  const std::uint64_t used =
      resources_.sampled && sample.cpu_ns > last_cpu_ns_ ? sample.cpu_ns - last_cpu_ns_ : 0;
  last_cpu_ns_ = sample.cpu_ns;
  if (!resources_.sampled) resources_.rss_start_bytes = sample.rss_bytes;
  resources_.sampled = true;
  resources_.rss_peak_bytes = std::max(resources_.rss_peak_bytes, sample.rss_bytes);
  resources_.rss_end_bytes = sample.rss_bytes;
  resources_.cpu_ns += used;
  resources_.threads_max = std::max(resources_.threads_max, sample.threads);
  resources_.descriptors_max = std::max(resources_.descriptors_max, sample.descriptors);
  resources_.processes_max = std::max(resources_.processes_max, sample.processes);
  SeriesFold::Sums& row = series_.at(at);
  row.sampled = true;
  row.rss_bytes = sample.rss_bytes;
  row.threads = sample.threads;
  row.descriptors = sample.descriptors;
  row.cpu_ns += used;
}

void Measurements::merge(const Measurements& other) {
  const std::size_t streams = std::min(streams_.size(), other.streams_.size());
  for (std::size_t i = 0; i < streams; ++i) {
    if (!streams_[i].heard) streams_[i] = other.streams_[i];
  }
  connect_.merge(other.connect_);
  headers_.merge(other.headers_);
  first_event_.merge(other.first_event_);
  delivery_.merge(other.delivery_);
  event_gap_.merge(other.event_gap_);
  heartbeat_gap_.merge(other.heartbeat_gap_);
  reconnect_gap_.merge(other.reconnect_gap_);
  stall_detection_.merge(other.stall_detection_);
  for (const auto& [kind, detection] : other.detection_by_) detection_by_[kind].merge(detection);
  drain_close_.merge(other.drain_close_);
  scheduling_lag_.merge(other.scheduling_lag_);
  stream_lifetime_.merge(other.stream_lifetime_);
  lag_max_ = std::max(lag_max_, other.lag_max_);
  series_.merge(other.series_);
  attempts_.merge(other.attempts_);
  reconnects_.merge(other.reconnects_);
  marks_.merge(other.marks_);
  for (std::size_t i = 0; i < endings_.size(); ++i) endings_[i] += other.endings_[i];
  counts_ += other.counts_;
  if (!resources_.sampled) {
    resources_ = other.resources_;
    last_cpu_ns_ = other.last_cpu_ns_;
  }
}

HistogramSet Measurements::histograms() const {
  HistogramSet all{
      {"connect", connect_},
      {"headers", headers_},
      {"first_event", first_event_},
      {"delivery", delivery_},
      {"event_gap", event_gap_},
      {"heartbeat_gap", heartbeat_gap_},
      {"reconnect_gap", reconnect_gap_},
      {"stall_detection", stall_detection_},
      {"drain_close", drain_close_},
      {"scheduling_lag", scheduling_lag_},
      {"stream_lifetime", stream_lifetime_},
  };
  for (const auto& [kind, detection] : detection_by_) {
    all.emplace(fmt::format("stall_detection_{}", to_string(kind)), detection);
  }
  return all;
}

std::map<std::string, std::uint64_t> Measurements::endings() const {
  std::map<std::string, std::uint64_t> named;
  for (std::size_t i = 0; i < endings_.size(); ++i) {
    if (endings_[i] > 0) named.emplace(to_string(static_cast<Ending>(i)), endings_[i]);
  }
  return named;
}

LiveFigures Measurements::figures() const {
  constexpr std::size_t rows = 10;  // a second, until rows get longer
  return {counts_.events, counts_.published,    counts_.reconnected,
          missing_,       series_.recent(rows), resources_.rss_end_bytes};
}

Noise Measurements::noise() const {
  Noise noise;
  noise.measured = !scheduling_lag_.empty();
  noise.lag_max = lag_max_;
  // A bucket's top may lie above the largest value in it.
  noise.lag_p99 = std::min(scheduling_lag_.at_percentile(99), lag_max_);
  return noise;
}

}  // namespace streamgauge
