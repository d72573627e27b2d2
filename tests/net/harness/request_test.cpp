#include "harness/net/request.hpp"

#include <gmock/gmock.h>

#include <map>

namespace streamgauge::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(StreamPath, fills_placeholders_and_encodes_the_channel) {
  EXPECT_EQ(stream_path("/e?c={channel}&u={user}&i={id}", "a b/\xc3\xa9~", 12),
            "/e?c=a%20b%2F%C3%A9~&u=12&i=12");
  EXPECT_EQ(stream_path("/plain", "x", 1), "/plain");
  EXPECT_EQ(stream_path("/{channel}", "{id}", 3), "/%7Bid%7D");
  EXPECT_EQ(stream_path("/{unknown}", "x", 3), "/{unknown}");
}

TEST(StreamRequest, names_the_last_event_id_only_if_there_is_one) {
  EXPECT_THAT(stream_request("h", "/", "", {}), Not(HasSubstr("Last-Event-ID")));
  EXPECT_THAT(stream_request("h", "/", "5", {}), HasSubstr("\r\nLast-Event-ID: 5\r\n"));
  EXPECT_THAT(stream_request("h", "/", "5\r\nX: y", {}), Not(HasSubstr("X: y")));
}

TEST(StreamRequest, an_own_header_replaces_the_default) {
  const std::string request = stream_request("h", "/", "", {{"HOST", "mine"}, {"X-A", "b"}});
  EXPECT_EQ(request,
            "GET / HTTP/1.1\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n"
            "User-Agent: streamgauge\r\nHOST: mine\r\nX-A: b\r\n\r\n");
}

TEST(SourceAddress, is_the_kernel_s_choice_as_long_as_its_ports_suffice) {
  const auto loopback = boost::asio::ip::make_address("127.0.0.1");
  EXPECT_EQ(source_address(loopback, 0, streams_per_address), std::nullopt);
  EXPECT_NE(source_address(loopback, 0, streams_per_address + 1), std::nullopt);
  EXPECT_EQ(source_address(boost::asio::ip::make_address("192.0.2.1"), 0, 100'000), std::nullopt);
  EXPECT_EQ(source_address(boost::asio::ip::make_address("::1"), 0, 100'000), std::nullopt);
}

TEST(SourceAddress, no_address_gets_more_than_its_share) {
  const auto loopback = boost::asio::ip::make_address("127.0.0.1");
  std::map<boost::asio::ip::address, std::uint64_t> shares;
  for (StreamId id = 0; id < 70'000; ++id) ++shares[*source_address(loopback, id, 70'000)];
  EXPECT_EQ(shares.size(), 4u);
  for (const auto& [address, share] : shares) {
    EXPECT_TRUE(address.is_loopback());
    EXPECT_LE(share, streams_per_address);
  }
}

}  // namespace
}  // namespace streamgauge::net
