// A whole file in memory without reading it: histories may be larger than the machine's memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "harness/core/base/error.hpp"

namespace streamgauge::run {

class MappedFile {
 public:
  MappedFile() = default;
  /// Errors are of usage (2): absent, a folder, unreadable. The file must not shrink meanwhile.
  [[nodiscard]] static Result<MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  [[nodiscard]] std::string_view view() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace streamgauge::run
