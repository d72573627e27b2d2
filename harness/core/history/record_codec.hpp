// One record as bytes and back; the file around them is file.hpp's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/history/record.hpp"

namespace streamgauge::history {

/// Appends `record`, its time relative to `base`.
void append_record(std::string& out, const Record& record, Instant base);

/// Takes one record off the front of `bytes`; texts are views into them. Empty on success,
/// otherwise what is wrong, with `bytes` at the place.
[[nodiscard]] std::string_view take_record(std::string_view& bytes, Record& record, Instant base);

/// As take_record, for a record whose time is known and whose block is not.
[[nodiscard]] std::string_view take_record_at(std::string_view& bytes, Record& record, Instant at);

/// Appends a chunk: kind, length, CRC and payload.
void append_chunk(std::string& out, char kind, std::string_view payload);
/// The CRC-32 that a chunk carries.
[[nodiscard]] std::uint32_t chunk_crc(char kind, std::string_view payload);

inline constexpr std::string_view magic = "sghist\r\n";
inline constexpr std::size_t chunk_head_bytes = 9;
inline constexpr std::size_t block_head_bytes = 12;
inline constexpr char metadata_kind = 'M', block_kind = 'B', end_kind = 'E';

template <class Unsigned>
void put_little_endian(std::string& out, Unsigned value) {
  for (unsigned shift = 0; shift < 8 * sizeof value; shift += 8) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
}

/// The caller has checked that the bytes are there.
template <class Unsigned>
[[nodiscard]] Unsigned little_endian_at(std::string_view bytes, std::size_t at) {
  Unsigned value = 0;
  for (std::size_t i = sizeof value; i > 0; --i) {
    value = static_cast<Unsigned>((value << 8) | static_cast<unsigned char>(bytes[at + i - 1]));
  }
  return value;
}

}  // namespace streamgauge::history
