#include "harness/core/contract/yaml.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace streamgauge::yaml {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view text, const Limits& limits = {}) {
  const auto result = parse(text, "f.yaml", limits);
  return result ? "read" : result.error().message;
}

TEST(Yaml, keeps_order_texts_and_positions) {
  const auto root = parse("a: 1\nb:\n  - x\n  - 'y'\n", "f.yaml");
  ASSERT_TRUE(root);
  ASSERT_EQ((*root)->kind, Kind::mapping);
  const Entry& b = (*root)->entries.at(1);
  EXPECT_EQ(b.key, "b");
  EXPECT_EQ(b.mark.line, 2u);
  EXPECT_EQ(b.mark.column, 1u);
  EXPECT_EQ(b.value->items.at(1)->text, "y");
  EXPECT_EQ(b.value->items.at(1)->mark.line, 4u);
  EXPECT_EQ(b.value->items.at(1)->mark.column, 5u);
}

TEST(Yaml, keeps_words_that_yaml_would_make_something_of) {
  const auto root = parse("a: no\nb: 012\nc: 1e3\nd: null\ne:\n", "f.yaml");
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)->entries[0].value->text, "no");
  EXPECT_EQ((*root)->entries[1].value->text, "012");
  EXPECT_EQ((*root)->entries[2].value->text, "1e3");
  EXPECT_EQ((*root)->entries[3].value->kind, Kind::nothing);
  EXPECT_EQ((*root)->entries[4].value->kind, Kind::nothing);
}

TEST(Yaml, reads_an_empty_file_as_nothing) {
  for (const std::string_view text : {"", "\n", "# only a comment\n", "---\n"}) {
    const auto root = parse(text, "f.yaml");
    ASSERT_TRUE(root) << text;
    EXPECT_EQ((*root)->kind, Kind::nothing) << text;
  }
}

TEST(Yaml, tells_where_it_is_no_yaml) {
  EXPECT_EQ(error_of("a: [1, 2\nb: 3\n").substr(0, 7), "f.yaml:");
  EXPECT_THAT(error_of("a: 1\n\tb: 2\n"), HasSubstr("f.yaml:2:1: not YAML: "));
  EXPECT_THAT(error_of("a: *nobody\n"), HasSubstr("f.yaml:1:4: not YAML: "));
}

TEST(Yaml, refuses_what_these_files_do_not_need) {
  struct Case {
    std::string_view text, error;
  };
  for (const Case& c : {
           Case{"a: 1\n---\nb: 2\n",
                "f.yaml:2:1: a second document begins here, expected one document in the file"},
           Case{"a: !!str 5\n",
                "f.yaml:1:4: tags are not read here: leave out 'tag:yaml.org,2002:str'"},
           Case{"[a]: 1\n", "f.yaml:1:1: a key must be plain text"},
           Case{"~: 1\n", "f.yaml:1:1: a key must be plain text"},
           Case{"a: &x [*x]\n", "f.yaml:1:8: the alias refers to a node that contains it"},
           Case{"a: 1\nb: \"\xff\"\n", "f.yaml:2:5: byte 0xff: not printable text in UTF-8"},
           Case{"a: \x04\n", "f.yaml:1:4: byte 0x04: not printable text in UTF-8"},
           Case{"a: \xed\xa0\x80\n", "f.yaml:1:4: byte 0xed: not printable text in UTF-8"},
           Case{"a: \xc3", "f.yaml:1:4: byte 0xc3: not printable text in UTF-8"},
       }) {
    EXPECT_EQ(error_of(c.text), c.error) << c.text;
  }
}

TEST(Yaml, reads_any_language) {
  const auto root =
      parse("a: \"Gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x8c\x8a\"\n", "f.yaml");
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)->entries[0].value->text,
            "Gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x8c\x8a");
}

TEST(YamlLimits, bytes_at_and_above) {
  const std::string text = "a: 123";
  EXPECT_EQ(error_of(text, {.bytes_max = text.size()}), "read");
  EXPECT_EQ(error_of(text, {.bytes_max = text.size() - 1}),
            "f.yaml: 6 B of YAML, expected at most 5 B");
  EXPECT_EQ(error_of("a: " + std::string((1u << 20) - 3, 'x')), "read");
  EXPECT_NE(error_of("a: " + std::string((1u << 20) - 2, 'x')), "read");
}

