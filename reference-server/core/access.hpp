// Who may open streams: bearer tokens (RFC 6750), until they are revoked.
//
// Pure and without a lock of its own, as the directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace streamgauge::server {

/// The credentials of an Authorization header; empty: none of this scheme.
[[nodiscard]] std::string_view bearer_token(std::string_view authorization);

/// Takes as long for any two texts of these lengths, so that the time tells nothing of the secret.
[[nodiscard]] bool equal_in_constant_time(std::string_view secret, std::string_view shown);

class AccessTokens {
 public:
  AccessTokens() = default;
  explicit AccessTokens(std::vector<std::string> valid) : valid_(std::move(valid)) {}

  [[nodiscard]] bool valid(std::string_view token) const;
  /// False when it was not valid anyhow.
  bool revoke(std::string_view token);

 private:
  std::vector<std::string> valid_;
};

}  // namespace streamgauge::server
