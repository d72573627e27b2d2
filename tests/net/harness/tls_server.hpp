// A blocking TLS server for tests: answers each connection's first request with what the test says,
// and then waits until its client has closed. Ends with the object; the swarm must have stopped.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/net/tls.hpp"
#include "tests/net/harness/adversarial_server.hpp"
#include "tests/net/tls/certificate.hpp"

namespace streamgauge::net {

class TlsServer {
 public:
  using Answer = std::function<std::string(const std::string& request)>;

  /// `hangs_up`: closes after the answer, without a word of TLS.
  explicit TlsServer(Answer answer, bool hangs_up = false)
      : answer_(std::move(answer)),
        hangs_up_(hangs_up),
        context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free),
        server_([this](ServedConnection& connection) { serve(connection); }) {
    SSL_CTX_use_certificate_file(context_.get(), certificate_.certificate_file().c_str(),
                                 SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context_.get(), certificate_.key_file().c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_tlsext_servername_callback(context_.get(), note_name);
    SSL_CTX_set_tlsext_servername_arg(context_.get(), this);
  }

  [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const { return server_.endpoint(); }
  [[nodiscard]] TlsTerms terms() const {
    TlsTerms terms;
    terms.ca_file = certificate_.certificate_file();
    return terms;
  }
  /// How a client that trusts it speaks to it.
  [[nodiscard]] TlsPeer trusted(const std::string& host = "localhost") const {
    return {TlsContext::client(terms()).value(), host};
  }
  /// What clients have called it.
  [[nodiscard]] std::vector<std::string> names() {
    const std::lock_guard lock{mutex_};
    return names_;
  }

 private:
  static int note_name(SSL* session, int*, void* self) {
    const char* const name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    auto* const server = static_cast<TlsServer*>(self);
    const std::lock_guard lock{server->mutex_};
    server->names_.emplace_back(name != nullptr ? name : "");
    return SSL_TLSEXT_ERR_OK;
  }
  void serve(ServedConnection& connection) {
    SSL* const session = SSL_new(context_.get());
    SSL_set_fd(session, connection.descriptor());
    if (SSL_accept(session) == 1) {
      std::string request;
      char byte = 0;
      while (request.find("\r\n\r\n") == std::string::npos && SSL_read(session, &byte, 1) == 1) {
        request += byte;
      }
      const std::string answer = answer_(request);
      if (!request.empty() && !answer.empty()) {
        SSL_write(session, answer.data(), static_cast<int>(answer.size()));
      }
      if (!hangs_up_) connection.wait_until_closed();
    }
    SSL_free(session);
  }

  test::Certificate certificate_;
  Answer answer_;
  bool hangs_up_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::mutex mutex_;
  std::vector<std::string> names_;
  AdversarialServer server_;  // the last: it ends first
};

}  // namespace streamgauge::net
