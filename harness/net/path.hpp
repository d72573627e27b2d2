// The path between clients and target, hop by hop; see hop.hpp.
#pragma once

#include <memory>
#include <vector>

#include "harness/net/hop.hpp"

namespace streamgauge::net {

class Path {
 public:
  /// `hops` from the clients to the target, which listens on `target`. Opens the last one first;
  /// on an error those that were open are ended.
  [[nodiscard]] static Result<Path> open(const std::vector<ProxySpec>& hops,
                                         const Addresses& target, const HopOptions& options);
  /// Where clients connect: the first hop, or the target when there is none.
  [[nodiscard]] const Addresses& entrance() const { return entrance_; }
  [[nodiscard]] std::size_t size() const { return hops_.size(); }
  /// Counted from 1, which is next to the clients.
  [[nodiscard]] Hop& hop(std::size_t number) { return *hops_.at(number - 1); }

 private:
  std::vector<std::unique_ptr<Hop>> hops_;
  Addresses entrance_;
};

}  // namespace streamgauge::net
