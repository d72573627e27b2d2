// Text for HTML: whatever a target sent ends up as text, never as markup.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/check/check.hpp"

namespace streamgauge::reports {

/// For content and for attribute values in double quotes: printable() on one line, then escaped.
[[nodiscard]] std::string html(std::string_view text);

/// The same, but line feeds stay: for <pre>.
[[nodiscard]] std::string html_lines(std::string_view text);

/// A part of an id or of a fragment: letters, digits and dashes. Two texts may become one.
[[nodiscard]] std::string html_id(std::string_view text);

/// A string of JSON that may stand inside a script element: no "<" in it.
[[nodiscard]] std::string json_in_html(std::string_view text);

/// "✗ fail" with its class; the sign is hidden from screen readers, which read the word.
[[nodiscard]] std::string verdict_html(Verdict verdict);
[[nodiscard]] std::string verdict_html(std::string_view css_class, std::string_view sign,
                                       std::string_view word);

/// One name and value of a <dl class="facts">; nothing for an empty value.
void put_fact(std::string& out, std::string_view name, const std::string& value);

}  // namespace streamgauge::reports
