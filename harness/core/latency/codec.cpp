// HdrHistogram's V2 encoding: a big-endian header of 40 bytes, then the counts from index 0 to the
// last non-empty one as ZigZag LEB128 numbers of at most 9 bytes; a negative number stands for a
// run of that many zeros. The compressed form wraps this in zlib behind a cookie and a length.
#include <fmt/format.h>
#include <zlib.h>

#include <bit>
#include <limits>
#include <memory>
#include <optional>

#include "harness/core/latency/histogram.hpp"

namespace streamgauge::latency {
namespace {

constexpr std::uint32_t cookie_base = 0x1c849303;
constexpr std::uint32_t compressed_cookie_base = 0x1c849304;
constexpr std::uint32_t word_size_nibble = 0xf0;  // readers ignore it; writers set 1
constexpr std::size_t header_bytes = 40;
constexpr std::size_t varint_bytes_max = 9;

template <class Unsigned>
void put_big_endian(std::string& out, Unsigned value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
}

/// The caller has checked that the bytes are there.
template <class Unsigned>
Unsigned big_endian_at(std::string_view bytes, std::size_t at) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Unsigned>((value << 8) | static_cast<unsigned char>(bytes[at + i]));
  }
  return value;
}

void put_zigzag(std::string& out, std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (std::size_t i = 0; i + 1 < varint_bytes_max && rest >= 0x80; ++i, rest >>= 7) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(rest | 0x80)));
  }
  out.push_back(static_cast<char>(static_cast<unsigned char>(rest)));  // the ninth has all 8 bits
}

/// Takes one number off the front; nullopt when the bytes end inside it.
std::optional<std::int64_t> take_zigzag(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < varint_bytes_max; ++i) {
    if (i == bytes.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool last = i + 1 == varint_bytes_max || byte < 0x80;
    value |= static_cast<std::uint64_t>(last ? byte : byte & 0x7f) << (7 * i);
    if (last) {
      bytes.remove_prefix(i + 1);
      break;
    }
  }
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

struct Header {
  HistogramConfig config;
  Layout layout;
  std::size_t payload_bytes = 0;
};

Result<Header> read_header(std::string_view bytes) {
  if (bytes.size() < header_bytes) {
    return usage_error(fmt::format("an encoded histogram has a header of {} bytes, here are {}",
                                   header_bytes, bytes.size()));
  }
  const auto cookie = big_endian_at<std::uint32_t>(bytes, 0);
  if ((cookie & ~word_size_nibble) != cookie_base) {
    return usage_error(fmt::format(
        "not a histogram in V2 encoding: cookie {:#010x} instead of 0x1c849313", cookie));
  }
  Header header;
  header.payload_bytes = big_endian_at<std::uint32_t>(bytes, 4);
  // Bytes 8 to 11, the normalizing index, tell how the writer's array was rotated in memory. The
  // counts are written in logical order all the same; some writers always put 1 there.
  header.config.significant_digits =
      static_cast<std::int32_t>(big_endian_at<std::uint32_t>(bytes, 12));
  header.config.lowest_ns = static_cast<std::int64_t>(big_endian_at<std::uint64_t>(bytes, 16));
  header.config.highest_ns = static_cast<std::int64_t>(big_endian_at<std::uint64_t>(bytes, 24));
  // The ratio of floating-point values to counted integers; some writers put an integer 1 there.
  const auto ratio_bits = big_endian_at<std::uint64_t>(bytes, 32);
  if (ratio_bits != 1 && std::bit_cast<double>(ratio_bits) != 1.0) {
    return usage_error("an encoded histogram of floating-point values is not supported");
  }
  const Result<Layout> layout = Layout::of(header.config);
  if (layout.has_error()) return layout.error();
  header.layout = *layout;
  if (header.payload_bytes > header.layout.counts * varint_bytes_max) {
    return usage_error(
        fmt::format("an encoded histogram claims {} bytes of counts, its layout has {} counts",
                    header.payload_bytes, header.layout.counts));
  }
  return header;
}

/// Inflates piecewise, so that the header can say how much may follow.
class Inflater {
 public:
  explicit Inflater(std::string_view compressed) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream_.avail_in = static_cast<uInt>(compressed.size());
    ready_ = inflateInit(&stream_) == Z_OK;
  }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Appends `wanted` bytes; false when the stream is malformed or ends before.
  bool append(std::string& out, std::size_t wanted) {
    // In steps: a length that lies must not make us allocate more than the data really holds.
    constexpr std::size_t step_bytes = 64u << 10;
    while (ready_ && wanted > 0) {
      const std::size_t old = out.size();
      const std::size_t step = std::min(step_bytes, wanted);
      out.resize(old + step);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + old);
      stream_.avail_out = static_cast<uInt>(step);
      const int status = inflate(&stream_, Z_SYNC_FLUSH);
      const std::size_t got = step - stream_.avail_out;
      out.resize(old + got);
      wanted -= got;
      ended_ = status == Z_STREAM_END;
      if (status != Z_OK && !(ended_ && wanted == 0)) return false;
    }
    return ready_;
  }

  /// True when nothing follows what was appended and zlib's checksum agrees with it.
  bool at_end() {
    Bytef beyond = 0;
    stream_.next_out = &beyond;
    stream_.avail_out = 1;
    return ended_ || (inflate(&stream_, Z_SYNC_FLUSH) == Z_STREAM_END && stream_.avail_out == 1);
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool ended_ = false;
};

