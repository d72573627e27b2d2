#include "harness/core/scenario/placeholders.hpp"

#include <gtest/gtest.h>

#include <array>

namespace streamgauge {
namespace {

constexpr std::array<std::string_view, 2> known{"id", "user"};

TEST(UnknownPlaceholder, is_the_first_word_in_braces_that_is_not_known) {
  struct Case {
    std::string_view text;
    std::optional<std::string_view> word;
  };
  for (const Case& c : {
           Case{"", std::nullopt},
           Case{"{id}{user}", std::nullopt},
           Case{"{id}{token}{key}", "token"},
           Case{"{\"a\": 1, {yes no}}", std::nullopt},  // the text's own braces
           Case{"{ {token}", "token"},
           Case{"{Id}", std::nullopt},
           Case{"{token", std::nullopt},
       }) {
    EXPECT_EQ(unknown_placeholder(c.text, known), c.word) << c.text;
  }
}

TEST(Mentions, asks_for_the_whole_word_in_braces) {
  EXPECT_TRUE(mentions("/e?id={id}", "id"));
  EXPECT_TRUE(mentions("{ {id}", "id"));
  EXPECT_FALSE(mentions("/e?id={ids}", "id"));
  EXPECT_FALSE(mentions("/e?id=id", "id"));
}

}  // namespace
}  // namespace streamgauge
