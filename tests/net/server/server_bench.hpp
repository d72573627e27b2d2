// A server in this process on free ports, and short words for what tests do to it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "reference-server/net/server.hpp"
#include "wire_client.hpp"

namespace streamgauge::server {

inline ServerOptions test_options() {
  ServerOptions options;
  options.threads = 2;
  return options;
}

class ServerBench {
 public:
  explicit ServerBench(ServerOptions options = test_options()) {
    auto started = Server::start(std::move(options));
    if (!started) throw std::runtime_error(started.error().message);
    server_ = std::move(*started);
  }

  [[nodiscard]] Server& server() { return *server_; }
  [[nodiscard]] WireClient connect(int receive_buffer = 0) {
    return WireClient(server_->port(), receive_buffer);
  }
  [[nodiscard]] WireClient admin() { return WireClient(server_->admin_port()); }

  static std::string get(std::string_view target, std::string_view headers = "") {
    return fmt::format("GET {} HTTP/1.1\r\nHost: t\r\n{}\r\n", target, headers);
  }
  static std::string post(std::string_view target, std::string_view body = "") {
    return fmt::format("POST {} HTTP/1.1\r\nHost: t\r\nContent-Length: {}\r\n\r\n{}", target,
                       body.size(), body);
  }
  /// A stream whose head and opening ("retry: 3000") have been read.
  [[nodiscard]] WireClient stream(std::string_view target, std::string_view headers = "",
                                  int receive_buffer = 0) {
    WireClient client = connect(receive_buffer);
    client.send(get(target, headers));
    const std::string head = client.read_until("retry: 3000\n\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
    return client;
  }
  std::string ask(std::string_view request) {
    WireClient client = connect();
    client.send(request);
    return client.answer();
  }
  /// Also of an answer that does not end.
  std::string status_of(std::string_view target) {
    WireClient client = connect();
    client.send(get(target));
    return client.read_until("\r\n").substr(9, 3);
  }
  std::string ask_admin(std::string_view request) {
    WireClient client = admin();
    client.send(request);
    return client.answer();
  }
  void publish(std::string_view target, std::string_view body) {
    const std::string answer = ask(post(target, body));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  }
  [[nodiscard]] std::uint64_t stat(std::string_view name) {
    const std::string stats = ask_admin(get("/admin/stats"));
    const std::size_t at = stats.find(fmt::format("\"{}\":", name));
    return at == std::string::npos ? ~0ull : std::stoull(stats.substr(at + name.size() + 3));
  }
  /// Waits until the counter reads so.
  [[nodiscard]] bool eventually(std::string_view name, std::uint64_t value) {
    const auto until = std::chrono::steady_clock::now() + WireClient::patience;
    while (std::chrono::steady_clock::now() < until) {
      if (stat(name) == value) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return false;
  }

 private:
  std::unique_ptr<Server> server_;
};

}  // namespace streamgauge::server
