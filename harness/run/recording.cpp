#include "harness/run/recording.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "harness/core/history/fields.hpp"
#include "harness/core/history/record_codec.hpp"

namespace streamgauge::run {

namespace {

namespace fs = std::filesystem;

/// The sentence for the current errno.
std::string cannot_write(const std::string& file) {
  return fmt::format("cannot write the history {}: {}", file, std::strerror(errno));
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool copy_all(int from, int to) {
  if (::lseek(from, 0, SEEK_SET) < 0) return false;
  std::array<char, 64u << 10> buffer{};
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;
    if (!write_all(to, {buffer.data(), static_cast<std::size_t>(got)})) return false;
  }
}

bool write_whole(int descriptor, std::string_view metadata,
                 const std::vector<std::unique_ptr<HistoryPart>>& parts) {
  std::string head(history::magic);
  head.push_back(static_cast<char>(history::history_version));
  history::append_chunk(head, history::metadata_kind, metadata);
  if (!write_all(descriptor, head)) return false;
  HistoryTotals totals;
  for (const auto& part : parts) {
    if (!copy_all(part->descriptor(), descriptor)) return false;
    totals.blocks += part->totals().blocks;
    totals.records += part->totals().records;
  }
  std::string payload, end;
  history::put_little_endian(payload, totals.blocks);
  history::put_little_endian(payload, totals.records);
  history::append_chunk(end, history::end_kind, payload);
  return write_all(descriptor, end);
}

}  // namespace

HistoryPart::HistoryPart(const std::string& history_file)
    : recorder_("", [this](std::string_view bytes) { take(bytes); }) {
  std::string name = history_file + ".part-XXXXXX";
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    problem_ = cannot_write(history_file);
  } else {
    ::unlink(name.c_str());
  }
}

HistoryPart::~HistoryPart() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

/// What the recorder puts out comes chunk by chunk; of its file only the blocks are wanted.
void HistoryPart::take(std::string_view chunk) {
  if (descriptor_ < 0 || !problem_.empty() || chunk.front() != history::block_kind) return;
  if (!write_all(descriptor_, chunk)) {
    problem_ = fmt::format("cannot write the history: {}", std::strerror(errno));
    return;
  }
  ++totals_.blocks;
  totals_.records += history::little_endian_at<std::uint32_t>(chunk, history::chunk_head_bytes + 8);
}

Result<void> join_parts(const std::string& file, std::string_view metadata,
                        const std::vector<std::unique_ptr<HistoryPart>>& parts) {
  for (const auto& part : parts) {
    if (!part->problem().empty()) return target_error(part->problem());
  }
  const fs::path path(file);
  const std::string partial =
      (path.parent_path() / fmt::format(".{}.{}.partial", path.filename().string(), ::getpid()))
          .string();
  const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return target_error(cannot_write(file));
  bool whole = write_whole(descriptor, metadata, parts);
  // A full disk often shows at the close first.
  whole = ::close(descriptor) == 0 && whole;
  if (whole && std::rename(partial.c_str(), file.c_str()) == 0) return {};
  const Error error = target_error(cannot_write(file));
  ::unlink(partial.c_str());
  return error;
}

}  // namespace streamgauge::run
