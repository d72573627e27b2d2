// A proxy file: what stands between clients and target, how to start it, and what is known of it.
//
// A hop of a path is such a proxy, named on the command line (--path caddy,nginx-default), or
// faults of the built-in chaos proxy said there ("chaos:idle-cut=5s"). Hops stand in the order in
// which a request meets them: the first is next to the clients, the last next to the target.
//
// Placeholders of `spawn`: {port} {admin_port} {upstream_host} {upstream_port} {dir} {build}
// {prefix} {user} {group} {time_scale}; see target_spec.hpp for what {dir} and {prefix} are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/scenario/target_spec.hpp"

namespace streamgauge {

/// What was configured, or is known from documentation and measurement: to compare with.
struct ProxyKnowledge {
  /// It ends a stream on which nothing has come for so long; none: it never does, or nobody knows.
  std::optional<Duration> idle_cut;
  std::string idle_cut_default;  // what its makers ship, in words: "60 s (proxy_read_timeout)"
  std::map<std::string, std::string> fails;  // check -> why it cannot pass: no news in a matrix
};

struct ProxySpec {
  std::string name;
  std::string description;
  std::string file;
  std::optional<SpawnSpec> spawn;   // a program of its own; or
  std::vector<std::string> faults;  // faults of the built-in chaos proxy, as the command line
                                    // says them
  ProxyKnowledge known;
};

[[nodiscard]] Result<ProxySpec> load_proxy(std::string_view yaml, std::string file);

/// "caddy,chaos:idle-cut=5s" in its parts: commas part hops, '+' parts the faults of one hop.
[[nodiscard]] std::vector<std::string> split_path(std::string_view text);

}  // namespace streamgauge
