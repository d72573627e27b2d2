#include "harness/run/saved_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/contract/load.hpp"
#include "harness/core/scenario/load.hpp"
#include "harness/run/mapped_file.hpp"
#include "harness/run/repetition.hpp"
#include "harness/run/saved_metadata.hpp"

namespace streamgauge::run {

namespace {

SavedMetadata metadata_of(const Plan& plan, const PlannedScenario& planned) {
  SavedMetadata m;
  m.target = plan.target.name;
  m.target_file = plan.target.file;
  m.target_text = plan.target_text;
  m.contract_text = write_contract(plan.contract);
  m.time_scale = plan.time_scale;
  m.flaws = plan.flaws;
  m.client_flaws = plan.client_flaws;
  m.path_flaw = plan.path_flaw;
  m.run_started_ns = to_ns(planned.recording->run_started);
  m.index = planned.recording->index;
  m.repeats = planned.recording->repeats;
  m.scenario_file = planned.scenario.file;
  m.scenario_text = planned.text;
  m.settings = plan.settings;
  m.checks = planned.checks;
  m.seed = planned.scenario.seed;
  m.streams = total_streams(planned.scenario);
  for (const PlannedHop& hop : planned.path) {
    m.path.push_back(hop.word);
    m.path_texts.push_back(hop.text);
  }
  return m;
}

/// One history, read as far as its metadata, with all that its checks refer to.
struct Saved {
  std::string file;
  MappedFile bytes;
  SavedMetadata metadata;
  TargetSpec target;
  Contract contract;
  PlannedScenario planned;
};

Error about(const std::string& file, const Error& error) {
  return usage_error(fmt::format("{}: {}", file, error.message));
}

Result<std::vector<PlannedHop>> saved_hops(const Home& home, const SavedMetadata& m) {
  std::vector<PlannedHop> hops;
  for (std::size_t i = 0; i < m.path.size(); ++i) {
    const std::string text = i < m.path_texts.size() ? m.path_texts[i] : std::string{};
    if (text.empty()) {
      auto hop = hop_named(home, m.path[i]);
      if (!hop) return hop.error();
      hops.push_back(std::move(*hop));
      continue;
    }
    auto spec = load_proxy(text, m.path[i]);
    if (!spec) return spec.error();
    hops.push_back({m.path[i], text, std::move(*spec)});
  }
  return hops;
}

/// The models that the metadata's texts stand for.
Result<void> rebuild(const Home& home, Saved& saved) {
  const SavedMetadata& m = saved.metadata;
  auto target = m.target_text.empty() ? target_named(home, m.target)
                                      : load_target(m.target_text, m.target_file);
  if (!target) return target.error();
  saved.target = std::move(*target);
  auto contract = load_contract(m.contract_text, "the contract in it");
  if (!contract) return contract.error();
  saved.contract = std::move(*contract);
  auto scenario =
      prepared_scenario(m.scenario_text, m.scenario_file,
                        {m.settings, m.seed, m.client_flaws, m.path_flaw}, saved.contract);
  if (!scenario) return scenario.error();
  if (total_streams(*scenario) != m.streams) {
    return usage_error(fmt::format("its scenario has {} streams here, and had {} when it was run",
                                   total_streams(*scenario), m.streams));
  }
  for (const std::string& id : m.checks) {
    if (!find_check(id)) {
      return usage_error(fmt::format("it was judged by a check '{}', which is not known here", id));
    }
  }
  auto hops = saved_hops(home, m);
  if (!hops) return hops.error();
  saved.planned = {std::move(*scenario), m.checks, m.scenario_text, std::nullopt, std::move(*hops)};
  return {};
}

Result<Saved> open_saved(const Home& home, const std::string& file) {
  Saved saved;
  saved.file = file;
  auto bytes = MappedFile::open(file);
  if (!bytes) return bytes.error();
  saved.bytes = std::move(*bytes);
  const auto reader = HistoryReader::open(saved.bytes.view());
  if (!reader) return about(file, reader.error());
  auto metadata = read_metadata(reader->metadata());
  if (!metadata) return about(file, metadata.error());
  saved.metadata = std::move(*metadata);
  if (auto rebuilt = rebuild(home, saved); !rebuilt) return about(file, rebuilt.error());
  return saved;
}

/// Checks index their state by these numbers: none may lie beyond what the scenario has.
bool well_placed(const Record& record, const Saved& saved) {
  const Scenario& scenario = saved.planned.scenario;
  const auto in = [](std::size_t index, std::size_t count) { return index < count; };
  if (record.stream != no_stream && !in(record.stream, saved.metadata.streams)) return false;
  return std::visit(
      Overloaded{
          [&](const fact::Joined& f) {
            return in(f.group, scenario.groups.size()) && in(f.channel, scenario.channels.size());
          },
          [&](const fact::Published& f) { return in(f.channel, scenario.channels.size()); },
          [&](const fact::PhaseBegan& f) { return in(f.index, scenario.phases.size() + 1); },
          [&](const fact::Commanded& f) {
            return f.group == 0xffff || in(f.group, scenario.groups.size());
          },
          [](const auto&) { return true; },
      },
      record.fact);
}

/// Hands the file's records to one fold a part, and merges them as the run did.
Result<void> refold(const Saved& saved, const CheckContext& context, Fold& total) {
  auto reader = HistoryReader::open(saved.bytes.view());
  if (!reader) return about(saved.file, reader.error());
  Record record;
  for (const std::uint64_t records : saved.metadata.parts) {
    Fold fold(context, saved.planned.checks, instant_from_ns(saved.metadata.started_ns));
    for (std::uint64_t i = 0; i < records; ++i) {
      const auto more = reader->next(record);
      if (!more) return about(saved.file, more.error());
      if (!*more) {
        return usage_error(fmt::format("{}: it has fewer records than it says", saved.file));
      }
      if (!well_placed(record, saved)) {
        return usage_error(
            fmt::format("{}: the record at offset {} is about something that the scenario has not",
                        saved.file, reader->record_offset()));
      }
      fold.on(record);
    }
    total.merge(fold);
  }
  const auto more = reader->next(record);
  if (!more) return about(saved.file, more.error());
  if (*more) return usage_error(fmt::format("{}: it has more records than it says", saved.file));
  return {};
}

Result<ScenarioResult> judge_again(const Saved& saved) {
  const SavedMetadata& m = saved.metadata;
  const Instant started = instant_from_ns(m.started_ns), ended = instant_from_ns(m.ended_ns);
  const CheckContext context{saved.contract, saved.planned.scenario,      saved.target, m.run,
                             m.streams,      names_of(saved.planned.path)};
  Fold total(context, saved.planned.checks, started);
  if (auto folded = refold(saved, context, total); !folded) return folded.error();
  Circumstances around{started, ended, m.generator_saturated, m.starved};
  for (std::size_t i = 0; i + 1 < m.starved_when_ns.size(); i += 2) {
    around.starved_when.push_back(
        {instant_from_ns(m.starved_when_ns[i]), instant_from_ns(m.starved_when_ns[i + 1])});
  }
  ScenarioResult result =
      m.opened ? judged(saved.planned, total, around)
               : unopened_result(saved.planned, started, ended);
  result.streams = m.streams;
  result.bytes_received = m.bytes_received;
  result.notes = m.notes;
  return result;
}

/// Histories that are judged together are of one run, each scenario and its repetition once.
Result<void> of_one_run(const std::vector<Saved>& all) {
  for (std::size_t i = 1; i < all.size(); ++i) {
    const SavedMetadata &before = all[i - 1].metadata, &m = all[i].metadata;
    if (m.run_started_ns != before.run_started_ns || m.target != before.target) {
      return usage_error(
          fmt::format("{} and {} are of different runs: judge them one after the other",
                      all[i - 1].file, all[i].file));
    }
    if (m.index == before.index && m.repeats == before.repeats) {
      return usage_error(fmt::format("{} and {} are about the same scenario of the run",
                                     all[i - 1].file, all[i].file));
    }
  }
  return {};
}

RunResult head_of(const Saved& saved) {
  RunResult run;
  run.target = saved.target.name;
  run.target_description = saved.target.description;
  run.path = names_of(saved.planned.path);
  tell_contract(saved.contract, run);
  run.settings = saved.metadata.settings;
  run.time_scale = saved.metadata.time_scale;
  run.seed = saved.metadata.seed;
  run.flaws = saved.metadata.flaws;
  run.flaws.insert(run.flaws.end(), saved.metadata.client_flaws.begin(),
                   saved.metadata.client_flaws.end());
  run.started = instant_from_ns(saved.metadata.run_started_ns);
  run.environment = environment();
  return run;
}

}  // namespace

Result<void> save_history(const Plan& plan, const PlannedScenario& planned,
                          const CheckContext& context, const Fold& total, const RunFacts& facts,
                          bool opened) {
  if (!planned.recording) return {};
  const Circumstances around = circumstances(facts);
  SavedMetadata m = metadata_of(plan, planned);
  m.run = context.run;
  m.started_ns = to_ns(facts.started);
  m.ended_ns = to_ns(facts.ended);
  m.opened = opened;
  m.generator_saturated = around.generator_saturated;
  m.starved = around.starved;
  for (const Stretch& s : around.starved_when) {
    m.starved_when_ns.insert(m.starved_when_ns.end(), {to_ns(s.from), to_ns(s.to)});
  }
  m.bytes_received = facts.swarm.bytes;
  m.notes = notes(facts);
  for (const auto& part : total.parts()) m.parts.push_back(part->totals().records);
  return join_parts(planned.recording->file, write_metadata(m), total.parts());
}

Result<void> save_skipped(const Plan& plan, const PlannedScenario& planned, Instant at) {
  if (!planned.recording) return {};
  SavedMetadata m = metadata_of(plan, planned);
  m.started_ns = m.ended_ns = to_ns(at);
  return join_parts(planned.recording->file, write_metadata(m), {});
}

Result<RunResult> judge_histories(const Home& home, const std::vector<std::string>& files,
                                  bool strict) {
  std::vector<Saved> all;
  for (const std::string& file : files) {
    auto saved = open_saved(home, file);
    if (!saved) return saved.error();
    all.push_back(std::move(*saved));
  }
  const auto place = [](const Saved& s) { return std::pair(s.metadata.index, s.metadata.repeats); };
  std::stable_sort(all.begin(), all.end(),
                   [&](const Saved& a, const Saved& b) { return place(a) < place(b); });
  if (auto one = of_one_run(all); !one) return one.error();
  RunResult run = head_of(all.front());
  run.strict = strict;
  for (const Saved& saved : all) {
    auto result = judge_again(saved);
    if (!result) return result.error();
    run.length = std::max(run.length, result->started + result->length - run.started);
    if (!saved.metadata.repeats) {
      run.scenarios.push_back(std::move(*result));
    } else if (!run.scenarios.empty() && run.scenarios.back().scenario == result->scenario) {
      take_second_attempt(run.scenarios.back(), *result, strict);
    } else {
      return usage_error(fmt::format(
          "{}: is the repetition of a scenario; the history of the first attempt is needed, too",
          saved.file));
    }
  }
  return run;
}

}  // namespace streamgauge::run
