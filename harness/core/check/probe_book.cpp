#include "harness/core/check/probe_book.hpp"

namespace streamgauge {

std::string expected_data(const sse::Envelope& envelope, const Probe& probe) {
  std::string data;
  sse::append_envelope(data, envelope);
  return data + with_lf(probe.tail);
}

bool carries(std::string_view data, const sse::Envelope& envelope, const Probe& probe) {
  return data == expected_data(envelope, probe);
}

}  // namespace streamgauge
