// The flaws of buffering: what keeps bytes from leaving between the hub and the socket, as a proxy
// or a compressor in front of a server does.
//
// Pure: bytes go in as the hub writes them, and come out when they may leave. The first piece that
// goes in is the head of the response.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/base/time.hpp"
#include "reference-server/core/flaws.hpp"

namespace streamgauge::server {

enum class Hold : std::uint8_t {
  block,   // Flaw::header_hold: whole blocks of 4 KiB, the head included
  window,  // Flaw::coalesced_events: what comes within a window leaves together at its end
  gzip,    // Flaw::compressed_without_flush: compressed and flushed each 1 KB, chunks made here
};

/// How a stream is held back, if it is. `accepts_gzip`: the request says so and chunks are
/// understood.
[[nodiscard]] std::optional<Hold> hold_of(const Flaws& flaws, bool accepts_gzip);

/// The same head for a compressed body.
[[nodiscard]] std::string compressed_head(std::string head);

class HeldOutput {
 public:
  explicit HeldOutput(Hold how);

  void put(std::span<const std::string_view> pieces, Instant now);
  /// Nothing more will come: all may leave.
  void end();

  /// What may leave now; valid until the next call of anything but this.
  [[nodiscard]] std::string_view ready(Instant now);
  void sent(std::size_t bytes) { ready_.erase(0, bytes); }
  /// When more may leave without anything going in.
  [[nodiscard]] std::optional<Instant> due() const { return due_; }

 private:
  void release(std::size_t bytes);
  void compress(int flush);

  struct EndDeflate {
    void operator()(z_stream* stream) const;
  };

  Hold how_;
  bool head_seen_ = false;
  std::string kept_;
  std::string ready_;
  std::optional<Instant> due_;
  std::unique_ptr<z_stream, EndDeflate> deflate_;
};

}  // namespace streamgauge::server
