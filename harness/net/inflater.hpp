// Decodes a compressed response body as it arrives (Content-Encoding gzip or deflate; RFC 1952,
// RFC 1950), so that a server that compresses is judged by what a reader has got, and when.
//
// Holds zlib's state and window, some 40 kB: only clients that were answered so have one.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace streamgauge::net {

class Inflater {
 public:
  enum class Coding : std::uint8_t { gzip, deflate };

  explicit Inflater(Coding coding);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Consumes from the front of `bytes` and answers what it decoded, at most `into.size()` bytes;
  /// empty when there is nothing more to be had from `bytes`, or when it is malformed.
  [[nodiscard]] std::string_view next(std::string_view& bytes, std::span<char> into);
  [[nodiscard]] bool malformed() const { return malformed_; }
  /// True at the end of a gzip member or zlib stream: a body that ends elsewhere was cut.
  [[nodiscard]] bool at_end() const { return at_end_; }

 private:
  z_stream stream_{};
  bool gzip_;
  bool at_end_ = false;
  bool malformed_ = false;
};

}  // namespace streamgauge::net
