#include "harness/core/check/fold.hpp"

namespace streamgauge {

void StreamLife::on(const Record& record) {
  const auto at = record.at;
  std::visit(Overloaded{
                 [&](const fact::Joined& f) {
                   group = f.group;
                   channel = f.channel;
                 },
                 [&](const fact::Connecting& f) {
                   attempt = f.attempt;
                   sends_id = f.sends_last_event_id;
                   connected = open = false;
                 },
                 [&](const fact::Connected&) {
                   connected = true;
                   connected_at = at;
                   closed = gone = false;
                 },
                 [&](const fact::Headers& f) {
                   open = f.status == 200 || f.status == 101;  // 101: a WebSocket
                   ever_open = ever_open || open;
                   opened_at = at;
                   closed = gone = false;
                 },
                 [&](const fact::ReadingStopped&) {
                   if (!ever_stopped) stopped_at = at;
                   stopped = ever_stopped = true;
                 },
                 [&](const fact::ReadingResumed&) {
                   stopped = false;
                   resumed = true;
                   resumed_at = at;
                 },
                 [&](const fact::PeerGone&) {
                   if (!gone) gone_at = at;
                   gone = true;
                 },
                 [&](const fact::Closed& f) {
                   connected = open = false;
                   closed = true;
                   closed_at = at;
                   ending = f.ending;
                 },
                 [](const auto&) {},
             },
             record.fact);
}

bool reads_slowly(const Scenario& scenario, std::uint16_t group) {
  return group < scenario.groups.size() && scenario.groups[group].read_bytes_per_s.has_value();
}

bool publishes_on(const Scenario& scenario, std::uint16_t channel) {
  for (const auto& phase : scenario.phases) {
    for (const auto& publication : phase.publish) {
      if (publication.channel_index == channel && publication.events_per_s > 0) return true;
    }
    for (const auto& timed : phase.actions) {
      const auto* probes = std::get_if<action::PublishProbes>(&timed.action);
      if (probes && probes->channel == channel) return true;
    }
  }
  return false;
}

}  // namespace streamgauge
