#include "reports/console_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "reports/text.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

constexpr std::size_t evidence_shown_max = 3;

struct Entry {
  const CheckResult* check;
  std::string scenario, measured, bound;  // clean
};

/// A check with its result in each scenario that judged it.
struct Subject {
  std::string id, name;  // the name is the id without its family
  std::vector<Entry> entries;
};

struct Family {
  std::string name;
  std::vector<Subject> subjects;
};

struct Skipped {
  std::string reason;
  std::vector<std::string> what;  // ids of checks, or keys that a contract does not state
  bool by_key = false;
};

struct Columns {
  std::size_t word = 4, name = 0, measured = 0, rest = 0;
};

template <class T, class Match, class Make>
T& found_or_added(std::vector<T>& items, Match match, Make make) {
  const auto at = std::find_if(items.begin(), items.end(), match);
  return at != items.end() ? *at : items.emplace_back(make());
}

bool shown(const CheckResult& check, bool quiet) {
  const Verdict verdict = check.finding.verdict;
  if (verdict == Verdict::skip) return false;
  return !quiet || check.standing == Standing::stale ||
         (verdict != Verdict::pass && verdict != Verdict::info);
}

std::vector<Family> families_of(const Page& page, const RunResult& run, bool quiet) {
  std::vector<Family> families;
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (!shown(check, quiet)) continue;
      Family& family = found_or_added(
          families, [&](const Family& f) { return f.name == check.family; },
          [&] {
            return Family{check.family, {}};
          });
      Subject& subject = found_or_added(
          family.subjects, [&](const Subject& s) { return s.id == check.id; },
          [&] {
            const bool prefixed = check.id.starts_with(check.family + ".");
            return Subject{check.id, check.id.substr(prefixed ? check.family.size() + 1 : 0), {}};
          });
      subject.entries.push_back({&check, page.clean(scenario.scenario),
                                 page.clean(check.finding.measured),
                                 page.clean(check.finding.bound)});
    }
  }
  return families;
}

/// "inconclusive" would take a tenth of a narrow page from every line; there the sign stands alone
/// and the word begins the reason.
bool word_moves(const Page& page, const Entry& e) {
  return page.width() < 100 && e.check->finding.verdict == Verdict::inconclusive;
}

std::string_view word(const Page& page, const Entry& e) {
  return word_moves(page, e) ? std::string_view{} : to_string(e.check->finding.verdict);
}

/// The width of the measured column that leaves most rows whole, and of those the one that cuts
/// fewest measurements; the rows that do not fit overflow or are cut.
std::size_t measured_width(const std::vector<Entry>& entries, std::size_t rest) {
  using Widths = std::pair<std::size_t, std::size_t>;  // of what was measured, of the bound
  std::map<Widths, std::size_t> rows;                  // so many of each; few differ
  for (const Entry& e : entries) ++rows[{display_width(e.measured), display_width(e.bound)}];
  using Score = std::pair<std::size_t, std::size_t>;  // rows whole, measurements whole
  std::size_t best = 0;
  Score best_score{0, 0};
  for (const auto& [candidate, _] : rows) {
    const std::size_t width = std::min(candidate.first, rest);
    Score score{0, 0};
    for (const auto& [widths, count] : rows) {
      const auto [measured, bound] = widths;
      if (measured > width) continue;
      if (bound == 0 || width + 2 + bound <= rest) score.first += count;
      score.second += count;
    }
    if (score > best_score || (score == best_score && width < best)) {
      best = width;
      best_score = score;
    }
  }
  return best;
}

Columns columns_of(const Page& page, const std::vector<Family>& families) {
  Columns c;
  std::vector<Entry> all;
  for (const Family& family : families) {
    for (const Subject& subject : family.subjects) {
      c.name = std::max(c.name, display_width(subject.name));
      for (const Entry& e : subject.entries) {
        c.word = std::max(c.word, word(page, e).size());
        if (subject.entries.size() > 1) c.name = std::max(c.name, 2 + display_width(e.scenario));
        all.push_back(e);
      }
    }
  }
  c.name = std::min<std::size_t>(c.name, 32);
  c.rest = page.width() - (4 + c.word + 2 + c.name + 2);
  c.measured = measured_width(all, c.rest);
  return c;
}

