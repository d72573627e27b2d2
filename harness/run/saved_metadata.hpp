// What a history file says of the run around its records: JSON in the file's metadata.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/base/time.hpp"

namespace streamgauge::run {

struct SavedMetadata {
  // The run.
  std::string target, target_file, target_text;  // text empty: a URL, which is `target`
  std::string contract_text;                     // scaled
  double time_scale = 1.0;
  std::vector<std::string> flaws, client_flaws;
  std::string path_flaw{};
  std::int64_t run_started_ns = 0;
  // The scenario.
  std::uint64_t index = 0;
  bool repeats = false;
  std::string scenario_file, scenario_text;
  std::vector<std::string> settings, checks;
  std::vector<std::string> path, path_texts;  // hops as said, and their files' texts
  std::uint32_t seed = 1;                     // of the scenario
  std::uint32_t run = 0;                      // of its envelopes
  std::uint32_t streams = 0;
  std::int64_t started_ns = 0, ended_ns = 0;
  // What came out beside the records.
  bool opened = true;
  bool generator_saturated = false;
  std::string starved;                        // the sentence; empty: it was not
  std::vector<std::int64_t> starved_when_ns;  // from, to, from, to, ...; empty: all the time
  std::uint64_t bytes_received = 0;
  std::vector<std::string> notes;
  std::vector<std::uint64_t> parts;  // records of each fold, in the order of the file

  friend bool operator==(const SavedMetadata&, const SavedMetadata&) = default;
};

[[nodiscard]] std::string write_metadata(const SavedMetadata& metadata);

/// Errors say what is missing or is not what it should be; the caller names the file.
[[nodiscard]] Result<SavedMetadata> read_metadata(std::string_view json);

}  // namespace streamgauge::run
