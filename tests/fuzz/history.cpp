// Two ways in: the bytes as a file, and as a block with a right checksum inside a whole file, for
// else no mutation would get past the checksum.
#include <cstdlib>
#include <string>

#include "harness/core/history/file.hpp"
#include "harness/core/history/record_codec.hpp"

namespace {

using namespace streamgauge;

struct Again final : RecordSink {
  std::string bytes;
  Recorder recorder{"", [this](std::string_view part) { bytes += part; }};
  void on(const Record& record) override {
    recorder.on(record);
    (void)to_string(record);
  }
};

void read_and_write_again(std::string_view bytes) {
  Again first;
  (void)read_history(bytes, first);
  first.recorder.finish();
  Again second;
  const auto again = read_history(first.bytes, second);
  if (again.has_error()) std::abort();
  second.recorder.finish();
  if (second.bytes != first.bytes) std::abort();
  Again merged;
  const std::string_view files[] = {first.bytes, second.bytes};
  if (merge_histories(files, merged).has_error()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_and_write_again(bytes);
  std::string file(history::magic);
  file.push_back(1);
  history::append_chunk(file, history::metadata_kind, "");
  history::append_chunk(file, history::block_kind, bytes);
  read_and_write_again(file);
  return 0;
}
