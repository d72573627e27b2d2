// Whatever both sides send, however it is cut: with a fault that changes nothing it comes through
// to the byte, and with any other faults nothing crashes.
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "harness/core/fault/passage.hpp"

using namespace streamgauge;
using namespace streamgauge::fault;

namespace {

struct Recorder final : Sink {
  void write(Side to, std::string_view bytes) override { sent[static_cast<int>(to)] += bytes; }
  void cut(Side) override {}
  void finish(Side) override {}
  void close() override {}
  void reset(Side) override {}
  void vanish(Side) override {}
  void reappear(Side) override {}
  void absorb(Side, std::uint64_t) override {}
  void keep(Side) override {}
  void fired(std::uint32_t) override {}
  std::string sent[2];
};

void drive(std::string_view faults, std::string_view text, std::mt19937 random, bool exact) {
  Recorder recorder;
  Passage passage{recorder};
  Instant now = instant_from_ns(1'000'000'000);
  std::uint32_t number = 1;
  const auto specs = parse_faults(faults);
  for (const FaultSpec& spec : *specs) {
    const auto shared = spec.type->share != nullptr ? spec.type->share(spec) : nullptr;
    passage.add({number++, spec, now, shared}, 1, now);
  }
  std::string given[2];
  while (!text.empty()) {
    const auto size = std::min<std::size_t>(text.size(), 1 + random() % 40);
    const auto way = static_cast<Direction>(random() % 2);
    given[way == Direction::up ? 1 : 0] += text.substr(0, size);
    passage.on_bytes(way, text.substr(0, size), now);
    text.remove_prefix(size);
    now += std::chrono::milliseconds{random() % 50};
    if (passage.due() <= now) passage.on_time(now);
  }
  passage.on_eof(Direction::up, now);
  passage.on_eof(Direction::down, now);
  if (exact && (recorder.sent[0] != given[0] || recorder.sent[1] != given[1])) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 1) return 0;
  const std::mt19937 random{bytes[0]};
  const std::string_view text{reinterpret_cast<const char*>(bytes) + 1, size - 1};
  drive("idle-cut=720h", text, random, true);
  drive("compress-hold+cache+strip-header=host+slice=3B+latency=20ms", text, random, false);
  drive("header-hold+stall-after:events=1:for=1ms+hold-bytes=64B+truncate", text, random, false);
  drive("hold-window=10ms+bandwidth=1kB/s+status=503:after=20ms+keep-upstream", text, random,
        false);
  return 0;
}
