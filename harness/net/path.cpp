#include "harness/net/path.hpp"

#include <utility>

namespace streamgauge::net {

Result<Path> Path::open(const std::vector<ProxySpec>& hops, const Addresses& target,
                        const HopOptions& options) {
  Path path;
  path.entrance_ = target;
  for (auto spec = hops.rbegin(); spec != hops.rend(); ++spec) {
    auto hop = open_hop(*spec, path.entrance_, options);
    if (!hop) return hop.error();
    path.entrance_ = (*hop)->addresses();
    path.hops_.insert(path.hops_.begin(), std::move(*hop));
  }
  return path;
}

}  // namespace streamgauge::net