TEST(YamlLimits, depth_at_and_above) {
  EXPECT_EQ(error_of("[[[x]]]", {.depth_max = 3}), "read");
  EXPECT_EQ(error_of("[[[[x]]]]", {.depth_max = 3}), "f.yaml:1:4: nested more than 3 deep");
  EXPECT_EQ(error_of(std::string(16, '[') + "x" + std::string(16, ']')), "read");
  EXPECT_EQ(error_of(std::string(17, '[') + "x" + std::string(17, ']')),
            "f.yaml:1:17: nested more than 16 deep");
  EXPECT_NE(error_of(std::string(1'000'000, '[')), "read");
  EXPECT_NE(error_of(std::string(1'000'000, '{')), "read");
}

TEST(YamlLimits, nodes_at_and_above) {
  EXPECT_EQ(error_of("[a, b]", {.nodes_max = 3}), "read");
  EXPECT_EQ(error_of("[a, b, c]", {.nodes_max = 3}),
            "f.yaml:1:8: more than 3 nodes, aliases counted in full");
}

TEST(YamlLimits, an_alias_costs_what_it_stands_for) {
  EXPECT_EQ(error_of("[&x [a, b], *x]", {.nodes_max = 7}), "read");
  EXPECT_EQ(error_of("[&x [a, b], *x]", {.nodes_max = 6}),
            "f.yaml:1:13: more than 6 nodes, aliases counted in full");
}

TEST(YamlLimits, a_billion_laughs_are_refused_early) {
  std::string text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 12; ++i) {
    text += fmt::format("a{0}: &a{0} [", i);
    for (int j = 0; j < 10; ++j) text += fmt::format("{}*a{}", j == 0 ? "" : ", ", i - 1);
    text += "]\n";
  }
  EXPECT_THAT(error_of(text), HasSubstr("f.yaml:5:"));
  EXPECT_THAT(error_of(text), HasSubstr("more than 20000 nodes"));
}

std::string mapping_error(std::string_view text) {
  const auto root = parse(text, "f.yaml");
  if (!root) return root.error().message;
  Reading reading{"f.yaml"};
  const Mapping map{reading, **root, "a box", "box", {"width", "height", "label"}};
  std::uint64_t width = 0;
  map.need("width", whole(1, 10), width);
  return reading.ok() ? "read" : reading.error()->message;
}

TEST(Mapping, names_each_kind_of_mistake_with_its_place) {
  struct Case {
    std::string_view text, error;
  };
  for (const Case& c : {
           Case{"width: 3", "read"},
           Case{"width: 3\nheigth: 4",
                "f.yaml:2:1: unknown key 'heigth' in a box (did you mean 'height'?); accepted: "
                "width, "
                "height, label"},
           Case{"width: 3\nzzz: 4",
                "f.yaml:2:1: unknown key 'zzz' in a box; accepted: width, height, label"},
           Case{"width: 3\nlabel: a\nwidth: 4",
                "f.yaml:3:1: key 'width': given twice in a box, first on line 1"},
           Case{"label: a",
                "f.yaml:1:1: missing key 'width' in a box, expected a whole number from 1 to 10"},
           Case{"- a",
                "f.yaml:1:1: key 'box': found a list, expected a mapping with the keys width, "
                "height, label"},
           Case{"hello",
                "f.yaml:1:1: key 'box': found 'hello', expected a mapping with the keys width, "
                "height, label"},
           Case{"width: [3]",
                "f.yaml:1:8: key 'width': found a list, expected a whole number from 1 to 10"},
           Case{"width: {a: 3}",
                "f.yaml:1:8: key 'width': found a mapping, expected a whole number from 1 to 10"},
           Case{"width:",
                "f.yaml:1:1: key 'width': found nothing, expected a whole number from 1 to 10"},
           Case{"label: a\nwidth: ~",
                "f.yaml:2:1: key 'width': found nothing, expected a whole number from 1 to 10"},
           Case{"width: 11",
                "f.yaml:1:8: key 'width': found '11', expected a whole number from 1 to 10"},
           Case{
               "width: \"a\\nb\\x07\"",
               "f.yaml:1:8: key 'width': found 'a\\nb\\x07', expected a whole number from 1 to 10"},
       }) {
    EXPECT_EQ(mapping_error(c.text), c.error) << c.text;
  }
}

