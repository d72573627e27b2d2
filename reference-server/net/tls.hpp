// TLS of the service's port, on buffers of memory: what is encrypted comes in and goes out as
// bytes, so that the stream's own writes, deadlines and accounts of progress stay what they are.
//
// Bounds: of what is said, at most one record (16 KiB) waits encrypted for the socket; of what is
// heard, one record.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/base/error.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace streamgauge::server {

/// The certificate chain and key of a server, for all its connections.
class TlsIdentity {
 public:
  /// PEM files. Errors (usage) name the file.
  [[nodiscard]] static Result<std::shared_ptr<const TlsIdentity>> load(
      const std::string& certificate_file, const std::string& key_file);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;
  [[nodiscard]] ssl_ctx_st* native() const { return context_; }

 private:
  TlsIdentity() = default;
  ssl_ctx_st* context_ = nullptr;
};

/// One connection's side of the conversation.
class TlsPeer {
 public:
  static constexpr std::size_t said_at_once_max = 16u << 10;
  enum class Step : std::uint8_t { done, more, failed };

  explicit TlsPeer(const TlsIdentity& identity);
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  /// What the socket has received.
  void take(std::string_view encrypted);
  /// After each take(); what it says waits to be sent.
  [[nodiscard]] Step handshake();
  /// What the peer has said: bytes, 0 when more must be taken first, -1 when it says nothing more.
  [[nodiscard]] std::ptrdiff_t hear(std::span<char> into);
  /// Encrypts all of it (at most `said_at_once_max`); false when the connection is over.
  [[nodiscard]] bool say(std::string_view text);
  /// That nothing more will be said.
  void say_the_end();

  /// Encrypted and to be sent, in order; sent() drops it from the front.
  [[nodiscard]] std::string_view unsent() const { return std::string_view{unsent_}.substr(sent_); }
  void sent(std::size_t bytes);

 private:
  void collect();

  ssl_st* session_;
  std::string unsent_;
  std::size_t sent_ = 0;
};

}  // namespace streamgauge::server
