#include "reference-server/core/access.hpp"

#include <algorithm>
#include <cctype>

namespace streamgauge::server {

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size()) return {};
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(authorization[i])) != scheme[i]) return {};
  }
  authorization.remove_prefix(scheme.size());
  const std::size_t first = authorization.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  const std::size_t last = authorization.find_last_not_of(" \t");
  return authorization.substr(first, last - first + 1);
}

bool equal_in_constant_time(std::string_view secret, std::string_view shown) {
  unsigned difference = secret.size() == shown.size() ? 0 : 1;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const char of = secret.empty() ? '\0' : secret[i % secret.size()];
    difference |= static_cast<unsigned char>(of) ^ static_cast<unsigned char>(shown[i]);
  }
  return difference == 0;
}

bool AccessTokens::valid(std::string_view token) const {
  bool found = false;
  for (const std::string& one : valid_) found |= equal_in_constant_time(one, token);
  return found && !token.empty();
}

bool AccessTokens::revoke(std::string_view token) {
  return std::erase_if(valid_, [token](const std::string& one) { return one == token; }) > 0;
}

}  // namespace streamgauge::server
