// The binary history of a run (`.sgh`): every record, so that a run can be judged again.
//
//   file    = magic metadata block* end
//   magic   = "sghist\r\n" version:u8 (1)
//   chunk   = kind:u8 length:u32 crc:u32 payload      (metadata 'M', block 'B', end 'E')
//   block   = base:i64 count:u32 record*
//   record  = code:u8 time:zigzag stream:varint fields (see fields.hpp)
//   end     = blocks:u64 records:u64
//
// Numbers of fixed size are little-endian; the CRC-32 (zlib's) covers kind, length and payload.
// Times are relative to the block's base, so a block is read without any other; `stream` is the id
// plus one, 0 for none. The end says how much there was: a file without it is cut.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/base/error.hpp"
#include "harness/core/history/record.hpp"

namespace streamgauge {

/// Blocks are closed when they reach this size; a single larger record makes a larger block.
inline constexpr std::size_t history_block_bytes = 64u << 10;

/// Writes what it hears. One per thread: `merge_histories` puts the files together again.
class Recorder final : public RecordSink {
 public:
  using Output = std::function<void(std::string_view)>;

  /// `metadata`: a text of the caller's (JSON: contract, scenario, target, seed), given back as it
  /// is. `output` takes the file's bytes in order, some 64 KiB at a time; the view ends with the
  /// call.
  Recorder(std::string_view metadata, Output output);

  void on(const Record& record) override;

  /// Writes what is pending and the end mark; nothing may come after it. Without it the file
  /// counts as cut, which is right for a run that was.
  void finish();

 private:
  void close_block();

  Output output_;
  std::string block_;  // payload of the block being filled
  Instant base_{};
  std::uint32_t in_block_ = 0;
  std::uint64_t blocks_ = 0, records_ = 0;
  bool finished_ = false;
};

struct HistoryTotals {
  std::uint64_t blocks = 0, records = 0;
  friend bool operator==(const HistoryTotals&, const HistoryTotals&) = default;
};

/// A walk over the records of a history in memory. Texts of the records are views into the bytes.
/// Errors name the offset; whole records before it have been handed out by then.
class HistoryReader {
 public:
  /// Checks the magic and reads the metadata.
  [[nodiscard]] static Result<HistoryReader> open(std::string_view bytes);

  [[nodiscard]] std::string_view metadata() const { return metadata_; }
  /// The next record into `record`; false at the end of a whole file.
  [[nodiscard]] Result<bool> next(Record& record);
  /// Where the record that `next` gave out begins.
  [[nodiscard]] std::size_t record_offset() const { return record_offset_; }
  [[nodiscard]] const HistoryTotals& totals() const { return read_; }

 private:
  explicit HistoryReader(std::string_view bytes) : bytes_(bytes) {}
  Result<bool> next_block();

  std::string_view bytes_;
  std::string_view metadata_;
  std::size_t offset_ = 0;     // of the next byte to read
  std::size_t block_end_ = 0;  // offset_ stays below it inside a block
  std::size_t record_offset_ = 0;
  Instant base_{};
  std::uint32_t left_in_block_ = 0;
  HistoryTotals read_;
  bool ended_ = false;
};

/// All records of one file, in the order in which they were written.
[[nodiscard]] Result<HistoryTotals> read_history(std::string_view bytes, RecordSink& sink);

/// The records of several threads' files as one: by time, then stream, then file and order within
/// it, whatever streams each thread had. What every thread is told (phases, faults) is handed out
/// once, at the earliest time. All files are checked before the first record is handed out.
/// Returns the number of records handed out. Holds 24 bytes a record.
[[nodiscard]] Result<std::uint64_t> merge_histories(std::span<const std::string_view> files,
                                                    RecordSink& sink);

}  // namespace streamgauge
