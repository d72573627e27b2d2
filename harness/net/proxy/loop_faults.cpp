// The faults of a proxy: placed, changed and taken away while it runs, and dealt out to
// connections.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/base/random.hpp"
#include "harness/core/fault/machine.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/proxy/loop.hpp"

namespace streamgauge::net {
namespace {

constexpr std::size_t faults_max = 64;

}  // namespace

void ChaosProxy::Loop::share(Entry& entry) {
  const fault::FaultType& type = *entry.fault.spec.type;
  entry.shared = type.share != nullptr ? type.share(entry.fault.spec) : nullptr;
}

/// Puts the fault into a connection when it is that one's turn.
void ChaosProxy::Loop::place(Entry& entry, std::uint32_t slot, ProxyLink& link, Instant at) {
  const fault::Scope& scope = entry.fault.spec.scope;
  if (scope.times && entry.fault.connections >= *scope.times) return;
  entry.turn += scope.share;
  if (entry.turn < 1 - 1e-9) return;
  entry.turn -= 1;
  ++entry.fault.connections;
  Random seed{options_.seed ^ (std::uint64_t{entry.number} << 40) ^ slot ^ (total_ << 8)};
  link.passage().add({entry.number, entry.fault.spec, entry.since, entry.shared}, seed.next(), at);
}

void ChaosProxy::Loop::for_each_link(const std::function<void(std::uint32_t, ProxyLink&)>& visit) {
  for (std::uint32_t number = 0; number < slots_.size(); ++number) {
    if (!slots_[number].link || slots_[number].link->over()) continue;
    visit(number, *slots_[number].link);
    after(number);
  }
}

ChaosProxy::Loop::Entry* ChaosProxy::Loop::find(const std::string& id) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.fault.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

std::vector<std::string> ChaosProxy::Loop::ids() const {
  std::vector<std::string> all;
  for (const Entry& entry : entries_) all.push_back(entry.fault.id);
  return all;
}

Result<std::string> ChaosProxy::Loop::add(fault::FaultSpec spec, std::string id) {
  if (entries_.size() >= faults_max) {
    return usage_error(
        fmt::format("there are {} faults already, at most {}", faults_max, faults_max));
  }
  const std::uint32_t number = next_number_++;
  if (id.empty()) id = std::to_string(number);
  if (find(id) != nullptr) return usage_error(fmt::format("fault id '{}' is taken", id));
  Random random{options_.seed + number};
  const double turn = spec.scope.share >= 1 ? 0 : random.share();
  const Instant at = now();
  entries_.push_back({{id, std::move(spec), 0, 0}, number, at, {}, turn});
  share(entries_.back());
  // What refuses connections leaves those alone that are open.
  if (!entries_.back().fault.spec.type->before_accept) {
    for_each_link([&](std::uint32_t slot, ProxyLink& link) {
      place(entries_.back(), slot, link, at);
      link.on_change(at);
    });
  }
  mind_listener(at);
  return id;
}

Result<void> ChaosProxy::Loop::change(const std::string& id, fault::FaultSpec spec) {
  Entry* entry = find(id);
  if (entry == nullptr) return usage_error(fmt::format("there is no fault '{}'", id));
  const Instant at = now();
  entry->fault.spec = std::move(spec);
  entry->fault.connections = 0;
  entry->since = at;
  share(*entry);
  for_each_link([&](std::uint32_t slot, ProxyLink& link) {
    (void)link.passage().remove(entry->number, at);
    if (!entry->fault.spec.type->before_accept) place(*entry, slot, link, at);
    link.on_change(at);
  });
  mind_listener(at);
  return {};
}

Result<void> ChaosProxy::Loop::remove(const std::string& id) {
  Entry* entry = find(id);
  if (entry == nullptr) return usage_error(fmt::format("there is no fault '{}'", id));
  const std::uint32_t number = entry->number;
  std::erase_if(entries_, [&](const Entry& it) { return it.number == number; });
  const Instant at = now();
  for_each_link([&](std::uint32_t, ProxyLink& link) {
    (void)link.passage().remove(number, at);
    link.on_change(at);
  });
  mind_listener(at);
  return {};
}

void ChaosProxy::Loop::cut_all(bool reset) {
  const Instant at = now();
  for_each_link([&](std::uint32_t, ProxyLink& link) { link.cut_off(reset, at); });
}

ProxyStats ChaosProxy::Loop::stats() const {
  ProxyStats stats;
  stats.connections_total = total_;
  stats.connections_open = open_;
  stats.accept_failures = accept_failures_;
  stats.upstream_failures = shared_.upstream_failures;
  stats.bytes_up = shared_.bytes_written[static_cast<std::size_t>(fault::Side::upstream)];
  stats.bytes_down = shared_.bytes_written[static_cast<std::size_t>(fault::Side::client)];
  stats.bytes_waiting = shared_.bytes_waiting;
  stats.bytes_waiting_max = shared_.bytes_waiting_max;
  stats.added = shared_.added;
  for (const Entry& entry : entries_) stats.faults.push_back(entry.fault);
  return stats;
}

}  // namespace streamgauge::net
