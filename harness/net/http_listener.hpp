// A small HTTP/1.1 server for other programs' requests: test services and their callbacks.
//
// Loopback unless told otherwise, one thread, keep-alive. A handler runs on that thread and should
// be quick. Not for load, and not for event streams.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/base/error.hpp"

namespace streamgauge::net {

struct HttpCall {
  std::string method, target, body;
  std::string host;  // as the caller names us; may be empty
};

struct HttpAnswer {
  int status = 200;
  std::string body{};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> fields{};
};

class HttpListener {
 public:
  using Handler = std::function<HttpAnswer(const HttpCall&)>;
  static constexpr std::uint64_t body_bytes_max = 64u << 20;

  /// `port` 0: any. Errors: an address that is not this machine's, a port that is taken.
  [[nodiscard]] static Result<std::unique_ptr<HttpListener>> start(const std::string& address,
                                                                   std::uint16_t port,
                                                                   Handler handler);
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// "http://127.0.0.1:8000"
  [[nodiscard]] std::string url() const;

 private:
  HttpListener();
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::net
