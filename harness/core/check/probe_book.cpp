#include "harness/core/check/probe_book.hpp"

namespace streamgauge {

std::optional<sse::Envelope> probe_envelope(const fact::Event& event) {
  auto envelope = event.envelope;
  if (!envelope) {
    std::size_t end = 0;  // behind the fifth space and the letter that follows it
    for (int spaces = 0; spaces < 5; ++spaces) {
      end = event.data.find(' ', end);
      if (end == std::string_view::npos) return std::nullopt;
      ++end;
    }
    envelope = sse::parse_envelope(event.data.substr(0, end + 1));
  }
  if (!envelope || envelope->kind != sse::EnvelopeKind::probe) return std::nullopt;
  return envelope;
}

std::string expected_data(const sse::Envelope& envelope, const Probe& probe) {
  std::string data;
  sse::append_envelope(data, envelope);
  return data + with_lf(probe.tail);
}

bool carries(std::string_view data, const sse::Envelope& envelope, const Probe& probe) {
  return data == expected_data(envelope, probe);
}

}  // namespace streamgauge
