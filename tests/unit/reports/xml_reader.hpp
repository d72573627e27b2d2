// Just enough of an XML 1.0 reader to judge junit.xml by: strict about what it knows (nesting,
// quoting, entities, characters), ignorant of the rest (DTDs, CDATA, namespaces, comments).
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace streamgauge::reports {

struct XmlElement {
  std::string name, text;
  std::map<std::string, std::string> attributes;
  std::vector<XmlElement> children;

  [[nodiscard]] std::vector<const XmlElement*> all(std::string_view child) const;
  [[nodiscard]] int number(const std::string& attribute) const;
};

/// Throws std::runtime_error that says where the text is not well-formed.
[[nodiscard]] XmlElement read_xml(std::string_view text);

}  // namespace streamgauge::reports
