#include "xml_reader.hpp"

#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  XmlElement document() {
    if (text_.starts_with("<?xml ")) at_ = text_.find("?>") + 2;
    space();
    XmlElement root = element();
    space();
    if (at_ != text_.size()) fail("text after the root element");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(what + " at byte " + std::to_string(at_));
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void expect(std::string_view part) {
    if (!text_.substr(at_).starts_with(part)) fail("expected " + std::string{part});
    at_ += part.size();
  }
  void space() {
    while (peek() == ' ' || peek() == '\n') ++at_;
  }
  std::string name() {
    const std::size_t start = at_;
    while ((peek() >= 'a' && peek() <= 'z') || (peek() == '-' && at_ > start)) ++at_;
    if (at_ == start) fail("expected a name");
    return std::string{text_.substr(start, at_ - start)};
  }
  void entity(std::string& out) {
    const std::size_t end = text_.find(';', at_);
    if (end == std::string_view::npos) fail("entity without end");
    const std::string_view body = text_.substr(at_ + 1, end - at_ - 1);
    if (body == "amp")
      out += '&';
    else if (body == "lt")
      out += '<';
    else if (body == "gt")
      out += '>';
    else if (body == "quot")
      out += '"';
    else if (body == "#9" || body == "#10" || body == "#13") {
      out += static_cast<char>(std::stoi(std::string{body.substr(1)}));
    } else
      fail("entity that XML does not know or allow");
    at_ = end + 1;
  }
  void character(std::string& out, bool in_attribute) {
    if (peek() == '&') return entity(out);
    const std::size_t before = at_;
    const CodePoint c = next_code_point(text_, at_);
    if (!c.valid) fail("invalid UTF-8");
    const bool allowed = c.value >= 0x20 || c.value == '\n' || c.value == '\t';
    if (!allowed || c.value == 0xFFFE || c.value == 0xFFFF) fail("character XML does not allow");
    if (c.value == '<') fail("bare <");
    // A parser turns these into spaces: whoever wants them kept must escape them.
    if (in_attribute && c.value < 0x20) fail("bare white space in an attribute");
    if (!in_attribute && text_.substr(before).starts_with("]]>")) fail("bare ]]>");
    out.append(text_.substr(before, at_ - before));
  }
  void attribute(XmlElement& of) {
    const std::string key = name();
    expect("=\"");
    std::string value;
    while (peek() != '"') {
      if (at_ >= text_.size()) fail("attribute without end");
      character(value, true);
    }
    ++at_;
    if (!of.attributes.emplace(key, value).second) fail("attribute twice");
  }
  XmlElement element() {
    XmlElement out;
    expect("<");
    out.name = name();
    while (peek() == ' ') {
      ++at_;
      attribute(out);
    }
    if (peek() == '/') {
      expect("/>");
      return out;
    }
    expect(">");
    while (!text_.substr(at_).starts_with("</")) {
      if (at_ >= text_.size()) fail("element without end");
      if (peek() == '<')
        out.children.push_back(element());
      else
        character(out.text, false);
    }
    expect("</" + out.name + ">");
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<const XmlElement*> XmlElement::all(std::string_view child) const {
  std::vector<const XmlElement*> found;
  for (const XmlElement& c : children) {
    if (c.name == child) found.push_back(&c);
  }
  return found;
}

int XmlElement::number(const std::string& attribute) const {
  return std::stoi(attributes.at(attribute));
}

XmlElement read_xml(std::string_view text) {
  return Reader(text).document();
}

}  // namespace streamgauge::reports
