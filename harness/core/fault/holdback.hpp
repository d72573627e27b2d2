// Pieces that a fault holds back, in their order, to be passed on later as they came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {

/// What a fault holds of one direction before its sender is made to wait, unless it says otherwise.
inline constexpr std::size_t held_bytes_max = 256u << 10;

class Holdback {
 public:
  void add(const Piece& piece) {
    bytes_ += piece.bytes;
    const bool joins = !cuts_.empty() && cuts_.back().kind == piece.kind &&
                       (piece.kind == PieceKind::data || piece.kind == PieceKind::raw);
    if (joins) {
      cuts_.back().size += piece.bytes.size();
    } else {
      cuts_.push_back({piece.kind, piece.bytes.size()});
    }
  }

  /// Passes all of it on; what is added while that goes on stays.
  void release(Direction direction, Outlet& out) {
    const std::string bytes = std::exchange(bytes_, {});
    const std::vector<Cut> cuts = std::exchange(cuts_, {});
    std::size_t at = 0;
    for (const Cut& cut : cuts) {
      out.pass(direction, {cut.kind, std::string_view{bytes}.substr(at, cut.size)});
      at += cut.size;
    }
  }

  [[nodiscard]] bool empty() const { return cuts_.empty(); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  struct Cut {
    PieceKind kind;
    std::size_t size;
  };
  std::string bytes_;
  std::vector<Cut> cuts_;
};

}  // namespace streamgauge::fault