struct Figures {
  std::string text;  // painted
  bool whole;        // neither part was cut
};

Figures figures(const Page& page, const Columns& c, const Entry& e) {
  const std::size_t m = display_width(e.measured), b = display_width(e.bound);
  if (b == 0) return {page.cut(e.measured, c.rest), m <= c.rest};
  if (m + 2 + b <= c.rest) {
    // In line with the other bounds, moved just as far as it takes to fit.
    const std::size_t start = std::min(std::max(c.measured, m) + 2, c.rest - b);
    return {page.cell(e.measured, start) + page.paint(Tone::dim, e.bound), true};
  }
  // Both are cut unless one is short: the bound keeps two fifths, what was measured the rest.
  const std::size_t bound_kept = std::min(b, c.rest * 2 / 5);
  const std::size_t room = c.rest - std::min(c.rest, bound_kept + 2);
  const std::size_t shown = std::min(std::max(m, c.measured), room);
  return {page.cell(e.measured, shown) + "  " +
              page.paint(Tone::dim, page.cut(e.bound, c.rest - std::min(c.rest, shown + 2))),
          false};
}

void put_evidence(Page& page, const std::string& bar, const Entry& e, Instant run_start) {
  const auto& evidence = e.check->finding.evidence;
  const std::size_t shown = std::min(evidence.size(), evidence_shown_max);
  std::size_t time_width = 0, stream_width = 0;
  for (std::size_t i = 0; i < shown; ++i) {
    time_width = std::max(time_width, time_in_run(evidence[i].at, run_start).size());
    stream_width = std::max(stream_width, stream_name(evidence[i].stream).size());
  }
  for (std::size_t i = 0; i < shown; ++i) {
    std::string line = bar;
    if (time_width > 0) {
      line +=
          page.cell(time_in_run(evidence[i].at, run_start), time_width, Tone::dim, Align::right) +
          "  ";
    }
    if (stream_width > 0) {
      line += page.cell(stream_name(evidence[i].stream), stream_width, Tone::dim) + "  ";
    }
    // The bytes of a target may be many: a line's worth is enough to recognise, all is in the JSON.
    const std::size_t used = painted_width(line);
    line += page.cut(page.clean(std::string_view{evidence[i].what}.substr(0, 1000)),
                     page.width() - std::min(page.width() - 10, used));
    page.line(line);
  }
  if (evidence.size() > shown) {
    page.line(bar + page.paint(Tone::dim,
                               fmt::format("and {} more in result.json", evidence.size() - shown)));
  }
}

void put_details(Page& page, const Entry& e, bool figures_whole, Instant run_start) {
  const CheckResult& check = *e.check;
  const std::string bar =
      "    " + page.paint(page.look(check.finding.verdict).tone, page.bar()) + " ";
  std::string reason = page.clean(check.finding.reason);
  if (word_moves(page, e)) {
    reason.insert(0, fmt::format("{}: ", to_string(check.finding.verdict)));
  }
  if (!reason.empty()) page.barred(bar, reason);
  if (!figures_whole) {
    page.barred(bar, "measured: " + e.measured);
    if (!e.bound.empty()) page.barred(bar, "bound: " + e.bound);
  }
  put_evidence(page, bar, e, run_start);
  page.barred(
      bar,
      fmt::format("{}{}{}{}{} ({})", page.clean(check.id), page.dot(), to_string(check.level),
                  page.dot(), page.clean(check.requirement), page.clean(check.source)),
      Tone::dim);
}

