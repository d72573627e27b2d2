#include "harness/net/tls.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <new>

namespace streamgauge::net {
namespace {

/// The oldest error of this thread's queue, which is emptied.
std::string queued_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "the TLS connection broke";
  const char* const reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : fmt::format("TLS error {:x}", code);
}

/// What a call leaves in the thread's queue and in errno must be its own.
void begin_call() {
  ERR_clear_error();
  errno = 0;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> unused{};
  return ::inet_pton(AF_INET, host.c_str(), unused.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), unused.data()) == 1;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const TlsTerms& terms) {
  // OpenSSL writes to sockets by write(2): a peer's reset must be an error, not a signal.
  ::signal(SIGPIPE, SIG_IGN);
  std::shared_ptr<TlsContext> made{new TlsContext};
  made->context_ = SSL_CTX_new(TLS_client_method());
  if (made->context_ == nullptr) return target_error("TLS cannot be set up: " + queued_error());
  made->name_ = terms.server_name;
  made->insecure_ = terms.insecure;
  SSL_CTX* const context = made->context_;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Where a body ends is told by HTTP: a missing close_notify is an end like any other.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, terms.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (terms.insecure) return std::shared_ptr<const TlsContext>{std::move(made)};
  if (terms.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_locations(context, terms.ca_file.c_str(), nullptr) != 1) {
    return usage_error(
        fmt::format("'{}' is no file of certificates in PEM: {}", terms.ca_file, queued_error()));
  }
  return std::shared_ptr<const TlsContext>{std::move(made)};
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

void TlsContext::prepare(ssl_st* session, const std::string& host) const {
  const std::string& name = name_of(host);
  const bool address = is_address(name);
  if (!address) SSL_set_tlsext_host_name(session, name.c_str());
  if (insecure_) return;
  if (address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name.c_str());
  } else {
    SSL_set1_host(session, name.c_str());
  }
}

TlsSession::TlsSession(const TlsContext& context, int descriptor, const std::string& host)
    : session_(SSL_new(context.native())) {
  if (session_ == nullptr || SSL_set_fd(session_, descriptor) != 1) throw std::bad_alloc();
  context.prepare(session_, host);
  SSL_set_connect_state(session_);
}

TlsSession::~TlsSession() {
  SSL_free(session_);
}

TlsSession::Step TlsSession::handshake() {
  begin_call();
  const ssize_t answer = outcome(SSL_do_handshake(session_));
  if (answer > 0) return Step::done;
  if (answer < 0 && errno == EAGAIN) return Step::wait;
  if (reason_.empty()) reason_ = "closed during the TLS handshake";
  const long verdict = SSL_get_verify_result(session_);
  if (verdict != X509_V_OK) {
    reason_ += fmt::format(" ({})", X509_verify_cert_error_string(verdict));
  }
  return Step::failed;
}

ssize_t TlsSession::receive(char* into, std::size_t most) {
  begin_call();
  return outcome(SSL_read(session_, into, static_cast<int>(most)));
}

ssize_t TlsSession::send(std::string_view bytes) {
  begin_call();
  return outcome(SSL_write(session_, bytes.data(), static_cast<int>(bytes.size())));
}

void TlsSession::end_sending() {
  ERR_clear_error();
  (void)SSL_shutdown(session_);
  ERR_clear_error();
}

/// OpenSSL's answer in the words of the socket's calls.
ssize_t TlsSession::outcome(int answer) {
  if (answer > 0) return answer;
  const int system = errno;
  switch (SSL_get_error(session_, answer)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      ERR_clear_error();
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      if (system == 0) return 0;
      reason_ = std::strerror(system);
      errno = system;
      return -1;
    default:
      reason_ = queued_error();
      errno = EPROTO;
      return -1;
  }
}

}  // namespace streamgauge::net
