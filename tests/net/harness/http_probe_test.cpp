#include "harness/net/http_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/net/clock.hpp"
#include "tests/net/harness/scripted_http_server.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Duration generous = 30s;
constexpr Duration brief = 50ms;

HttpRequest get(const ScriptedHttpServer& server) {
  HttpRequest request;
  request.host = server.host();
  return request;
}

TEST(ParseHttpUrl, takes_a_url_apart) {
  struct Vector {
    std::string_view text, host;
    std::uint16_t port;
    std::string_view authority, path, query;
  };
  for (const auto& v :
       std::vector<Vector>{{"http://127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1:8080", "/", ""},
                           {"http://example.org/", "example.org", 80, "example.org", "/", ""},
                           {"HTTP://h:1/a%20b?c=d&e", "h", 1, "h:1", "/a%20b", "?c=d&e"},
                           {"http://[::1]:9/x", "::1", 9, "[::1]:9", "/x", ""},
                           {"http://h:/", "h", 80, "h", "/", ""},
                           {"http://h:65535", "h", 65535, "h:65535", "/", ""}}) {
    const auto url = parse_http_url(v.text);
    ASSERT_TRUE(url) << v.text << ": " << url.error().message;
    EXPECT_EQ(url->host, v.host);
    EXPECT_EQ(url->port, v.port);
    EXPECT_EQ(url->authority, v.authority);
    EXPECT_EQ(url->path, v.path);
    EXPECT_EQ(url->query, v.query);
  }
}

TEST(ParseHttpUrl, refuses_what_it_cannot_reach_and_says_why) {
  for (const auto& [text, reason] : std::vector<std::pair<std::string, std::string>>{
           {"", "not a URL"},
           {"127.0.0.1:80", "not a URL"},
           {"http//h", "not a URL"},
           {"ftp://h/", "scheme 'ftp'"},
           {"http:///x", "names no host"},
           {"http://h:0/", "port"},
           {"http://h:65536/", "port"},
           {"http://h:99999/", "port"},
           {"http://user:pw@h/", "a user in the URL"}}) {
    const auto url = parse_http_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().exit_code, ExitCode::usage);
    EXPECT_THAT(url.error().message, HasSubstr(reason)) << text;
  }
}

TEST(Resolve, answers_numeric_addresses_and_names) {
  EXPECT_EQ(resolve("127.0.0.1", 80, 0s)->front().port(), 80);
  EXPECT_TRUE(resolve("::1", 80, 0s)->front().address().is_v6());
  EXPECT_TRUE(resolve("localhost", 80, 0s)->front().address().is_loopback());
}

TEST(Resolve, names_a_host_that_does_not_exist) {
  const auto result = resolve("no-such-host.invalid", 80, generous);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().exit_code, ExitCode::target);
  EXPECT_THAT(result.error().message, HasSubstr("'no-such-host.invalid'"));
}

TEST(TryConnect, tells_listening_from_refusing) {
  ScriptedHttpServer server([](HttpConversation& c) { c.hold(); });
  EXPECT_TRUE(try_connect(server.addresses(), generous));
  const RefusingPort refusing;
  const auto refused = try_connect(refusing.addresses(), generous);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "connection refused");
}

TEST(TryConnect, tries_each_address_in_turn) {
  ScriptedHttpServer server([](HttpConversation& c) { c.hold(); });
  const RefusingPort refusing;
  auto addresses = refusing.addresses();
  addresses.push_back(server.addresses().front());
  EXPECT_TRUE(try_connect(addresses, generous));
}

TEST(TryConnect, without_an_address_fails) {
  EXPECT_FALSE(try_connect({}, generous));
}

TEST(TryConnect, times_out_where_nobody_answers) {
  // A listener whose backlog is full drops further SYNs.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listener, raw, size), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  ASSERT_EQ(::getsockname(listener, raw, &size), 0);
  const Addresses addresses{{boost::asio::ip::address_v4::loopback(), ntohs(address.sin_port)}};
  std::string last;
  for (int i = 0; i < 10 && last.empty(); ++i) {  // connections stay in the backlog
    if (const auto result = try_connect(addresses, 200ms); !result) last = result.error().message;
  }
  EXPECT_EQ(last, "timed out");
  ::close(listener);
}

TEST(HttpRequest, returns_status_and_body) {
  ScriptedHttpServer server([](HttpConversation& c) {
    const auto request = c.request();
    c.answer(request->starts_with("GET / HTTP/1.1\r\n") ? 418 : 500, "short and stout");
  });
  const auto response = http_request(server.addresses(), get(server), generous);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 418);
  EXPECT_EQ(response->body, "short and stout");
}