Result<std::string> inflate_histogram(std::string_view bytes) {
  if (bytes.size() < 8) return usage_error("a compressed histogram ends inside its header");
  const std::size_t length = big_endian_at<std::uint32_t>(bytes, 4);
  if (length != bytes.size() - 8) {
    return usage_error(fmt::format("a compressed histogram claims {} bytes, here are {}", length,
                                   bytes.size() - 8));
  }
  Inflater inflater(bytes.substr(8));
  std::string raw;
  if (!inflater.append(raw, header_bytes)) {
    return usage_error("a compressed histogram's zlib data is damaged or cut");
  }
  const Result<Header> header = read_header(raw);
  if (header.has_error()) return header.error();
  if (!inflater.append(raw, header->payload_bytes) || !inflater.at_end()) {
    return usage_error("a compressed histogram's zlib data is damaged or cut");
  }
  return raw;
}

}  // namespace

std::string encode(const Histogram& histogram) {
  std::string payload;
  const std::size_t end = histogram.end_index();
  for (std::size_t index = 0; index < end;) {
    if (const std::uint64_t n = histogram.count_at(index); n != 0) {
      put_zigzag(payload, static_cast<std::int64_t>(n));
      ++index;
      continue;
    }
    // Below the window lie zeros only: skipped at once.
    const std::size_t run_begin = index;
    index = std::max(index + 1, std::min(histogram.first_, end));
    while (index < end && histogram.count_at(index) == 0) ++index;
    const auto run = static_cast<std::int64_t>(index - run_begin);
    put_zigzag(payload, run > 1 ? -run : 0);
  }
  if (end == 0) put_zigzag(payload, 0);  // as the original does: an empty one still has index 0

  const HistogramConfig& config = histogram.config();
  std::string out;
  out.reserve(header_bytes + payload.size());
  put_big_endian(out, cookie_base | 0x10u);
  put_big_endian(out, static_cast<std::uint32_t>(payload.size()));
  put_big_endian(out, std::uint32_t{0});
  put_big_endian(out, static_cast<std::uint32_t>(config.significant_digits));
  put_big_endian(out, static_cast<std::uint64_t>(config.lowest_ns));
  put_big_endian(out, static_cast<std::uint64_t>(config.highest_ns));
  put_big_endian(out, std::bit_cast<std::uint64_t>(1.0));
  return out + payload;
}

std::string encode_compressed(const Histogram& histogram) {
  const std::string raw = encode(histogram);
  uLongf packed_bytes = compressBound(static_cast<uLong>(raw.size()));
  std::string packed(packed_bytes, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &packed_bytes,
           reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()));
  packed.resize(packed_bytes);
  std::string out;
  put_big_endian(out, compressed_cookie_base | 0x10u);
  put_big_endian(out, static_cast<std::uint32_t>(packed.size()));
  return out + packed;
}

Result<Histogram> decode(std::string_view bytes) {
  std::string inflated;
  if (bytes.size() >= 4 &&
      (big_endian_at<std::uint32_t>(bytes, 0) & ~word_size_nibble) == compressed_cookie_base) {
    Result<std::string> raw = inflate_histogram(bytes);
    if (raw.has_error()) return raw.error();
    inflated = std::move(*raw);
    bytes = inflated;
  }
  const Result<Header> header = read_header(bytes);
  if (header.has_error()) return header.error();
  std::string_view payload = bytes.substr(header_bytes);
  if (payload.size() != header->payload_bytes) {
    return usage_error(fmt::format("an encoded histogram claims {} bytes of counts, here are {}",
                                   header->payload_bytes, payload.size()));
  }

  Histogram histogram(header->config);
  constexpr auto total_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const std::size_t counts = header->layout.counts;
  std::size_t index = 0;
  while (!payload.empty()) {
    const std::optional<std::int64_t> number = take_zigzag(payload);
    if (!number) return usage_error("an encoded histogram ends inside a number");
    const std::uint64_t magnitude = *number < 0 ? ~static_cast<std::uint64_t>(*number) + 1 : 1;
    if (magnitude > counts - index) {
      return usage_error(
          fmt::format("an encoded histogram has more counts than its layout's {}", counts));
    }
    if (*number > 0) {
      const auto n = static_cast<std::uint64_t>(*number);
      if (n > total_max - histogram.total_) {
        return usage_error("an encoded histogram's counts add up to more than 2^63");
      }
      histogram.add_at(index, n);
    }
    index += magnitude;
  }
  return histogram;
}

}  // namespace streamgauge::latency
