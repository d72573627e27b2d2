#include "harness/core/history/file.hpp"

#include <algorithm>
#include <random>

#include "harness/core/history/record_codec.hpp"
#include "samples.hpp"

using namespace std::chrono_literals;
using namespace streamgauge;

namespace {

std::string file_of(const std::vector<Record>& records, std::string_view metadata = "{}") {
  std::string bytes;
  Recorder recorder(metadata, [&](std::string_view part) { bytes += part; });
  for (const Record& record : records) recorder.on(record);
  recorder.finish();
  return bytes;
}

std::vector<std::string> flat(const std::vector<Record>& records) {
  Listener listener;
  for (const Record& record : records) listener.on(record);
  return listener.heard;
}

std::string problem(std::string_view bytes) {
  Listener listener;
  const auto result = read_history(bytes, listener);
  return result.has_error() ? result.error().message : "whole";
}

/// A file around blocks that a Recorder would not write.
std::string file_with_blocks(std::initializer_list<std::string> blocks, std::uint64_t records) {
  std::string bytes(history::magic);
  bytes.push_back(1);
  history::append_chunk(bytes, 'M', "{}");
  for (const std::string& block : blocks) history::append_chunk(bytes, 'B', block);
  std::string end;
  history::put_little_endian(end, std::uint64_t{blocks.size()});
  history::put_little_endian(end, records);
  history::append_chunk(bytes, 'E', end);
  return bytes;
}

std::string block(std::uint32_t records, std::string_view payload) {
  std::string out;
  history::put_little_endian(out, std::uint64_t{1000});
  history::put_little_endian(out, records);
  return out + std::string(payload);
}

std::uint64_t expect_merged(const std::vector<std::string>& files,
                            std::vector<std::string>& heard) {
  const std::vector<std::string_view> views(files.begin(), files.end());
  Listener listener;
  const auto merged = merge_histories(views, listener);
  EXPECT_TRUE(merged.has_value()) << merged.error().message;
  heard = listener.heard;
  EXPECT_EQ(*merged, heard.size());
  return *merged;
}

}  // namespace

TEST(History, gives_back_every_kind_of_record_and_the_metadata) {
  const std::string bytes = file_of(one_of_each(), "{\"seed\":1}");
  Listener listener;
  const auto totals = read_history(bytes, listener);
  ASSERT_TRUE(totals.has_value()) << totals.error().message;
  EXPECT_EQ(listener.heard, flat(one_of_each()));
  EXPECT_EQ(*totals, (HistoryTotals{1, one_of_each().size()}));
  EXPECT_EQ(HistoryReader::open(bytes)->metadata(), "{\"seed\":1}");
}

TEST(History, keeps_its_codes_from_version_to_version) {
  std::string codes;
  for (const Record& record : one_of_each()) history::append_record(codes, record, record.at);
  // Changing this string means that files written before are not understood any more.
  std::string first_bytes;
  for (const Record& record : one_of_each()) {
    std::string one;
    history::append_record(one, record, record.at);
    first_bytes.push_back(static_cast<char>('A' + one[0] - 1));
  }
  EXPECT_EQ(first_bytes, "ABCDEFGGHIJKLMNOPQRSTUVBWXYZ[\\]^M");
  std::string comment;
  history::append_record(comment, {sample_start + 2ns, 5, fact::Comment{"hi"}}, sample_start);
  EXPECT_EQ(comment, "\x06\x04\x06\x02hi");
}

TEST(History, may_be_empty_but_not_without_an_end) {
  EXPECT_EQ(problem(file_of({}, "")), "whole");
  std::string bytes;
  {
    Recorder recorder("{}", [&](std::string_view part) { bytes += part; });
  }
  EXPECT_EQ(problem(bytes), "the history is cut at offset 20: the end mark is missing");
}

TEST(History, closes_a_block_when_it_is_full) {
  const std::string data(1000, 'x');
  std::vector<Record> records(500, Record{sample_start, 0, fact::Comment{data}});
  std::size_t largest = 0, parts = 0;
  Recorder recorder("{}", [&](std::string_view part) {
    largest = std::max(largest, part.size());
    ++parts;
  });
  for (const Record& record : records) recorder.on(record);
  recorder.finish();
  recorder.finish();  // has no effect
  EXPECT_EQ(parts, 1u + 8u + 1u);
  EXPECT_LT(largest, history_block_bytes + 1100);
  EXPECT_GE(largest, history_block_bytes);
  Listener listener;
  EXPECT_EQ(read_history(file_of(records), listener)->blocks, 8u);
  EXPECT_EQ(listener.heard, flat(records));
}

