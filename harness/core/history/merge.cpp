#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "harness/core/history/file.hpp"
#include "harness/core/history/record_codec.hpp"

namespace streamgauge {
namespace {

/// Where a record is, and all that its place in the merged order depends on.
struct Place {
  Instant at;
  StreamId stream;
  std::uint32_t file;
  std::uint64_t offset;

  friend bool operator<(const Place& a, const Place& b) {
    return std::tie(a.at, a.stream, a.file, a.offset) < std::tie(b.at, b.stream, b.file, b.offset);
  }
};
static_assert(sizeof(Place) == 24);

/// Facts that every thread is told, so that each file has them: an n-th one with the same name is
/// the same fact in all files.
class ToldToAll {
 public:
  explicit ToldToAll(std::size_t files) : files_(files) {}

  /// Whether `record` repeats what another file has told.
  bool repeats(const Record& record, std::uint32_t file) {
    const std::string name = name_of(record.fact);
    if (name.empty()) return false;
    Counts& counts =
        seen_.try_emplace(name, Counts{std::vector<std::uint64_t>(files_), 0}).first->second;
    if (++counts.in_file[file] <= counts.told) return true;
    ++counts.told;
    return false;
  }

 private:
  struct Counts {
    std::vector<std::uint64_t> in_file;
    std::uint64_t told = 0;
  };

  static std::string name_of(const Fact& fact) {
    if (const auto* f = std::get_if<fact::PhaseBegan>(&fact)) return fmt::format("p{}", f->index);
    if (const auto* f = std::get_if<fact::FaultBegan>(&fact)) return fmt::format("b{}", f->name);
    if (const auto* f = std::get_if<fact::FaultEnded>(&fact)) return fmt::format("e{}", f->name);
    return {};
  }

  std::size_t files_;
  std::map<std::string, Counts> seen_;
};

/// Walks all files to their ends, so that nothing is handed out of a set with a damaged one.
Result<std::vector<Place>> find_places(std::span<const std::string_view> files) {
  std::vector<Place> places;
  for (std::uint32_t file = 0; file < files.size(); ++file) {
    const auto located = [&](const Error& error) {
      return Error{error.exit_code,
                   fmt::format("file {} of {}: {}", file + 1, files.size(), error.message)};
    };
    Result<HistoryReader> reader = HistoryReader::open(files[file]);
    if (reader.has_error()) return located(reader.error());
    Record record;
    for (;;) {
      const Result<bool> more = reader->next(record);
      if (more.has_error()) return located(more.error());
      if (!*more) break;
      places.push_back({record.at, record.stream, file, reader->record_offset()});
    }
  }
  return places;
}

}  // namespace

Result<std::uint64_t> merge_histories(std::span<const std::string_view> files, RecordSink& sink) {
  Result<std::vector<Place>> places = find_places(files);
  if (places.has_error()) return places.error();
  std::sort(places->begin(), places->end());
  ToldToAll told(files.size());
  std::uint64_t handed_out = 0;
  Record record;
  for (const Place& place : *places) {
    std::string_view bytes = files[place.file].substr(static_cast<std::size_t>(place.offset));
    // Read before without a problem: it is not different now.
    (void)history::take_record_at(bytes, record, place.at);
    if (told.repeats(record, place.file)) continue;
    sink.on(record);
    ++handed_out;
  }
  return handed_out;
}

}  // namespace streamgauge
