#include "reference-server/core/held_output.hpp"

#include <fmt/format.h>

#include <array>
#include <new>

#include "reference-server/core/event.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t block_bytes = 4096;
constexpr std::size_t flush_bytes = 1024;
constexpr Duration window = 205ms;

}  // namespace

std::optional<Hold> hold_of(const Flaws& flaws, bool accepts_gzip) {
  if (flaws.has(Flaw::header_hold)) return Hold::block;
  if (flaws.has(Flaw::coalesced_events)) return Hold::window;
  if (flaws.has(Flaw::compressed_without_flush) && accepts_gzip) return Hold::gzip;
  return std::nullopt;
}

std::string compressed_head(std::string head) {
  head.insert(head.size() - 2, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
  return head;
}

void HeldOutput::EndDeflate::operator()(z_stream* stream) const {
  deflateEnd(stream);
  delete stream;
}

HeldOutput::HeldOutput(Hold how) : how_(how) {
  if (how_ != Hold::gzip) return;
  constexpr int gzip_with_4_kib_window = 16 + 12;
  constexpr int memory_level = 4;
  deflate_.reset(new z_stream{});
  if (deflateInit2(deflate_.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_with_4_kib_window,
                   memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

void HeldOutput::put(std::span<const std::string_view> pieces, Instant now) {
  if (!head_seen_ && !pieces.empty()) {
    head_seen_ = true;
    kept_ += pieces.front();
    if (how_ != Hold::block) release(kept_.size());
    pieces = pieces.subspan(1);
  }
  for (const std::string_view piece : pieces) kept_ += piece;
  switch (how_) {
    case Hold::block:
      return release(kept_.size() / block_bytes * block_bytes);
    case Hold::window:
      if (!kept_.empty() && !due_) due_ = now + window;
      return;
    case Hold::gzip:
      if (kept_.size() >= flush_bytes) compress(Z_SYNC_FLUSH);
      return;
  }
}

void HeldOutput::end() {
  if (how_ == Hold::gzip) {
    compress(Z_FINISH);
    ready_ += terminal_chunk;
  }
  release(kept_.size());
}

std::string_view HeldOutput::ready(Instant now) {
  if (due_ && *due_ <= now) {
    due_.reset();
    release(kept_.size());
  }
  return ready_;
}

void HeldOutput::release(std::size_t bytes) {
  ready_.append(kept_, 0, bytes);
  kept_.erase(0, bytes);
}

/// All that is kept, as one chunk.
void HeldOutput::compress(int flush) {
  std::string compressed;
  std::array<Bytef, 4096> room;
  deflate_->next_in = reinterpret_cast<Bytef*>(kept_.data());
  deflate_->avail_in = static_cast<uInt>(kept_.size());
  do {
    deflate_->next_out = room.data();
    deflate_->avail_out = room.size();
    (void)deflate(deflate_.get(), flush);  // cannot fail: there is room, and the state is its own
    compressed.append(reinterpret_cast<char*>(room.data()), room.size() - deflate_->avail_out);
  } while (deflate_->avail_out == 0);
  kept_.clear();
  if (!compressed.empty()) ready_ += fmt::format("{:x}\r\n{}\r\n", compressed.size(), compressed);
}

}  // namespace streamgauge::server
