// WebSocket frames read the same however they are cut, masked or not, and nothing follows an end.
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "harness/core/http/websocket.hpp"

using namespace streamgauge::http;

namespace {

std::string read(std::string_view text, std::size_t longest, bool masked, std::mt19937& random) {
  WebSocketReader reader{masked};
  std::string said;
  bool over = false;
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(text.size(), 1 + random() % longest);
    const std::vector<char> piece{text.begin(), text.begin() + static_cast<long>(size)};
    std::string_view bytes{piece.data(), piece.size()};
    for (auto item = reader.next(bytes); item.kind != WebSocketReader::Kind::none;
         item = reader.next(bytes)) {
      if (over) std::abort();
      over = item.kind == WebSocketReader::Kind::close ||
             item.kind == WebSocketReader::Kind::malformed;
      said += item.bytes;
      if (item.kind != WebSocketReader::Kind::data || item.ends_message) {
        said += '|' + std::to_string(static_cast<int>(item.kind)) + std::to_string(item.code);
      }
    }
    if (!bytes.empty()) std::abort();
    text.remove_prefix(size);
  }
  return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 1) return 0;
  std::mt19937 random{bytes[0]};
  const bool masked = (bytes[0] & 1) != 0;
  const std::string_view text{reinterpret_cast<const char*>(bytes) + 1, size - 1};
  const std::string whole = read(text, 1u << 30, masked, random);
  if (read(text, 1, masked, random) != whole || read(text, 16, masked, random) != whole) {
    std::abort();
  }
  return 0;
}
