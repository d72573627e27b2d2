// From yaml-cpp's events to the tree, within limits.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>

#include "harness/core/base/units.hpp"
#include "harness/core/contract/yaml.hpp"

namespace streamgauge::yaml {
namespace {

Mark mark_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

/// Thrown through yaml-cpp, whose handlers have no other way out; never leaves parse().
struct Refused {
  Mark mark;
  std::string sentence;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Limits& limits) : limits_{limits} {}

  [[nodiscard]] NodePtr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) refuse(mark, "a second document begins here, expected one document in the file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = make(mark, Kind::nothing);
    // yaml-cpp gives a value that is not there the place of the mapping; the key's says more.
    if (!stack_.empty() && stack_.back().key) node->mark = stack_.back().key_mark;
    add(mark, std::move(node), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    auto node = make(mark, Kind::scalar);
    node->text = value;
    add(mark, std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) refuse(mark, "the alias refers to a node that contains it");
    count(mark, it->second->nodes);
    add(mark, it->second, 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor = 0;
    NodePtr key;  // of a mapping: read, its value still to come
    Mark key_mark;
  };

  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string sentence) {
    throw Refused{mark_of(mark), std::move(sentence)};
  }

  static void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      refuse(mark, fmt::format("tags are not read here: leave out '{}'", tag.substr(0, 80)));
    }
  }

  void count(const YAML::Mark& mark, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes_max) {
      refuse(mark, fmt::format("more than {} nodes, aliases counted in full", limits_.nodes_max));
    }
  }

  std::shared_ptr<Node> make(const YAML::Mark& mark, Kind kind) {
    count(mark, 1);
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->mark = mark_of(mark);
    return node;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind) {
    check_tag(mark, tag);
    if (stack_.size() >= limits_.depth_max) {
      refuse(mark, fmt::format("nested more than {} deep", limits_.depth_max));
    }
    // A mapping's own key would only be told apart once it is complete: refuse it at its begin.
    if (expects_key()) refuse(mark, "a key must be plain text");
    stack_.push_back({make(mark, kind), anchor, nullptr, {}});
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    place(frame.node);
    if (frame.anchor != 0) anchors_[frame.anchor] = frame.node;
  }

  void add(const YAML::Mark& mark, NodePtr node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (expects_key()) {
      if (node->kind != Kind::scalar) refuse(mark, "a key must be plain text");
      stack_.back().key = std::move(node);
      stack_.back().key_mark = mark_of(mark);
      return;
    }
    place(std::move(node));
  }

  [[nodiscard]] bool expects_key() const {
    return !stack_.empty() && stack_.back().node->kind == Kind::mapping && !stack_.back().key;
  }

  void place(NodePtr node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    frame.node->nodes += node->nodes;
    if (frame.node->kind == Kind::list) {
      frame.node->items.push_back(std::move(node));
      return;
    }
    frame.node->nodes += 1;
    frame.node->entries.push_back({frame.key->text, frame.key_mark, std::move(node)});
    frame.key = nullptr;
  }

  Limits limits_;
  NodePtr root_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
  std::size_t nodes_ = 0;
};

/// Length of the UTF-8 sequence at the start of `text`; 0 when it is not one that YAML allows.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) {
    return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? first != 0x7f : 0;
  }
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) > 0x9f;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool too_high = first == 0xf4 && byte(1) > 0x8f;
    return tail(1) && tail(2) && tail(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

/// yaml-cpp guesses other encodings and takes 0x04 for the end: such bytes never reach it.
std::optional<Refused> first_bad_byte(std::string_view text) {
  Mark mark{1, 1};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text.substr(i));
    if (length == 0) {
      return Refused{mark, fmt::format("byte 0x{:02x}: not printable text in UTF-8",
                                       static_cast<unsigned char>(text[i]))};
    }
    if (text[i] == '\n') {
      mark = {mark.line + 1, 1};
    } else {
      mark.column += length;
    }
    i += length;
  }
  return std::nullopt;
}

}  // namespace

Result<NodePtr> parse(std::string_view text, std::string_view file, const Limits& limits) {
  Reading reading{std::string{file}};
  if (text.size() > limits.bytes_max) {
    reading.fail({}, fmt::format("{} of YAML, expected at most {}", format_size(text.size()),
                                 format_size(limits.bytes_max)));
    return *reading.error();
  }
  if (const auto bad = first_bad_byte(text)) {
    reading.fail(bad->mark, bad->sentence);
    return *reading.error();
  }
  TreeBuilder builder{limits};
  try {
    std::istringstream stream{std::string{text}};
    YAML::Parser parser{stream};
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    reading.fail(refused.mark, refused.sentence);
  } catch (const YAML::Exception& error) {
    reading.fail(mark_of(error.mark), fmt::format("not YAML: {}", error.msg));
  }
  if (!reading.ok()) return *reading.error();
  if (!builder.root()) return std::make_shared<const Node>();
  return builder.root();
}

}  // namespace streamgauge::yaml
