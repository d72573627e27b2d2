#include "harness/core/contract/contract.hpp"

#include "harness/core/contract/words.hpp"

namespace streamgauge {
namespace {

void scale(Duration& d, double factor) {
  d = scaled(d, factor);
}

void scale(std::optional<Duration>& d, double factor) {
  if (d) scale(*d, factor);
}

}  // namespace

Contract scaled(Contract contract, double factor) {
  if (contract.heartbeat) {
    scale(contract.heartbeat->every, factor);
    scale(contract.heartbeat->first_within, factor);
  }
  scale(contract.retry, factor);
  if (contract.eviction) scale(contract.eviction->stalled_after, factor);
  if (contract.replay) scale(contract.replay->within, factor);
  if (contract.drain) {
    scale(contract.drain->grace, factor);
    scale(contract.drain->retry_hint, factor);
    scale(contract.drain->exit_within, factor);
    scale(contract.drain->spread, factor);
  }
  scale(contract.limits.retry_after, factor);
  if (contract.storm) scale(contract.storm->recovered_within, factor);
  if (contract.client) {
    ClientTerms& client = *contract.client;
    scale(client.header_timeout, factor);
    scale(client.liveness, factor);
    scale(client.backoff_base, factor);
    scale(client.backoff_cap, factor);
    scale(client.stable_after, factor);
    scale(client.fallback_for, factor);
    scale(client.reconnect, factor);
    scale(client.probe_after, factor);
  }
  if (contract.deliberate_close) scale(contract.deliberate_close->retry, factor);
  contract.time_scale *= factor;
  return contract;
}

std::string_view to_string(HeartbeatForm form) {
  return contract_words::word(contract_words::heartbeat_form, form);
}
std::string_view to_string(HeartbeatUnderTraffic under_traffic) {
  return contract_words::word(contract_words::under_traffic, under_traffic);
}
std::string_view to_string(Overflow overflow) {
  return contract_words::word(contract_words::overflow, overflow);
}
std::string_view to_string(TooOld too_old) {
  return contract_words::word(contract_words::too_old, too_old);
}

}  // namespace streamgauge
