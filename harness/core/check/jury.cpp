#include <fmt/format.h>

#include <exception>
#include <stdexcept>

#include "harness/core/check/check.hpp"

namespace streamgauge {

struct Jury::Seat {
  const CheckSpec* spec = nullptr;
  std::unique_ptr<Check> check;  // null once decided or crashed
  std::optional<Finding> decided;
};

namespace {

Finding decided_as(Verdict verdict, std::string reason) {
  Finding finding;
  finding.verdict = verdict;
  finding.reason = std::move(reason);
  return finding;
}

/// The reason in "id: reason" (or "family.*: reason") when it is about `spec`.
std::optional<std::string> waived(const CheckSpec& spec, const TargetSpec& target) {
  for (const std::string_view entry : target.skip_checks) {
    const auto colon = entry.find(':');
    const auto id = entry.substr(0, colon);
    const bool whole_family = id.ends_with(".*") && id.substr(0, id.size() - 2) == spec.family();
    if (id != spec.id && !whole_family) continue;
    auto reason = colon == std::string_view::npos ? std::string_view{} : entry.substr(colon + 1);
    while (reason.starts_with(' ')) reason.remove_prefix(1);
    return fmt::format("the target file skips it: {}",
                       reason.empty() ? std::string_view{"no reason given"} : reason);
  }
  return std::nullopt;
}

std::optional<Finding> decided_up_front(const CheckSpec& spec, const CheckContext& context) {
  if (auto reason = waived(spec, context.target)) {
    return decided_as(Verdict::skip, std::move(*reason));
  }
  for (const auto capability : spec.needs) {
    if (has(context.target, capability)) continue;
    return decided_as(Verdict::skip,
                      fmt::format("the target lacks the capability '{}'", to_string(capability)));
  }
  if (spec.not_stated) {
    if (const auto key = spec.not_stated(context.contract); !key.empty()) {
      Finding finding = decided_as(
          Verdict::skip, fmt::format("the contract '{}' states no {}", context.contract.name, key));
      finding.not_stated = key;
      return finding;
    }
  }
  return std::nullopt;
}

Finding crashed(std::string_view what) {
  return decided_as(Verdict::error, fmt::format("the check itself failed: {}", what));
}

}  // namespace

Jury::Jury(const CheckContext& context, std::vector<std::string> ids)
    : context_(context), listeners_(std::variant_size_v<Fact>) {
  for (const auto& id : ids) {
    const auto* spec = find_check(id);
    if (!spec) throw std::invalid_argument(fmt::format("no check is called '{}'", id));
    Seat seat;
    seat.spec = spec;
    seat.decided = decided_up_front(*spec, context);
    if (!seat.decided) {
      seat.check = spec->make(context);
      for (std::size_t fact = 0; fact < listeners_.size(); ++fact) {
        if ((spec->wants >> fact) & 1u) {
          listeners_[fact].push_back(static_cast<std::uint16_t>(seats_.size()));
        }
      }
    }
    seats_.push_back(std::move(seat));
  }
}

Jury::~Jury() = default;
Jury::Jury(Jury&&) noexcept = default;

void Jury::on(const Record& record) {
  for (const auto index : listeners_[record.fact.index()]) {
    auto& seat = seats_[index];
    if (!seat.check) continue;
    try {
      seat.check->on(record);
    } catch (const std::exception& e) {
      seat.decided = crashed(e.what());
      seat.check.reset();
    }
  }
}

void Jury::merge(const Jury& other) {
  if (seats_.size() != other.seats_.size()) {
    throw std::invalid_argument("juries of different checks cannot be merged");
  }
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    auto& seat = seats_[i];
    const auto& from = other.seats_[i];
    if (seat.spec != from.spec) {
      throw std::invalid_argument("juries of different checks cannot be merged");
    }
    if (seat.decided) continue;
    if (from.decided) {
      seat.decided = from.decided;
      seat.check.reset();
      continue;
    }
    try {
      seat.check->merge(*from.check);
    } catch (const std::exception& e) {
      seat.decided = crashed(e.what());
      seat.check.reset();
    }
  }
}

std::vector<CheckResult> Jury::judge(const Noise& noise) const {
  std::vector<CheckResult> results;
  results.reserve(seats_.size());
  for (const auto& seat : seats_) {
    CheckResult result;
    result.id = seat.spec->id;
    result.family = seat.spec->family();
    result.scenario = context_.scenario.name;
    result.requirement = seat.spec->requirement;
    result.source = seat.spec->source;
    result.level = seat.spec->level;
    if (seat.decided) {
      result.finding = *seat.decided;
    } else {
      try {
        result.finding = seat.check->judge(noise);
      } catch (const std::exception& e) {
        result.finding = crashed(e.what());
      }
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace streamgauge
