// What waits to be written to a socket, in blocks, so that a queue of gigabytes grows and shrinks
// without being moved. Costs nothing while it is empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace streamgauge::net {

class ByteQueue {
 public:
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    if (!blocks_) blocks_ = std::make_unique<std::deque<std::string>>();
    while (!bytes.empty()) {
      if (blocks_->empty() || blocks_->back().size() >= block_bytes) blocks_->emplace_back();
      std::string& block = blocks_->back();
      const std::size_t part = std::min(bytes.size(), block_bytes - block.size());
      block.append(bytes.substr(0, part));
      bytes.remove_prefix(part);
    }
  }
  /// What was appended so far is not written together with what follows.
  void cut() {
    if (size_ == 0) return;
    if (!cuts_) cuts_ = std::make_unique<std::deque<std::uint64_t>>();
    const std::uint64_t at = taken_ + size_;
    if (cuts_->empty() || cuts_->back() != at) cuts_->push_back(at);
  }

  /// The next bytes that may be written together.
  [[nodiscard]] std::string_view front() const {
    if (size_ == 0) return {};
    std::string_view bytes = std::string_view{blocks_->front()}.substr(offset_);
    if (cuts_) bytes = bytes.substr(0, static_cast<std::size_t>(cuts_->front() - taken_));
    return bytes;
  }
  void take(std::size_t bytes) {
    size_ -= bytes;
    taken_ += bytes;
    offset_ += bytes;
    if (offset_ == blocks_->front().size()) {
      blocks_->pop_front();
      offset_ = 0;
    }
    if (cuts_ && cuts_->front() <= taken_) cuts_->pop_front();
    if (cuts_ && cuts_->empty()) cuts_.reset();
    if (size_ == 0) blocks_.reset();
  }
  void clear() { *this = {}; }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t block_bytes = 64u << 10;
  std::unique_ptr<std::deque<std::string>> blocks_;  // none of them empty
  std::unique_ptr<std::deque<std::uint64_t>> cuts_;  // counted like taken_; none at its front
  std::uint64_t taken_ = 0;                          // in all
  std::size_t size_ = 0;
  std::size_t offset_ = 0;  // taken of the first block
};

}  // namespace streamgauge::net
