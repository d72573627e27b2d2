// 9.2.5, decoding: UTF-8, the byte order mark, and what ends a line.
#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

using namespace std::string_literals;

namespace {
namespace lines {

const std::string bom = "\xEF\xBB\xBF";
const std::string replacement = "\xEF\xBF\xBD";

Cases ends() {
  Cases cases;
  const auto add = [&](const char* name, const char* requirement, std::string bytes,
                       std::vector<Expected> events) {
    cases.push_back(everywhere("sse/9.2.5/"s + name, requirement, parsing,
                               {std::move(bytes), std::move(events)}));
  };
  const std::vector<Expected> two{message("a"), message("b")};
  add("end-lf", "A line feed ends a line.", "data: a\n\ndata: b\n\n", two);
  add("end-crlf", "A carriage return and a line feed together end one line.",
      "data: a\r\n\r\ndata: b\r\n\r\n", two);
  add("end-cr", "A carriage return alone ends a line.", "data: a\r\rdata: b\r\r", two);
  add("end-cr-lines", "Fields that carriage returns part are fields of one event.",
      "data: a\rdata: b\r\r", {message("a\nb")});
  add("end-crlf-lines", "Fields that CRLF parts are fields of one event.",
      "data: a\r\ndata: b\r\n\r\n", {message("a\nb")});
  add("end-mixed", "Line ends of all three kinds may be mixed within a stream.",
      "data: a\r\n\rdata: b\n\r\ndata: c\r\r", {message("a"), message("b"), message("c")});
  add("end-lf-cr", "LF CR are two line ends: the second one makes a blank line.",
      "data: a\n\rdata: b\n\n", two);
  add("end-cr-crlf", "CR CRLF are two line ends.", "data: a\r\r\ndata: b\n\n", two);
  add("end-crlf-cr-in-one-event", "CRLF inside an event never counts as a blank line.",
      "data: a\r\ndata: b\rdata: c\ndata: d\r\n\r\n", {message("a\nb\nc\nd")});
  add("end-blank-lines", "Blank lines between events dispatch nothing.",
      "\n\n\ndata: a\n\n\n\n\ndata: b\n\n\n", two);
  add("end-vertical-tab", "Vertical tab and form feed are text, not line ends.",
      "data: a\vb\fc\n\n", {message("a\vb\fc")});
  add("end-unicode", "U+0085, U+2028 and U+2029 are text, not line ends.",
      "data: a\xC2\x85"
      "b\xE2\x80\xA8"
      "c\xE2\x80\xA9"
      "d\n\n",
      {message("a\xC2\x85"
               "b\xE2\x80\xA8"
               "c\xE2\x80\xA9"
               "d")});
  return cases;
}

Cases marks() {
  Cases cases;
  const auto add = [&](const char* name, const char* requirement, std::string bytes,
                       std::vector<Expected> events, std::size_t cuts = 4) {
    cases.push_back(from_the_start("sse/9.2.5/"s + name, requirement, parsing,
                                   {std::move(bytes), std::move(events)}, cuts));
  };
  add("bom", "One byte order mark at the beginning of a stream is stripped, on each connection.",
      bom + "data: a\n\n", {message("a")}, 1);
  add("bom-split", "The byte order mark is stripped, too, when it comes in pieces.",
      bom + "data: a\n\n", {message("a")}, 6);
  add("bom-comment", "A comment may follow the byte order mark.", bom + ": hi\ndata: a\n\n",
      {message("a")});
  add("bom-blank-line", "A blank line may follow the byte order mark.", bom + "\ndata: a\n\n",
      {message("a")});
  add("bom-id", "The first field behind a byte order mark counts, whichever it is.",
      bom + "id: 7\ndata: a\n\n", {message("a", "7")});
  add("bom-twice",
      "Only the first of two byte order marks is stripped: the second one belongs to "
      "the field's name, which is unknown then.",
      bom + bom + "data: lost\n\ndata: a\n\n", {message("a")}, 7);
  add("bom-cut-short",
      "Two bytes of a byte order mark are malformed text, not a mark: the field's "
      "name is unknown.",
      "\xEF\xBB"
      "data: lost\n\ndata: a\n\n",
      {message("a")});
  add("no-bom", "A stream without a byte order mark loses none of its bytes.", "data: a\n\n",
      {message("a")});
  cases.push_back(everywhere("sse/9.2.5/bom-later",
                             "A byte order mark anywhere but at the beginning is text.", parsing,
                             {"data: " + bom + "a" + bom + "\n\n", {message(bom + "a" + bom)}}));
  cases.push_back(
      everywhere("sse/9.2.5/bom-before-a-later-field",
                 "A byte order mark at the beginning of a later line belongs to the field's name.",
                 parsing, {"data: a\n" + bom + "data: lost\n\n", {message("a")}}));
  return cases;
}

Cases text() {
  Cases cases;
  const auto add = [&](const char* name, const char* requirement, std::string value,
                       std::string decoded) {
    cases.push_back(everywhere("sse/9.2.5/"s + name, requirement, parsing,
                               {"data: " + value + "\n\n", {message(std::move(decoded))}}));
  };
  const auto same = [&](const char* name, const char* requirement, const std::string& value) {
    add(name, requirement, value, value);
  };
  same("utf8-two-bytes", "Characters of two bytes arrive whole, however they are cut.",
       "\xC3\xA4\xC3\xB6");
  same("utf8-three-bytes", "Characters of three bytes arrive whole, however they are cut.",
       "\xE2\x82\xAC\xE8\xB1\x86");
  same("utf8-four-bytes", "Characters of four bytes arrive whole, however they are cut.",
       "\xF0\x9F\x98\x80");
  same("utf8-combined", "Text is not normalised: combining characters stay as they were sent.",
       "e\xCC\x81 \xC3\xA9");
  same("utf8-replacement-sent", "A replacement character that was sent arrives as one.",
       "a" + replacement + "b");
  same("control-characters", "Control characters other than line ends arrive as they were sent.",
       "a\x01\x1B\x7F"
       "b\tc");
  same("nul-in-data", "U+0000 in data arrives as it was sent.", "a\0b"s);
  add("invalid-lone-byte", "A byte that cannot begin a character becomes U+FFFD.",
      "a\x80"
      "b\xFF"
      "c",
      "a" + replacement + "b" + replacement + "c");
  add("invalid-cut-short",
      "A character that is cut short becomes one U+FFFD, and what follows it "
      "is kept.",
      "a\xE2\x82"
      "b",
      "a" + replacement + "b");
  add("invalid-before-end", "A character that is cut short by a line end does not swallow it.",
      "a\xE2\x82", "a" + replacement);
  add("invalid-overlong", "An overlong form is malformed: a U+FFFD for each of its bytes.",
      "a\xC0\xAF"
      "b",
      "a" + replacement + replacement + "b");
  add("invalid-surrogate", "A surrogate is malformed: a U+FFFD for each of its bytes.",
      "a\xED\xA0\x80"
      "b",
      "a" + replacement + replacement + replacement + "b");
  return cases;
}

}  // namespace lines
}  // namespace

Cases line_cases() {
  using namespace lines;
  Cases cases = ends();
  append(cases, marks());
  append(cases, text());
  return cases;
}

}  // namespace streamgauge::client_case
