#include "harness/net/inflater.hpp"

#include <new>

namespace streamgauge::net {
namespace {

constexpr int largest_window = 15;
constexpr int with_gzip_header = 16;

}  // namespace

Inflater::Inflater(Coding coding) : gzip_(coding == Coding::gzip) {
  const int window = largest_window + (gzip_ ? with_gzip_header : 0);
  if (::inflateInit2(&stream_, window) != Z_OK) throw std::bad_alloc{};
}

Inflater::~Inflater() {
  ::inflateEnd(&stream_);
}

std::string_view Inflater::next(std::string_view& bytes, std::span<char> into) {
  // zlib may hold decoded bytes back when `into` was full: it is asked even without new input.
  while (!malformed_) {
    if (at_end_) {
      if (bytes.empty()) return {};
      // A gzip body may be several members in a row (RFC 1952, 2.2); a zlib stream ends for good.
      if (!gzip_ || ::inflateReset(&stream_) != Z_OK) break;
      at_end_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    const int status = ::inflate(&stream_, Z_SYNC_FLUSH);
    bytes.remove_prefix(bytes.size() - stream_.avail_in);
    const std::size_t size = into.size() - stream_.avail_out;
    at_end_ = status == Z_STREAM_END;
    malformed_ = status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR;
    if (size > 0) return {into.data(), size};
    if (!at_end_) return {};
  }
  malformed_ = true;
  return {};
}

}  // namespace streamgauge::net
