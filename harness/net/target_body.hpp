// What a live target consists of. Private to target*.cpp; see target.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/net/http_probe.hpp"
#include "harness/net/port.hpp"
#include "harness/net/process.hpp"
#include "harness/net/program.hpp"
#include "harness/net/run_folder.hpp"
#include "harness/net/target.hpp"

namespace streamgauge::net {

struct Target::Body {
  using Values = std::map<std::string, std::string>;  // what placeholders stand for

  TargetSpec spec;
  TargetOptions options;
  HttpUrl url;
  StreamEndpoint streams;
  std::optional<PublishTemplate> publish;
  std::map<std::string, CommandSpec> commands;  // of the spec, with what is known filled in

  // Of a spawned one.
  FoundProgram found;
  Values values;
  std::pair<std::uint16_t, std::uint16_t> ports{};  // of the service, of /admin
  std::optional<RunFolder> folder;                  // outlives the process that runs from it
  std::optional<Process> process;
  std::vector<HeldPort> held;  // while it is killed
  bool killed = false;         // and reaped: its number may be a stranger's
  bool ordered = false;        // its end is our doing
  std::optional<std::string> stopped;

  // target_launch.cpp
  Result<void> open(std::string_view epoch);
  Result<void> start_again();
  Result<void> locate(const std::string& url_text, const Values& known);

 private:
  Result<void> locate_mirrors(const Values& known);
  Result<void> launch(std::string_view epoch, bool& port_taken);
  Result<void> prepare(std::string_view epoch);
  Result<void> write_files(bool only_with_epoch);
  Result<void> start_process();
  Result<void> wait_until_ready(bool& port_taken);
  [[nodiscard]] bool interrupted() const;
};

/// The last lines that it printed, as a part of a sentence.
[[nodiscard]] std::string with_output(const Process& process, std::size_t lines_max);

}  // namespace streamgauge::net
