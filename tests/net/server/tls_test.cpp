// The service behind TLS, read by Asio's TLS client.
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "server_bench.hpp"
#include "tests/net/tls/certificate.hpp"

namespace streamgauge::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

class SecureClient {
 public:
  SecureClient(std::uint16_t port, const test::Certificate& trusted)
      : stream_(io_, context(trusted)) {
    stream_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.set_verify_callback(asio::ssl::host_name_verification("localhost"));
    stream_.handshake(asio::ssl::stream_base::client, error_);
  }
  void send(std::string_view text) {
    asio::write(stream_, asio::buffer(text.data(), text.size()), error_);
  }
  std::string read_until(std::string_view mark) {
    while (got_.find(mark) == std::string::npos) {
      char piece[4096];
      const std::size_t n = stream_.read_some(asio::buffer(piece), error_);
      if (error_) return std::exchange(got_, {});
      got_.append(piece, n);
    }
    std::string text = got_.substr(0, got_.find(mark) + mark.size());
    got_.erase(0, text.size());
    return text;
  }
  [[nodiscard]] boost::system::error_code error() const { return error_; }

 private:
  asio::ssl::context& context(const test::Certificate& trusted) {
    context_.load_verify_file(trusted.certificate_file());
    context_.set_verify_mode(asio::ssl::verify_peer);
    return context_;
  }

  asio::io_context io_;
  asio::ssl::context context_{asio::ssl::context::tls_client};
  asio::ssl::stream<tcp::socket> stream_;
  std::string got_;
  boost::system::error_code error_;
};

struct SecureBench {
  SecureBench() : bench(options()) {}
  ServerOptions options() const {
    ServerOptions made = test_options();
    made.tls_cert = certificate.certificate_file();
    made.tls_key = certificate.key_file();
    return made;
  }
  SecureClient connect() { return SecureClient(bench.server().port(), certificate); }
  void publish(std::string_view body) {
    SecureClient client(bench.server().port(), certificate);
    client.send(ServerBench::post("/publish?channel=a", body));
    EXPECT_TRUE(client.read_until("\r\n").starts_with("HTTP/1.1 200"));
  }
  test::Certificate certificate;
  ServerBench bench;
};

TEST(Tls, carries_requests_and_streams) {
  SecureBench secure;
  SecureClient stream(secure.bench.server().port(), secure.certificate);
  ASSERT_FALSE(stream.error()) << stream.error().message();
  stream.send(ServerBench::get("/events?channel=a"));
  EXPECT_NE(stream.read_until("retry: 3000\n\n\r\n").find("text/event-stream"), std::string::npos);
  secure.publish("hello");
  EXPECT_NE(stream.read_until("data: hello\n\n\r\n").find("id: "), std::string::npos);
}

TEST(Tls, loses_no_byte_to_a_reader_that_is_slow) {
  SecureBench secure;
  SecureClient stream(secure.bench.server().port(), secure.certificate);
  stream.send(ServerBench::get("/events?channel=a"));
  stream.read_until("retry: 3000\n\n\r\n");
  // More than the kernel holds, read only afterwards; the queue holds what the socket does not.
  std::string all;
  for (int n = 0; n < 20; ++n) {
    all += std::string(40'000, static_cast<char>('a' + n));
    secure.publish(std::string(40'000, static_cast<char>('a' + n)));
  }
  std::string got;
  for (int n = 0; n < 20; ++n) {
    const std::string chunk = stream.read_until("\n\n\r\n");
    const std::size_t at = chunk.find("data: ");
    ASSERT_NE(at, std::string::npos);
    got += chunk.substr(at + 6, 40'000);
  }
  EXPECT_EQ(got, all);
}

TEST(Tls, several_requests_follow_each_other_on_a_connection) {
  SecureBench secure;
  SecureClient client(secure.bench.server().port(), secure.certificate);
  client.send(ServerBench::get("/healthz") + ServerBench::get("/readyz"));
  EXPECT_NE(client.read_until("ok\n").find("200"), std::string::npos);
  EXPECT_NE(client.read_until("ready\n").find("200"), std::string::npos);
}

TEST(Tls, who_speaks_in_the_clear_is_not_answered) {
  SecureBench secure;
  WireClient plain(secure.bench.server().port());
  plain.send(ServerBench::get("/healthz"));
  EXPECT_EQ(plain.read_to_end().find("HTTP/1.1"), std::string::npos);
}

TEST(Tls, the_admin_port_is_for_this_machine_and_in_the_clear) {
  SecureBench secure;
  EXPECT_EQ(secure.bench.stat("streams_open"), 0u);
}

TEST(Tls, a_file_that_holds_no_certificate_is_told) {
  ServerOptions options = test_options();
  options.tls_cert = options.tls_key = "/nowhere.pem";
  const auto server = Server::start(options);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().exit_code, ExitCode::usage);
  EXPECT_NE(server.error().message.find("--tls-cert /nowhere.pem"), std::string::npos);
  options.tls_key.clear();
  EXPECT_NE(Server::start(options).error().message.find("go together"), std::string::npos);
}

}  // namespace
}  // namespace streamgauge::server
