// What is published arrives as it was meant, or is refused: no input creates a field or a block.
#include <cstdint>
#include <cstdlib>

#include "tests/unit/sse/round_trip.hpp"

using namespace streamgauge::sse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 4) return 0;
  const std::string_view text{reinterpret_cast<const char*>(bytes) + 4, size - 4};
  const std::string_view type = text.substr(0, bytes[1] % 16);
  const std::string_view id = text.substr(type.size()).substr(0, bytes[2] % 16);
  OutgoingEvent event{type, text.substr(type.size() + id.size()), {}, {}};
  if (bytes[0] & 1) event.id = id;
  if (bytes[0] & 2) event.retry = std::chrono::milliseconds{bytes[3]};
  const RoundTrip trip = round_trip(event);
  if (trip.seen != trip.expected) std::abort();
  std::string comment;
  append_comment(comment, text);
  struct OnlyComments final : Sink {
    void on_event(const EventView&) override { std::abort(); }
    void on_comment(std::string_view) override {}
    void on_retry(std::uint64_t) override { std::abort(); }
    void on_id_only(std::string_view) override { std::abort(); }
  } sink;
  Parser parser;
  parser.feed(comment, sink);
  if (!parser.at_block_boundary()) std::abort();
  return 0;
}
