// How fast the parser reads what servers send: tokens, long lines, heartbeats, the worst cuts.
// Bytes per second and, where it means something, events per second; one core, one stream.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "harness/core/sse/parser.hpp"

namespace streamgauge::sse {
namespace {

class Counting final : public Sink {
 public:
  std::size_t events = 0, comments = 0, bytes = 0;
  void on_event(const EventView& event) override {
    ++events;
    bytes += event.data.size();
  }
  void on_comment(std::string_view) override { ++comments; }
  void on_retry(std::uint64_t) override {}
};

std::string repeated(std::string_view block, std::size_t bytes_min) {
  std::string stream;
  while (stream.size() < bytes_min) stream += block;
  return stream;
}

/// Feeds `stream` again and again in pieces of `piece_bytes`, as reads would deliver it.
void feed(benchmark::State& state, const std::string& stream, std::size_t piece_bytes) {
  Parser parser;
  Counting seen;
  for (auto _ : state) {
    for (std::string_view rest = stream; !rest.empty();) {
      const std::string_view piece = rest.substr(0, piece_bytes);
      if (parser.feed(piece, seen) != ParserStatus::ok) state.SkipWithError("a bound was broken");
      rest.remove_prefix(piece.size());
    }
  }
  benchmark::DoNotOptimize(seen.bytes);
  if (seen.events + seen.comments == 0) state.SkipWithError("nothing was parsed");
  const auto rate = benchmark::Counter::kIsRate;
  state.counters["events"] = benchmark::Counter(static_cast<double>(seen.events), rate);
  state.counters["comments"] = benchmark::Counter(static_cast<double>(seen.comments), rate);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * stream.size()));
}

constexpr std::size_t read_bytes = 64u << 10;
constexpr std::size_t stream_bytes = 1u << 20;

void tokens_of_20_bytes(benchmark::State& state) {
  feed(state, repeated("data: 0123456789ab\n\n", stream_bytes), read_bytes);
}
void tokens_of_20_bytes_crlf(benchmark::State& state) {
  feed(state, repeated("data: 0123456789\r\n\r\n", stream_bytes), read_bytes);
}
void events_of_200_bytes(benchmark::State& state) {
  const std::string data(200 - 36, 'x');
  feed(state, repeated("id: 123456789\nevent: message1\ndata: " + data + "\n\n", stream_bytes),
       read_bytes);
}
void events_of_four_lines(benchmark::State& state) {
  const std::string line = "data: " + std::string(43, 'x') + "\n";
  feed(state, repeated(line + line + line + line + "\n", stream_bytes), read_bytes);
}
/// Line and reads of 64 KiB do not coincide: most lines are cut once and copied.
void lines_of_64_kib_cut(benchmark::State& state) {
  feed(state, repeated("data: " + std::string(64u << 10, 'x') + "\n\n", stream_bytes), read_bytes);
}
void lines_of_64_kib_whole(benchmark::State& state) {
  const std::string block = "data: " + std::string(64u << 10, 'x') + "\n\n";
  feed(state, repeated(block, stream_bytes), block.size());
}
void lines_of_64_kib_of_two_byte_characters(benchmark::State& state) {
  const std::string block = "data: " + repeated("\xC3\xA9", 64u << 10) + "\n\n";
  feed(state, repeated(block, stream_bytes), block.size());
}
void heartbeats_only(benchmark::State& state) {
  feed(state, repeated(": hb\n\n", stream_bytes), read_bytes);
}
/// What a swarm does most of the time: one heartbeat in one read.
void heartbeats_one_a_read(benchmark::State& state) {
  feed(state, repeated(": hb\n\n", stream_bytes), 6);
}
void drip_of_one_byte(benchmark::State& state) {
  feed(state, repeated("data: 0123456789ab\n\n", stream_bytes), 1);
}

BENCHMARK(tokens_of_20_bytes);
BENCHMARK(tokens_of_20_bytes_crlf);
BENCHMARK(events_of_200_bytes);
BENCHMARK(events_of_four_lines);
BENCHMARK(lines_of_64_kib_cut);
BENCHMARK(lines_of_64_kib_whole);
BENCHMARK(lines_of_64_kib_of_two_byte_characters);
BENCHMARK(heartbeats_only);
BENCHMARK(heartbeats_one_a_read);
BENCHMARK(drip_of_one_byte);

}  // namespace
}  // namespace streamgauge::sse
