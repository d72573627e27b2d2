#include "reference-server/core/access.hpp"

#include <gtest/gtest.h>

namespace streamgauge::server {
namespace {

TEST(BearerToken, is_what_stands_behind_the_scheme) {
  struct {
    std::string_view header;
    std::string_view token;
  } const cases[] = {
      {"Bearer abc", "abc"},
      {"bearer abc", "abc"},
      {"BEARER  abc ", "abc"},
      {"Bearer", ""},
      {"Bearer ", ""},
      {"Basic YWJj", ""},
      {"", ""},
      {"Bearer a b", "a b"},
      {"abc", ""},
      {"Bearer\tabc", ""},
  };
  for (const auto& one : cases) EXPECT_EQ(bearer_token(one.header), one.token) << one.header;
}

TEST(AccessTokens, are_valid_as_given_and_in_no_other_form) {
  const AccessTokens tokens({"valid-token", "other"});
  EXPECT_TRUE(tokens.valid("valid-token"));
  EXPECT_TRUE(tokens.valid("other"));
  for (const char* wrong :
       {"", "valid-toke", "valid-tokem", "valid-token2", "valid-tokenvalid-token", "Valid-token"}) {
    EXPECT_FALSE(tokens.valid(wrong)) << wrong;
  }
  EXPECT_FALSE(AccessTokens({""}).valid(""));
}

TEST(AccessTokens, are_valid_no_more_once_revoked) {
  AccessTokens tokens({"a", "b"});
  EXPECT_TRUE(tokens.revoke("a"));
  EXPECT_FALSE(tokens.revoke("a"));
  EXPECT_FALSE(tokens.valid("a"));
  EXPECT_TRUE(tokens.valid("b"));
}

}  // namespace
}  // namespace streamgauge::server
