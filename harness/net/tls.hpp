// TLS for simulated clients, on the descriptors that their thread's epoll watches: OpenSSL
// directly, because Asio's stream would bring its own buffers (two times 17 KiB) for each of
// thousands.
//
// A context is shared by all clients of a target and may be used by several threads. A session
// gives its buffers back while it is idle; what remains is what OpenSSL needs of a connection, some
// 10 kB.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "harness/core/base/error.hpp"
#include "harness/core/scenario/target_spec.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace streamgauge::net {

class TlsContext {
 public:
  /// Of clients: TLS 1.2 at least, the system's authorities or those of `ca_file`, the name in the
  /// certificate checked against `server_name` or else the host that a session asks for; with
  /// `insecure` nothing is checked. Errors (usage): the file cannot be read, or holds no
  /// certificate. From then on the process ignores SIGPIPE.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> client(const TlsTerms& terms);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  [[nodiscard]] ssl_ctx_st* native() const { return context_; }
  /// What a session with `host` calls it: the terms' name where they state one.
  [[nodiscard]] const std::string& name_of(const std::string& host) const {
    return name_.empty() ? host : name_;
  }
  /// Sets name indication and name check up for a session with `host`. An address is checked as
  /// one, and not sent (RFC 6066, 3).
  void prepare(ssl_st* session, const std::string& host) const;

 private:
  TlsContext() = default;
  ssl_ctx_st* context_ = nullptr;
  std::string name_;
  bool insecure_ = false;
};

/// How an address is spoken to; none: in the clear.
struct TlsPeer {
  std::shared_ptr<const TlsContext> context = {};
  std::string host = {};  // whose certificate is expected
  explicit operator bool() const { return context != nullptr; }
};

class TlsSession {
 public:
  enum class Step : std::uint8_t { done, wait, failed };

  /// On a connected, non-blocking descriptor, which stays the caller's.
  TlsSession(const TlsContext& context, int descriptor, const std::string& host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// To be called whenever the descriptor is ready, until it answers `done` or `failed`.
  [[nodiscard]] Step handshake();
  /// As recv(2) and send(2), errno included; EPROTO when TLS itself has failed. A read may leave
  /// bytes behind that the descriptor does not show: read until EAGAIN.
  [[nodiscard]] ssize_t receive(char* into, std::size_t most);
  [[nodiscard]] ssize_t send(std::string_view bytes);
  /// Tells the peer that nothing more will come, if that can be said at once.
  void end_sending();
  /// Why it failed: "certificate verify failed (self-signed certificate)".
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  [[nodiscard]] ssize_t outcome(int answer);

  ssl_st* session_;
  std::string reason_;
};

}  // namespace streamgauge::net
