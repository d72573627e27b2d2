#include "harness/net/request.hpp"

#include <gmock/gmock.h>

#include <map>

namespace streamgauge::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class StreamRequest : public ::testing::Test {
 protected:
  std::string text(std::string_view last_event_id = "") {
    return stream_request(endpoint, group, identity_of(group, 12, 2, endpoint.tokens),
                          last_event_id);
  }

  ClientGroup group;
  StreamEndpoint endpoint{{}, "h", "/", {}};
};

TEST_F(StreamRequest, fills_placeholders_of_the_path_encoded) {
  group.channel = "a b/\xc3\xa9~";
  endpoint.path = "/e?c={channel}&u={user}&i={id}&t={token}";
  endpoint.tokens.valid = "s e";
  EXPECT_THAT(text(), StartsWith("GET /e?c=a%20b%2F%C3%A9~&u=u12&i=c12&t=s%20e HTTP/1.1\r\n"));
  group.channel = "{id}";
  endpoint.path = "/{channel}/{unknown}";
  EXPECT_THAT(text(), StartsWith("GET /%7Bid%7D/{unknown} "));
}

TEST_F(StreamRequest, gives_members_the_ids_and_users_of_their_group) {
  group.id = "tab-{n}";
  group.user = "ann & bob";
  endpoint.path = "/?i={id}&u={user}";
  endpoint.headers = {{"X-User", "{user}/{id}"}};
  EXPECT_THAT(text(), StartsWith("GET /?i=tab-2&u=ann%20%26%20bob "));
  EXPECT_THAT(text(), HasSubstr("\r\nX-User: ann & bob/tab-2\r\n"));
}

TEST_F(StreamRequest, shows_the_token_that_its_group_has) {
  endpoint.headers = {{"Authorization", "Bearer {token}"}, {"X-A", "b"}};
  endpoint.tokens = {"good", "bad", "brief"};
  EXPECT_THAT(text(), HasSubstr("Authorization: Bearer good\r\n"));
  group.credential = Credential::wrong;
  EXPECT_THAT(text(), HasSubstr("Authorization: Bearer bad\r\n"));
  group.credential = Credential::revocable;
  EXPECT_THAT(text(), HasSubstr("Authorization: Bearer brief\r\n"));
  group.credential = Credential::none;
  EXPECT_THAT(text(), Not(HasSubstr("Authorization")));
  EXPECT_THAT(text(), HasSubstr("X-A: b\r\n"));
}

TEST_F(StreamRequest, asks_for_a_generated_answer_with_a_body) {
  endpoint.generate = CommandSpec{"POST",
                                  "/chat?c={channel}",
                                  {{"Content-Type", "application/json"}, {"X-Key", "{token}"}},
                                  R"({"for":"{channel}","by":"{user}"})"};
  group.channel = "say \"hi\"";
  EXPECT_THAT(text(), StartsWith("GET / ")) << "only groups that want it";
  group.request = RequestKind::generate;
  const std::string request = text("7");
  EXPECT_THAT(request, StartsWith("POST /chat?c=say%20%22hi%22 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Length: 31\r\n"));
  EXPECT_THAT(request, HasSubstr("Accept: text/event-stream\r\n"));
  EXPECT_THAT(request, HasSubstr("Last-Event-ID: 7\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Key: valid-token\r\n"));
  EXPECT_THAT(request, EndsWith("\r\n\r\n"
                                R"({"for":"say \"hi\"","by":"u12"})"));
  group.credential = Credential::none;
  EXPECT_THAT(text(), Not(HasSubstr("X-Key")));
}

TEST_F(StreamRequest, offers_compression_only_when_told_to) {
  EXPECT_THAT(text(), Not(HasSubstr("Accept-Encoding")));
  group.accepts_gzip = true;
  EXPECT_THAT(text(), HasSubstr("Accept-Encoding: gzip, deflate\r\n"));
}

TEST_F(StreamRequest, names_the_last_event_id_only_if_there_is_one) {
  EXPECT_THAT(text(), Not(HasSubstr("Last-Event-ID")));
  EXPECT_THAT(text("5"), HasSubstr("\r\nLast-Event-ID: 5\r\n"));
  EXPECT_THAT(text("5\r\nX: y"), Not(HasSubstr("X: y")));
}

TEST_F(StreamRequest, an_own_header_replaces_the_default) {
  endpoint.headers = {{"HOST", "mine"}, {"accept", "x/y"}, {"X-A", "b"}};
  EXPECT_EQ(text(),
            "GET / HTTP/1.1\r\nUser-Agent: streamgauge\r\nCache-Control: no-cache\r\n"
            "HOST: mine\r\naccept: x/y\r\nX-A: b\r\n\r\n");
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
