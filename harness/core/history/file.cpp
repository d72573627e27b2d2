#include "harness/core/history/file.hpp"

#include <fmt/format.h>

#include <cassert>
#include <utility>

#include "harness/core/history/fields.hpp"
#include "harness/core/history/record_codec.hpp"

namespace streamgauge {
namespace {

using namespace history;

struct Chunk {
  char kind = 0;
  std::size_t begin = 0;  // of the chunk's head
  std::string_view payload;
};

Error cut(std::size_t offset, std::string_view what) {
  return usage_error(fmt::format("the history is cut at offset {}: {}", offset, what));
}
Error damaged(std::size_t offset, std::string_view what) {
  return usage_error(fmt::format("the history is damaged at offset {}: {}", offset, what));
}

/// The chunk that begins at `offset`, with its checksum verified.
Result<Chunk> chunk_at(std::string_view bytes, std::size_t offset) {
  const std::string_view rest = bytes.substr(offset);
  if (rest.empty()) return cut(offset, "the end mark is missing");
  if (rest.size() < chunk_head_bytes) {
    return cut(bytes.size(), fmt::format("the chunk at {} ends inside its {}-byte head", offset,
                                         chunk_head_bytes));
  }
  Chunk chunk{rest[0], offset, {}};
  if (chunk.kind != metadata_kind && chunk.kind != block_kind && chunk.kind != end_kind) {
    return damaged(offset, fmt::format("no chunk has the kind {:#04x}",
                                       static_cast<unsigned char>(chunk.kind)));
  }
  const std::size_t length = little_endian_at<std::uint32_t>(rest, 1);
  if (length > rest.size() - chunk_head_bytes) {
    return cut(bytes.size(), fmt::format("the chunk at {} has {} bytes, {} are there", offset,
                                         length, rest.size() - chunk_head_bytes));
  }
  chunk.payload = rest.substr(chunk_head_bytes, length);
  if (chunk_crc(chunk.kind, chunk.payload) != little_endian_at<std::uint32_t>(rest, 5)) {
    return damaged(offset, "the chunk does not match its checksum");
  }
  return chunk;
}

}  // namespace

Recorder::Recorder(std::string_view metadata, Output output) : output_(std::move(output)) {
  std::string head(magic);
  head.push_back(static_cast<char>(history_version));
  append_chunk(head, metadata_kind, metadata);
  output_(head);
}

void Recorder::on(const Record& record) {
  assert(!finished_);
  if (in_block_ == 0) base_ = record.at;
  append_record(block_, record, base_);
  ++in_block_;
  if (block_.size() >= history_block_bytes) close_block();
}

void Recorder::close_block() {
  if (in_block_ == 0) return;
  std::string payload;
  payload.reserve(block_head_bytes + block_.size());
  put_little_endian(payload, static_cast<std::uint64_t>(to_ns(base_)));
  put_little_endian(payload, in_block_);
  payload += block_;
  std::string chunk;
  append_chunk(chunk, block_kind, payload);
  ++blocks_;
  records_ += in_block_;
  in_block_ = 0;
  block_.clear();
  output_(chunk);
}

void Recorder::finish() {
  if (std::exchange(finished_, true)) return;
  close_block();
  std::string payload, chunk;
  put_little_endian(payload, blocks_);
  put_little_endian(payload, records_);
  append_chunk(chunk, end_kind, payload);
  output_(chunk);
}

Result<HistoryReader> HistoryReader::open(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, magic.size());
  if (start != magic.substr(0, start.size())) {
    return usage_error("not a history: it does not begin with \"sghist\"");
  }
  if (bytes.size() <= magic.size()) return cut(bytes.size(), "it ends inside its first bytes");
  const auto version = static_cast<unsigned char>(bytes[magic.size()]);
  if (version != history_version) {
    return usage_error(fmt::format("the history has format version {}, this program reads {}",
                                   version, history_version));
  }
  HistoryReader reader(bytes);
  const Result<Chunk> metadata = chunk_at(bytes, magic.size() + 1);
  if (metadata.has_error()) return metadata.error();
  if (metadata->kind != metadata_kind) {
    return damaged(metadata->begin, "the metadata is missing");
  }
  reader.metadata_ = metadata->payload;
  reader.offset_ = reader.block_end_ =
      metadata->begin + chunk_head_bytes + metadata->payload.size();
  return reader;
}

/// False at the end mark.
Result<bool> HistoryReader::next_block() {
  const Result<Chunk> chunk = chunk_at(bytes_, offset_);
  if (chunk.has_error()) return chunk.error();
  const std::size_t payload_begin = offset_ + chunk_head_bytes;
  const std::string_view payload = chunk->payload;
  if (chunk->kind == metadata_kind) return damaged(offset_, "metadata for a second time");
  if (chunk->kind == end_kind) {
    if (payload.size() != 16) return damaged(offset_, "an end mark that is not 16 bytes long");
    const HistoryTotals told{little_endian_at<std::uint64_t>(payload, 0),
                             little_endian_at<std::uint64_t>(payload, 8)};
    if (told != read_) {
      return damaged(offset_,
                     fmt::format("the end mark tells of {} records in {} blocks, here are {} in {}",
                                 told.records, told.blocks, read_.records, read_.blocks));
    }
    if (payload_begin + payload.size() != bytes_.size()) {
      return damaged(payload_begin + payload.size(), "bytes follow the end mark");
    }
    ended_ = true;
    return false;
  }
  if (payload.size() < block_head_bytes) {
    return damaged(offset_, "a block that is shorter than its head");
  }
  base_ = instant_from_ns(static_cast<std::int64_t>(little_endian_at<std::uint64_t>(payload, 0)));
  left_in_block_ = little_endian_at<std::uint32_t>(payload, 8);
  if (left_in_block_ == 0) return damaged(offset_, "a block without records");
  offset_ = payload_begin + block_head_bytes;
  block_end_ = payload_begin + payload.size();
  ++read_.blocks;
  return true;
}

Result<bool> HistoryReader::next(Record& record) {
  if (ended_) return false;
  if (left_in_block_ == 0) {
    if (offset_ != block_end_) return damaged(offset_, "bytes after a block's last record");
    const Result<bool> more = next_block();
    if (more.has_error() || !*more) return more;
  }
  std::string_view rest = bytes_.substr(offset_, block_end_ - offset_);
  const std::string_view problem = take_record(rest, record, base_);
  if (!problem.empty()) return damaged(block_end_ - rest.size(), problem);
  record_offset_ = offset_;
  offset_ = block_end_ - rest.size();
  --left_in_block_;
  ++read_.records;
  return true;
}

Result<HistoryTotals> read_history(std::string_view bytes, RecordSink& sink) {
  Result<HistoryReader> reader = HistoryReader::open(bytes);
  if (reader.has_error()) return reader.error();
  Record record;
  for (;;) {
    const Result<bool> more = reader->next(record);
    if (more.has_error()) return more.error();
    if (!*more) return reader->totals();
    sink.on(record);
  }
}

}  // namespace streamgauge