void put_entry(Page& page, const Columns& c, const Entry& e, const std::string& name,
               Instant run_start) {
  const Finding& finding = e.check->finding;
  const Look look = page.look(finding.verdict);
  const bool quiet = finding.verdict == Verdict::pass || finding.verdict == Verdict::info;
  const Figures shown = figures(page, c, e);
  page.line("  " + page.paint(look.tone, look.sign) + " " +
            page.cell(word(page, e), c.word, look.tone) + "  " +
            page.cell(name, c.name, quiet ? Tone::plain : Tone::strong) + "  " + shown.text);
  if (!quiet) {
    put_details(page, e, shown.whole, run_start);
  } else if (finding.verdict == Verdict::info && !finding.reason.empty()) {
    page.paragraph(std::string(6 + c.word, ' '), page.clean(finding.reason), Tone::dim);
  }
  const std::string indent(6 + c.word, ' ');
  if (!finding.repeated.empty()) {
    page.paragraph(indent, page.clean("repeated: " + finding.repeated), Tone::dim);
  }
  if (const std::string standing = standing_sentence(*e.check); !standing.empty()) {
    page.paragraph(indent, page.clean(standing),
                   e.check->standing == Standing::stale ? Tone::bad : Tone::caution);
  }
}

void put_subject(Page& page, const Columns& c, const Subject& subject, Instant run_start) {
  if (subject.entries.size() == 1) {
    put_entry(page, c, subject.entries.front(), page.clean(subject.name), run_start);
    return;
  }
  page.line(std::string(6 + c.word, ' ') + page.clean(subject.name));
  for (const Entry& e : subject.entries) put_entry(page, c, e, "  " + e.scenario, run_start);
}

/// What a contract leaves out is told by key, for there may be dozens of checks behind it.
Skipped reason_of(const Page& page, const RunResult& run, const CheckResult& check) {
  const std::string& key = check.finding.not_stated;
  if (!key.empty()) {
    return {page.clean(fmt::format("not stated by contract '{}'", run.contract)), {key}, true};
  }
  std::string reason = page.clean(check.finding.reason);
  while (!reason.empty() && reason.back() == '.') reason.pop_back();
  return {reason.empty() ? "no reason given" : reason, {check.id}};
}

/// Of a block that is missing as a whole, its keys go without saying.
void drop_keys_of_missing_blocks(std::vector<std::string>& keys) {
  const auto all = keys;
  const auto in_missing_block = [&](const std::string& key) {
    const auto dot = key.find('.');
    return dot != std::string::npos &&
           std::find(all.begin(), all.end(), key.substr(0, dot)) != all.end();
  };
  keys.erase(std::remove_if(keys.begin(), keys.end(), in_missing_block), keys.end());
}

void put_skipped(Page& page, const RunResult& run) {
  std::vector<Skipped> reasons;
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (check.finding.verdict != Verdict::skip) continue;
      const Skipped skipped = reason_of(page, run, check);
      Skipped& group = found_or_added(
          reasons, [&](const Skipped& s) { return s.reason == skipped.reason; },
          [&] {
            return Skipped{skipped.reason, {}, skipped.by_key};
          });
      const std::string& what = skipped.what.front();
      if (std::find(group.what.begin(), group.what.end(), what) == group.what.end()) {
        group.what.push_back(what);
      }
    }
  }
  if (reasons.empty()) return;
  page.line(page.paint(Tone::strong, "skipped"));
  for (Skipped& s : reasons) {
    if (s.by_key) drop_keys_of_missing_blocks(s.what);
    std::string list;
    for (const std::string& what : s.what) list += (list.empty() ? "" : ", ") + what;
    page.paragraph("  " + page.paint(Tone::dim, page.look(Verdict::skip).sign) + " ",
                   page.clean(s.reason + ": " + list), Tone::dim);
  }
  page.line();
}

}  // namespace

void put_checks(Page& page, const RunResult& run, bool quiet) {
  const std::vector<Family> families = families_of(page, run, quiet);
  const Columns columns = columns_of(page, families);
  for (const Family& family : families) {
    page.line(page.paint(Tone::strong, page.clean(family.name)));
    for (const Subject& subject : family.subjects) {
      put_subject(page, columns, subject, run.started);
    }
    page.line();
  }
  if (!quiet) put_skipped(page, run);
}

}  // namespace streamgauge::reports