TEST(History, keeps_a_record_larger_than_a_block) {
  const std::string data(5u << 20, 'y');
  const std::vector<Record> records{{sample_start, 0, fact::Comment{data}}};
  Listener listener;
  EXPECT_TRUE(read_history(file_of(records), listener).has_value());
  EXPECT_EQ(listener.heard, flat(records));
}

TEST(History, costs_few_bytes_for_a_heartbeat) {
  std::vector<Record> records;
  for (int i = 0; i < 1000; ++i) {
    records.push_back({sample_start + i * 100us, static_cast<StreamId>(i), fact::Comment{""}});
  }
  EXPECT_LT(file_of(records).size(), 1000u * 9);
}

TEST(History, tells_a_cut_at_every_byte) {
  std::vector<Record> records;
  for (int i = 0; i < 3; ++i) {
    for (const Record& record : one_of_each()) records.push_back(record);
  }
  const std::string bytes = file_of(records);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const std::string what = problem(std::string_view(bytes).substr(0, n));
    ASSERT_TRUE(what.starts_with("the history is cut at offset ")) << n << ": " << what;
  }
  EXPECT_EQ(problem(bytes), "whole");
  EXPECT_NE(problem(bytes + "x").find("bytes follow the end mark"), std::string::npos);
}

TEST(History, finds_every_changed_byte) {
  const std::string bytes = file_of(one_of_each());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    std::string changed = bytes;
    changed[n] = static_cast<char>(changed[n] ^ 0x20);
    ASSERT_NE(problem(changed), "whole") << n;
  }
}

