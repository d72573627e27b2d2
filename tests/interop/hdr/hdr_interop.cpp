// Our side of the interop test.
//   hdr_interop write LOG            writes a log with tagged intervals of generated values
//   hdr_interop describe LOG         reads a log and prints what all three readers must agree on:
//       TAG<TAB>COUNT<TAB>MIN<TAB>MAX<TAB>P=VALUE...   one line an interval, values in ns
//   hdr_interop percentiles LOG      the percentile text of all intervals together
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>

#include "harness/core/latency/log.hpp"

namespace {

using namespace streamgauge;
using namespace streamgauge::latency;

std::string read_file(const char* path) {
  std::string text;
  if (std::FILE* file = std::fopen(path, "rb")) {
    char buffer[65536];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) {
      text.append(buffer, n);
    }
    std::fclose(file);
  }
  return text;
}

int write(const char* path) {
  std::mt19937_64 random(20240607);
  Log log;
  log.comment = "interop of HdrHistogram logs";
  log.started = instant_from_ns(1'790'000'000'250'000'000);
  int second = 0;
  for (const int n : {1, 2, 3, 10, 100, 999, 1000, 50'000}) {
    for (const char* tag : {"delivery", "connect", ""}) {
      LogEntry entry{tag, std::chrono::seconds{second}, std::chrono::milliseconds{1000},
                     Histogram{}};
      for (int i = 0; i < n; ++i) {
        // Log-uniform from 100 ns to an hour, now and then with a large count.
        const double exponent = 2.0 + 10.55 * static_cast<double>(random() >> 11) * 0x1p-53;
        entry.histogram.record(Duration{static_cast<std::int64_t>(std::pow(10.0, exponent))},
                               random() % 50 == 0 ? 1 + random() % 10'000'000 : 1);
      }
      log.entries.push_back(std::move(entry));
    }
    ++second;
  }
  log.entries.push_back(
      {"empty", std::chrono::seconds{second}, std::chrono::seconds{1}, Histogram{}});
  const std::string text = write_log(log);
  std::FILE* file = std::fopen(path, "wb");
  if (file == nullptr) return 1;
  const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fclose(file) == 0 && whole ? 0 : 1;
}

int describe(const Log& log) {
  for (const LogEntry& entry : log.entries) {
    const Histogram& h = entry.histogram;
    std::printf("%s\t%llu\t%lld\t%lld", entry.tag.empty() ? "-" : entry.tag.c_str(),
                static_cast<unsigned long long>(h.count()), static_cast<long long>(h.min().count()),
                static_cast<long long>(h.max().count()));
    for (const double p :
         {0.0, 1.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999, 100.0}) {
      std::printf("\t%g=%lld", p, static_cast<long long>(h.at_percentile(p).count()));
    }
    std::printf("\n");
  }
  return 0;
}

int percentiles(const Log& log) {
  Histogram all;
  for (const LogEntry& entry : log.entries) all.merge(entry.histogram);
  std::fputs(percentile_text(all).c_str(), stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  if (std::strcmp(argv[1], "write") == 0) return write(argv[2]);
  const auto log = read_log(read_file(argv[2]));
  if (log.has_error()) {
    std::fprintf(stderr, "%s\n", log.error().message.c_str());
    return 1;
  }
  return std::strcmp(argv[1], "describe") == 0 ? describe(*log) : percentiles(*log);
}