TEST(Mapping, cuts_long_values_in_messages_between_characters) {
  std::string value;
  for (int i = 0; i < 100; ++i) value += "\xc3\xbc";
  const std::string error = mapping_error("width: " + value);
  EXPECT_THAT(error, HasSubstr("\xc3\xbc...', expected"));
  EXPECT_LT(error.size(), 150u);
}

TEST(Reading, keeps_the_first_error) {
  Reading reading{"f.yaml"};
  EXPECT_TRUE(reading.ok());
  reading.fail({3, 4}, "first");
  reading.fail({1, 1}, "second");
  EXPECT_EQ(reading.error()->message, "f.yaml:3:4: first");
  EXPECT_EQ(reading.error()->exit_code, ExitCode::usage);
}

template <class T>
std::string accepted(const Form<T>& form, std::initializer_list<std::string_view> texts) {
  std::string out;
  for (const std::string_view text : texts) out += form.parse(text) ? 'y' : 'n';
  return out;
}

TEST(Forms, numbers_at_below_and_above_their_bounds) {
  EXPECT_EQ(accepted(whole(2, 5), {"1", "2", "5", "6", "", "-2", "+2", "2.0", "2 ", " 2", "0x2",
                                   "99999999999999999999"}),
            "nyynnnnnnnnn");
  EXPECT_EQ(accepted(number(0, 1), {"-0.1", "0", "0.5", "1", "1.01", "1e-3", "nan", "inf", "-inf",
                                    "infinity", "0.5x", "", "1e999"}),
            "nyyynynnnnnnn");
  EXPECT_EQ(accepted(number_above(0, 1), {"0", "0.0001", "1"}), "nyy");
  EXPECT_EQ(accepted(size(1024, 2048), {"1023", "1024", "2KiB", "2049", "0", "-1KiB", "1.5", "x"}),
            "nyynnnnn");
  EXPECT_EQ(accepted(rate(100), {"0/s", "0.5/s", "100/s", "101/s", "-1/s", "nan/s", "inf/s", "10"}),
            "nyynnnnn");
  EXPECT_EQ(accepted(byte_rate(1, 1024), {"0B/s", "1B/s", "1KiB/s", "1025B/s", "1KiB", "/s"}),
            "nyynnn");
}

TEST(Forms, durations_at_below_and_above_their_bounds) {
  EXPECT_EQ(accepted(duration(), {"1us", "15s", "720h", "721h", "0", "0s", "-1s", "15", "nan",
                                  "infs", "15 parsecs"}),
            "yyynnnnnnnn");
  EXPECT_EQ(
      accepted(duration(Zero::allowed, std::chrono::seconds{2}), {"0s", "2s", "2001ms", "-1ms"}),
      "yynn");
}

TEST(Forms, words_and_texts) {
  EXPECT_EQ(accepted(boolean(), {"true", "false", "yes", "no", "on", "True", "1", ""}), "yynnnnnn");
  EXPECT_EQ(accepted(name("a name"), {"a-B_9", "", "a b", "a.b", "a/b", "\xc3\xbc"}), "ynnnnn");
  EXPECT_EQ(accepted(name("a name"), {std::string(64, 'a'), std::string(65, 'a')}), "yn");
  EXPECT_EQ(accepted(line("a line"), {"a b", "", "a\nb", "a\rb", "a\tb", "\x7f"}), "ynnnnn");
  EXPECT_EQ(accepted(line("a line"), {std::string(1000, 'a'), std::string(1001, 'a')}), "yn");
  EXPECT_EQ(accepted(text(3), {"", "a\nb", "abcd"}), "yyn");
}

}  // namespace
}  // namespace streamgauge::yaml
