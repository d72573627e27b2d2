// Streams that come compressed.
#include <gmock/gmock.h>
#include <zlib.h>

#include "tests/net/harness/swarm_fixture.hpp"

namespace streamgauge::net {
namespace {

using ::testing::ElementsAre;

constexpr int gzip_window = 15 + 16;
constexpr int zlib_window = 15;

/// What a compressor sends that flushes behind each event.
class Compressor {
 public:
  explicit Compressor(int window) {
    EXPECT_EQ(::deflateInit2(&stream_, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  }
  ~Compressor() { ::deflateEnd(&stream_); }
  Compressor(const Compressor&) = delete;

  std::string operator()(std::string_view text, int flush = Z_SYNC_FLUSH) {
    std::string out(text.size() + 200, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream_, flush);
    out.resize(out.size() - stream_.avail_out);
    return out;
  }

 private:
  z_stream stream_{};
};

class SwarmInflate : public SwarmTest {
 protected:
  SwarmInflate() { group().accepts_gzip = true; }
  static std::string head(std::string_view coding) {
    return stream_head("Content-Encoding: " + std::string{coding} + "\r\n");
  }
};

TEST_F(SwarmInflate, takes_each_event_as_it_is_flushed) {
  serve([this](ServedConnection& connection) {
    connection.read_request();
    Compressor compress{gzip_window};
    connection.send(head("gzip") + compress("data: one\n\n"));
    while (!go) std::this_thread::yield();
    connection.send(compress("data: two\n\n", Z_FINISH));
  });
  start();
  EXPECT_TRUE(sink.wait_for<fact::Event>());  // before the second is sent
  go = true;
  ASSERT_TRUE(sink.wait_for<fact::Closed>());
  EXPECT_THAT(data(), ElementsAre("one", "two"));
}

TEST_F(SwarmInflate, knows_deflate_and_chunks_too) {
  Compressor compress{zlib_window};
  const std::string body = compress("data: one\n\n", Z_FINISH);
  serve_bytes(stream_head("Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n") +
              chunk(body.substr(0, 5)) + chunk(body.substr(5)) + "0\r\n\r\n");
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::complete);
  EXPECT_EQ(closed.detail, "");
  EXPECT_THAT(data(), ElementsAre("one"));
}

TEST_F(SwarmInflate, decodes_more_than_its_buffer_holds_and_members_in_a_row) {
  const std::string large(300'000, 'x');
  const std::string one = Compressor{gzip_window}("data: " + large, Z_FINISH);
  const std::string rest = Compressor{gzip_window}("\n\n", Z_FINISH);
  serve_bytes(head("gzip") + one + rest);
  EXPECT_EQ(first_closed().ending, Ending::eof);
  ASSERT_EQ(sink.count<fact::Event>(), 1u);
  EXPECT_EQ(data()[0].size(), large.size());
}

TEST_F(SwarmInflate, says_when_a_complete_body_holds_compressed_data_that_is_not) {
  Compressor compress{gzip_window};
  const std::string body = compress("data: one\n\n");
  serve_bytes(stream_head("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n") +
              chunk(body) + "0\r\n\r\n");
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::complete);
  EXPECT_EQ(closed.detail, "the compressed data did not end");
}

TEST_F(SwarmInflate, malformed_data_is_bad_http) {
  serve_bytes(head("gzip") + "data: plain\n\n");
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::bad_http);
  EXPECT_EQ(closed.detail, "malformed compressed data");
  EXPECT_EQ(sink.count<fact::Event>(), 0u);
}

TEST_F(SwarmInflate, what_was_not_offered_is_rejected_by_name) {
  serve_bytes(head("br"));
  const auto closed = first_closed();
  EXPECT_EQ(closed.ending, Ending::rejected);
  EXPECT_EQ(closed.detail, "content encoding br, which the request did not offer");
}

}  // namespace
}  // namespace streamgauge::net
