#include "reference-server/net/tls.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <new>

namespace streamgauge::server {
namespace {

std::string queued_error() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown";
}

}  // namespace

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::load(const std::string& certificate_file,
                                                             const std::string& key_file) {
  std::shared_ptr<TlsIdentity> made{new TlsIdentity};
  made->context_ = SSL_CTX_new(TLS_server_method());
  if (made->context_ == nullptr) return usage_error("TLS cannot be set up: " + queued_error());
  SSL_CTX* const context = made->context_;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return usage_error(
        fmt::format("--tls-cert {}: no certificate in PEM ({})", certificate_file, queued_error()));
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return usage_error(
        fmt::format("--tls-key {}: no key in PEM that belongs to the certificate ({})", key_file,
                    queued_error()));
  }
  return std::shared_ptr<const TlsIdentity>{std::move(made)};
}

TlsIdentity::~TlsIdentity() {
  SSL_CTX_free(context_);
}

TlsPeer::TlsPeer(const TlsIdentity& identity) : session_(SSL_new(identity.native())) {
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  if (session_ == nullptr || in == nullptr || out == nullptr) throw std::bad_alloc();
  SSL_set_bio(session_, in, out);  // they are the session's from here on
  SSL_set_accept_state(session_);
}

TlsPeer::~TlsPeer() {
  SSL_free(session_);
}

void TlsPeer::take(std::string_view encrypted) {
  BIO_write(SSL_get_rbio(session_), encrypted.data(), static_cast<int>(encrypted.size()));
}

TlsPeer::Step TlsPeer::handshake() {
  ERR_clear_error();
  const int answer = SSL_do_handshake(session_);
  const int why = SSL_get_error(session_, answer);
  collect();
  if (answer == 1) return Step::done;
  return why == SSL_ERROR_WANT_READ ? Step::more : Step::failed;
}

std::ptrdiff_t TlsPeer::hear(std::span<char> into) {
  ERR_clear_error();
  const int answer = SSL_read(session_, into.data(), static_cast<int>(into.size()));
  const int why = SSL_get_error(session_, answer);
  collect();
  if (answer > 0) return answer;
  return why == SSL_ERROR_WANT_READ ? 0 : -1;
}

bool TlsPeer::say(std::string_view text) {
  if (text.empty()) return true;
  ERR_clear_error();
  const int answer = SSL_write(session_, text.data(), static_cast<int>(text.size()));
  collect();
  return answer == static_cast<int>(text.size());
}

void TlsPeer::say_the_end() {
  ERR_clear_error();
  (void)SSL_shutdown(session_);
  ERR_clear_error();
  collect();
}

/// Out of OpenSSL's memory into ours.
void TlsPeer::collect() {
  BIO* const out = SSL_get_wbio(session_);
  const std::size_t waiting = BIO_ctrl_pending(out);
  if (waiting == 0) return;
  const std::size_t before = unsent_.size();
  unsent_.resize(before + waiting);
  const int got = BIO_read(out, unsent_.data() + before, static_cast<int>(waiting));
  unsent_.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
}

void TlsPeer::sent(std::size_t bytes) {
  sent_ += bytes;
  if (sent_ < unsent_.size()) return;
  sent_ = 0;
  unsent_.clear();
  unsent_.shrink_to_fit();  // an idle stream holds nothing
}

}  // namespace streamgauge::server
