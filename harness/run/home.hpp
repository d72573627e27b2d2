// Where scenarios, contracts, targets and programs live, and reading them by name or path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/contract/contract.hpp"
#include "harness/core/scenario/proxy_spec.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/core/scenario/target_spec.hpp"

namespace streamgauge::run {

/// Folders of an installation. `root` is the checkout: it holds scenarios/ and out/.
struct Home {
  std::string root;
  std::string build_dir;              // where the programs were built: {build} of target files
  std::vector<std::string> programs;  // folders searched before PATH (unpacked programs)

  /// From STREAMGAUGE_HOME and STREAMGAUGE_PROGRAMS (the launcher sets them), else from the place
  /// of the running program: build/<preset>/streamgauge.
  [[nodiscard]] static Home find();
};

/// A whole file, at most 4 MiB; errors name the file and the cause.
[[nodiscard]] Result<std::string> read_file(const std::string& path);

/// Names of the YAML files in scenarios/`folder` ("" for the scenarios themselves), sorted.
[[nodiscard]] std::vector<std::string> names_in(const Home& home, std::string_view folder);

/// A file's text, and its name as messages show it: relative to the checkout if it lies there.
struct NamedFile {
  std::string name, text;
};

/// By name or by path, as scenario_named().
[[nodiscard]] Result<NamedFile> scenario_file(const Home& home, const std::string& name);

/// As scenario_named(); the text of the file, when `text` is given.
[[nodiscard]] Result<ProxySpec> proxy_named(const Home& home, const std::string& name,
                                            std::string* text = nullptr);

/// By name (a file under scenarios/) or by path (anything with '/' or ".yaml"). An unknown name is
/// an error that lists the nearest ones.
[[nodiscard]] Result<Scenario> scenario_named(const Home& home, const std::string& name);
[[nodiscard]] Result<Contract> contract_named(const Home& home, const std::string& name);
/// Also a URL, which becomes a target without publishing, judged by the contract "standard".
/// `text`, if given, becomes that of the file, and stays empty for a URL.
[[nodiscard]] Result<TargetSpec> target_named(const Home& home, const std::string& name,
                                              std::string* text = nullptr);

}  // namespace streamgauge::run