TEST(History, hands_out_whole_blocks_before_a_cut) {
  const std::string data(40'000, 'x');
  const std::string bytes =
      file_of(std::vector<Record>(5, Record{sample_start, 0, fact::Comment{data}}));
  Listener listener;
  EXPECT_TRUE(
      read_history(std::string_view(bytes).substr(0, bytes.size() - 40'000), listener).has_error());
  EXPECT_EQ(listener.heard.size(), 4u);
}

TEST(History, says_what_is_wrong) {
  using namespace std::string_literals;
  EXPECT_EQ(problem("GIF89a..."), "not a history: it does not begin with \"sghist\"");
  EXPECT_EQ(problem("sghist\r\n\x02"), "the history has format version 2, this program reads 1");
  EXPECT_EQ(problem(file_with_blocks({}, 0)), "whole");
  EXPECT_NE(problem(file_with_blocks({}, 1)).find("tells of 1 records"), std::string::npos);
  const std::string comment = "\x06\x00\x01\x00"s;
  EXPECT_EQ(problem(file_with_blocks({block(1, comment)}, 1)), "whole");
  const std::pair<std::string, const char*> cases[] = {
      {block(0, ""), "a block without records"},
      {"short", "a block that is shorter than its head"},
      {block(1, comment + "x"), "bytes after a block's last record"},
      {block(2, comment), "a record that goes beyond the block"},
      {block(1, "\x06\x00\x01\x05hi"s), "a text that goes beyond the block"},
      {block(1, "\x06\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s),
       "a text that goes beyond the block"},
      {block(1, "\x06\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s),
       "a number of more than 64 bits"},
      {block(1, "\x06\x00\x80\x80\x80\x80\x10"s), "a number out of range"},
      {block(1, "\x63\x00\x01\x00"s), "a record of an unknown kind"},
      {block(1, "\x00\x00\x01\x00"s), "a record of an unknown kind"},
      {block(1, "\x0d\x00\x01\x0b\x00\x00"s), "an unknown word"},
      {block(1, "\x0d\x00\x01\x08\x02\x00"s), "a truth value that is neither 0 nor 1"},
      {block(1, "\x01\x00\x01\x80\x80\x04\x00"s), "a number out of range"},
  };
  for (const auto& [bytes, what] : cases) {
    const std::string told = problem(file_with_blocks({bytes}, 1));
    EXPECT_NE(told.find(what), std::string::npos) << told << " instead of " << what;
    EXPECT_TRUE(told.starts_with("the history is damaged at offset ")) << told;
  }
}

TEST(MergeHistories, orders_by_time_then_stream_whatever_the_threads_had) {
  std::mt19937 random(3);
  std::vector<Record> records;
  for (int i = 0; i < 2000; ++i) {
    records.push_back({sample_start + std::chrono::milliseconds{i / 7},
                       static_cast<StreamId>(random() % 20),
                       fact::Retry{static_cast<std::uint64_t>(i)}});
  }
  std::vector<Record> sorted = records;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Record& a, const Record& b) {
    return std::tie(a.at, a.stream) < std::tie(b.at, b.stream);
  });
  for (const std::size_t threads : {1u, 2u, 5u}) {
    std::vector<std::vector<Record>> parts(threads);
    for (const Record& record : records) parts[record.stream % threads].push_back(record);
    std::vector<std::string> files;
    for (const auto& part : parts) files.push_back(file_of(part));
    std::vector<std::string> heard;
    expect_merged(files, heard);
    EXPECT_EQ(heard, flat(sorted)) << threads << " threads";
  }
}

TEST(MergeHistories, keeps_the_order_of_one_stream_at_one_time) {
  const std::vector<Record> records{{sample_start, 1, fact::Comment{"a"}},
                                    {sample_start, 1, fact::Comment{"c"}},
                                    {sample_start, 1, fact::Comment{"b"}}};
  std::vector<std::string> heard;
  expect_merged({file_of({}), file_of(records)}, heard);
  EXPECT_EQ(heard, flat(records));
}

TEST(MergeHistories, puts_right_what_a_thread_learned_late) {
  const Record phase{sample_start, no_stream, fact::PhaseBegan{0}};
  const Record later{sample_start + 1ms, 0, fact::Comment{"x"}};
  std::vector<std::string> heard;
  expect_merged({file_of({later, phase})}, heard);
  EXPECT_EQ(heard, flat(std::vector<Record>{phase, later}));
}

TEST(MergeHistories, hands_out_once_what_every_thread_was_told) {
  const auto told = [](Duration skew) {
    return std::vector<Record>{{sample_start + skew, no_stream, fact::PhaseBegan{0}},
                               {sample_start + 1s + skew, no_stream, fact::FaultBegan{"freeze"}},
                               {sample_start + 2s + skew, no_stream, fact::FaultEnded{"freeze"}},
                               {sample_start + 3s + skew, no_stream, fact::FaultBegan{"freeze"}},
                               {sample_start + 4s + skew, no_stream, fact::PhaseBegan{1}}};
  };
  std::vector<std::string> heard;
  EXPECT_EQ(expect_merged({file_of(told(1ms)), file_of(told(0ms)), file_of(told(2ms))}, heard), 5u);
  EXPECT_EQ(heard, flat(told(0ms)));
  // What only one is told is kept as often as it was told.
  const std::vector<Record> samples(3, Record{sample_start, no_stream, fact::Sample{}});
  EXPECT_EQ(expect_merged({file_of(samples), file_of({})}, heard), 3u);
}

TEST(MergeHistories, keep_every_kind_of_record) {
  std::vector<std::string> heard;
  EXPECT_EQ(expect_merged({file_of(one_of_each())}, heard), one_of_each().size());
  std::vector<std::string> expected = flat(one_of_each());
  std::sort(expected.begin(), expected.end());
  std::sort(heard.begin(), heard.end());
  EXPECT_EQ(heard, expected);
}

TEST(MergeHistories, hand_out_nothing_when_one_file_is_cut_and_say_which) {
  const std::string whole = file_of(one_of_each());
  const std::string_view files[] = {whole, std::string_view(whole).substr(0, 30)};
  Listener listener;
  const auto merged = merge_histories(files, listener);
  ASSERT_TRUE(merged.has_error());
  EXPECT_TRUE(merged.error().message.starts_with("file 2 of 2: the history is cut"))
      << merged.error().message;
  EXPECT_TRUE(listener.heard.empty());
}

TEST(MergeHistories, of_nothing_is_nothing) {
  Listener listener;
  EXPECT_EQ(merge_histories({}, listener).value(), 0u);
}
