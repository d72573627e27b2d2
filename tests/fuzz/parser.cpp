// Three readings of one stream must agree: whole, cut at random, and by the plain reading of the
// standard (where no bound is broken); and the parser must never hold more than its bounds.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "tests/unit/sse/plain_reading.hpp"
#include "tests/unit/sse/transcript.hpp"

using namespace streamgauge::sse;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

/// Feeds exact heap copies, so that a view kept beyond its feed, or a read past it, is seen.
ParserStatus feed_cut(Parser& parser, Sink& sink, std::string_view stream, ParserLimits limits,
                      std::mt19937& random) {
  ParserStatus status = ParserStatus::ok;
  const std::size_t longest = 1 + random() % 64;
  while (!stream.empty()) {
    const std::size_t size = std::min<std::size_t>(stream.size(), 1 + random() % longest);
    const std::vector<char> piece{stream.begin(), stream.begin() + static_cast<long>(size)};
    status = parser.feed({piece.data(), piece.size()}, sink);
    stream.remove_prefix(size);
    const std::size_t id_bytes = 1256 + 4 * parser.last_event_id().size();  // and Pending itself
    demand(parser.heap_bytes() <= limits.line_bytes_max + limits.event_bytes_max + id_bytes);
  }
  return status;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 3) return 0;
  const ParserLimits limits{bytes[0] == 0xFF ? 1u << 20 : bytes[0],
                            bytes[1] == 0xFF ? 1u << 20 : bytes[1]};
  std::mt19937 random{bytes[2]};
  const std::string_view stream{reinterpret_cast<const char*>(bytes) + 3, size - 3};

  Parser whole{limits}, cut{limits};
  Transcript whole_seen, cut_seen, plain_seen;
  const ParserStatus status = whole.feed(stream, whole_seen);
  demand(feed_cut(cut, cut_seen, stream, limits, random) == status || stream.empty());
  demand(whole.at_block_boundary() == cut.at_block_boundary());
  const bool unfinished = whole.finish(whole_seen);
  demand(cut.finish(cut_seen) == unfinished);
  demand(whole_seen.text == cut_seen.text);
  demand(whole.last_event_id() == cut.last_event_id());
  if (status == ParserStatus::ok) {
    PlainReading plain{plain_seen};
    demand(plain.read(std::string{stream}) == unfinished);
    demand(plain_seen.text == whole_seen.text);
    demand(plain.last_event_id == whole.last_event_id());
  }
  return 0;
}
