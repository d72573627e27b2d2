#include "harness/core/http/websocket.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

namespace streamgauge::http {
namespace {

constexpr unsigned char final_bit = 0x80, reserved_bits = 0x70, opcode_bits = 0x0f;
constexpr unsigned char mask_bit = 0x80, length_bits = 0x7f;
constexpr std::size_t control_bytes_max = 125;
constexpr std::string_view handshake_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::uint16_t no_code = 1005;

bool is_control(WebSocketOpcode opcode) {
  return (static_cast<unsigned>(opcode) & 8u) != 0;
}

bool is_known(unsigned opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

/// Those that may stand in a frame (RFC 6455, 7.4).
bool may_be_sent(std::uint16_t code) {
  if (code < 1000 || code > 4999) return false;
  return code >= 3000 || (code <= 1014 && code != 1004 && code != no_code && code != 1006);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

void append_lengths(std::string& out, WebSocketOpcode opcode, std::uint64_t size, bool masked) {
  const unsigned char mask = masked ? mask_bit : 0;
  out += static_cast<char>(final_bit | static_cast<unsigned char>(opcode));
  int more = 0;
  if (size <= control_bytes_max) {
    out += static_cast<char>(mask | static_cast<unsigned char>(size));
  } else {
    more = size <= 0xffff ? 2 : 8;
    out += static_cast<char>(mask | (more == 2 ? 126 : 127));
  }
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xff);
}

}  // namespace

void append_frame_header(std::string& out, WebSocketOpcode opcode, std::uint64_t payload_bytes) {
  append_lengths(out, opcode, payload_bytes, false);
}

void append_masked_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload,
                         std::uint32_t key) {
  append_lengths(out, opcode, payload.size(), true);
  std::array<char, 4> bytes{};
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<char>(key >> (8 * i) & 0xff);
  out.append(bytes.data(), bytes.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += static_cast<char>(payload[i] ^ bytes[i % 4]);
  }
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string out{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return out.append(reason.substr(0, control_bytes_max - 2));
}

std::string websocket_accept(std::string_view key) {
  std::string text{key};
  text += handshake_guid;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

WebSocketReader::Item WebSocketReader::fail(std::string_view why) {
  over_ = true;
  return {Kind::malformed, why, false, 0};
}

WebSocketReader::Item WebSocketReader::next(std::string_view& bytes) {
  while (!over_) {
    if (!in_payload_) {
      if (auto item = take_header(bytes)) return *item;
      continue;
    }
    if (left_ > 0 && bytes.empty()) return {};
    Item item = take_payload(bytes);
    if (item.kind != Kind::none) return item;
  }
  bytes = {};
  return {};
}

/// With the mask's key, if there is to be one.
std::size_t WebSocketReader::header_bytes() const {
  if (held_ < 2) return 2;
  const auto length = static_cast<unsigned char>(payload_[1]) & length_bits;
  const std::size_t more = length == 126 ? 2u : length == 127 ? 8u : 0u;
  return 2 + more + (masked_ ? 4 : 0);
}

/// nullopt: the header is whole, its payload begins.
std::optional<WebSocketReader::Item> WebSocketReader::take_header(std::string_view& bytes) {
  while (held_ < header_bytes()) {
    if (bytes.empty()) return Item{};
    payload_[held_++] = bytes.front();
    bytes.remove_prefix(1);
    if (held_ != 2) continue;
    const bool masked = (static_cast<unsigned char>(payload_[1]) & mask_bit) != 0;
    if (masked != masked_) {
      return fail(masked ? "a masked frame from a server" : "an unmasked frame from a client");
    }
  }
  return begin_frame();
}

std::optional<WebSocketReader::Item> WebSocketReader::begin_frame() {
  const auto first = static_cast<unsigned char>(payload_[0]);
  const auto second = static_cast<unsigned char>(payload_[1]);
  const unsigned opcode = first & opcode_bits;
  if ((first & reserved_bits) != 0) return fail("a reserved bit is set");
  if (!is_known(opcode)) return fail("a reserved opcode");
  opcode_ = static_cast<WebSocketOpcode>(opcode);
  final_ = (first & final_bit) != 0;
  const std::string_view header{payload_.data(), held_};
  left_ = second & length_bits;
  if (left_ == 126) {
    left_ = big_endian(header.substr(2, 2));
    if (left_ <= control_bytes_max) return fail("a length in more bytes than it needs");
  } else if (left_ == 127) {
    left_ = big_endian(header.substr(2, 8));
    if (left_ <= 0xffff) return fail("a length in more bytes than it needs");
    if (left_ >> 63 != 0) return fail("a length of more than 63 bits");
  }
  if (masked_) std::copy_n(header.end() - 4, 4, key_.begin());
  held_ = 0;
  if (is_control(opcode_)) {
    if (!final_) return fail("a control frame in pieces");
    if (left_ > control_bytes_max) return fail("a control frame of more than 125 bytes");
  } else {
    const bool continues = opcode_ == WebSocketOpcode::continuation;
    if (continues != in_message_) {
      return fail(continues ? "a continuation of nothing" : "a message inside another");
    }
    in_message_ = !final_;
  }
  in_payload_ = true;
  return std::nullopt;
}

/// Kind::none: a control frame is not whole yet.
WebSocketReader::Item WebSocketReader::take_payload(std::string_view& bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  const std::string_view piece = bytes.substr(0, size);
  bytes.remove_prefix(size);
  left_ -= size;
  if (!is_control(opcode_)) {
    in_payload_ = left_ > 0;
    return {Kind::data, piece, final_ && left_ == 0, 0};
  }
  for (const char byte : piece) {
    payload_[held_] = masked_ ? static_cast<char>(byte ^ key_[held_ % 4]) : byte;
    ++held_;
  }
  if (left_ > 0) return {};
  in_payload_ = false;
  return end_control();
}

WebSocketReader::Item WebSocketReader::end_control() {
  const std::string_view text{payload_.data(), held_};
  held_ = 0;
  if (opcode_ == WebSocketOpcode::ping) return {Kind::ping, text, false, 0};
  if (opcode_ == WebSocketOpcode::pong) return {Kind::pong, text, false, 0};
  if (text.size() == 1) return fail("a close frame with half a code");
  const auto code =
      text.empty() ? no_code : static_cast<std::uint16_t>(big_endian(text.substr(0, 2)));
  if (!text.empty() && !may_be_sent(code)) return fail("a close code that must not be sent");
  over_ = true;
  return {Kind::close, text.empty() ? text : text.substr(2), false, code};
}

}  // namespace streamgauge::http