TEST(HttpRequest, reads_chunks_and_bodies_that_end_with_the_connection) {
  for (const std::string_view answer :
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nabcdef", "HTTP/1.0 200 OK\r\n\r\nabcdef",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef"}) {
    ScriptedHttpServer server([&](HttpConversation& c) {
      (void)c.request();
      c.send(answer);
    });
    const auto response = http_request(server.addresses(), get(server), generous);
    ASSERT_TRUE(response) << answer << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "abcdef") << answer;
  }
}

TEST(HttpRequest, keeps_no_more_of_a_body_than_asked) {
  ScriptedHttpServer server([](HttpConversation& c) {
    (void)c.request();
    c.answer(200, std::string(100'000, 'x'));
  });
  for (const std::size_t most : {0u, 1u, 99'999u, 100'000u, 100'001u}) {
    auto request = get(server);
    request.body_bytes_max = most;
    const auto response = http_request(server.addresses(), request, generous);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body.size(), std::min<std::size_t>(most, 100'000));
  }
}

TEST(HttpRequest, with_head_only_does_not_wait_for_a_stream_to_end) {
  ScriptedHttpServer server([](HttpConversation& c) {
    (void)c.request();
    c.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hi\n\n");
    c.hold();
  });
  auto request = get(server);
  request.head_only = true;
  const auto response = http_request(server.addresses(), request, generous);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

TEST(HttpRequest, ends_at_its_deadline_whatever_is_missing) {
  for (const std::string_view answer :
       {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\n\r\nendless",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5"}) {
    ScriptedHttpServer server([&](HttpConversation& c) {
      (void)c.request();
      c.send(answer);
      c.hold();
    });
    const auto begin = now();
    const auto response = http_request(server.addresses(), get(server), brief);
    ASSERT_FALSE(response) << answer;
    EXPECT_EQ(response.error().message, "timed out") << answer;
    EXPECT_GE(now() - begin, brief);
  }
}

TEST(HttpRequest, ends_at_its_deadline_in_an_answer_that_trickles_for_ever) {
  ScriptedHttpServer server([](HttpConversation& c) {
    (void)c.request();
    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "400\r\n" + std::string(1024, 'x') + "\r\n";
    while (c.send(chunk)) {
    }
  });
  auto request = get(server);
  request.body_bytes_max = 10;
  const auto response = http_request(server.addresses(), request, brief);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "timed out");
}

TEST(HttpRequest, says_how_a_server_misbehaved) {
  for (const auto& [answer, reason] : std::vector<std::pair<std::string, std::string>>{
           {"", "closed without an answer"},
           {"HTTP/1.1 200 OK\r\nContent-", "closed in the middle of an answer"},
           {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "closed in the middle"},
           {"SSH-2.0-OpenSSH\r\n\r\n", "not an HTTP/1.x response"},
           {"HTTP/1.1 200 OK\r\nA: " + std::string(200'000, 'x') + "\r\n\r\n",
            "not an HTTP/1.x response"}}) {
    ScriptedHttpServer server([&, text = answer](HttpConversation& c) {
      (void)c.request();
      c.send(text);
    });
    const auto response = http_request(server.addresses(), get(server), generous);
    ASSERT_FALSE(response) << answer.substr(0, 60);
    EXPECT_THAT(response.error().message, HasSubstr(reason)) << answer.substr(0, 60);
  }
}

TEST(RequestText, is_a_whole_request) {
  HttpRequest request;
  request.method = "POST";
  request.host = "h:1";
  request.path = "/p?q";
  request.headers = {{"X-A", "b"}};
  request.body = "body";
  EXPECT_EQ(request_text(request, true),
            "POST /p?q HTTP/1.1\r\nHost: h:1\r\nUser-Agent: streamgauge\r\nContent-Length: 4\r\n"
            "X-A: b\r\n\r\nbody");
  EXPECT_THAT(request_text(request, false), HasSubstr("Connection: close\r\n"));
}

TEST(RequestText, lets_given_fields_replace_its_own) {
  HttpRequest request;
  request.host = "ours";
  request.headers = {{"host", "theirs"}, {"USER-AGENT", "me"}};
  EXPECT_EQ(request_text(request, true),
            "GET / HTTP/1.1\r\nhost: theirs\r\nUSER-AGENT: me\r\n\r\n");
}

}  // namespace
}  // namespace streamgauge::net
