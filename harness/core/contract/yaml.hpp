// YAML as contracts, scenarios and targets use it: a small tree with positions, and typed reading
// that stops at the first error, worded with file:line:column, key, what was found, what would do.
//
// The tree is our own, built from yaml-cpp's events, so that the input's cost is bounded while it
// is read: bytes, nesting, and nodes, where an alias costs as much as what it stands for ("a
// billion laughs" is refused in its first breath). Of YAML, tags, merge keys, several documents in
// one file and keys that are not plain text are refused; nothing here needs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/contract/yaml_forms.hpp"

namespace streamgauge::yaml {

/// Both count from 1, columns in bytes. Line 0: no position.
struct Mark {
  std::size_t line = 0;
  std::size_t column = 0;
};

enum class Kind : std::uint8_t { nothing, scalar, list, mapping };

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Entry {
  std::string key;
  Mark mark;  // of the key
  NodePtr value;
};

struct Node {
  Kind kind = Kind::nothing;
  Mark mark;
  std::string text;            // of a scalar
  std::vector<NodePtr> items;  // of a list
  std::vector<Entry> entries;  // of a mapping, in the file's order, duplicates included
  std::size_t nodes = 1;       // in this tree, aliases counted in full
};

struct Limits {
  std::size_t bytes_max = 1u << 20;
  std::size_t nodes_max = 20'000;
  std::size_t depth_max = 16;
};

/// The one document in `text`; an input without any is Kind::nothing. `file` is for messages.
[[nodiscard]] Result<NodePtr> parse(std::string_view text, std::string_view file,
                                    const Limits& limits = {});

/// A mapping of mappings as "a.b.c" names it, with `leaf` innermost: what a command line sets.
[[nodiscard]] NodePtr nested(std::string_view dotted_path, NodePtr leaf);

/// The first error of a file; once there is one, readers do nothing more.
class Reading {
 public:
  /// `where` starts each message: the file's name, or the words of a command line.
  explicit Reading(std::string where) : where_{std::move(where)} {}

  [[nodiscard]] bool ok() const { return !error_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  void fail(Mark mark, std::string_view sentence);
  /// "key 'every': found '15 parsecs', expected a duration ..."
  void fail_value(std::string_view key, const Node& node, std::string_view expected);

 private:
  std::string where_;
  std::optional<Error> error_;
};

/// "'15 parsecs'", "a list", "nothing": shortened when long, unprintable bytes escaped.
[[nodiscard]] std::string found(const Node& node);

/// "path.to.key=value" as a command line gives it.
struct Assignment {
  std::string path;
  NodePtr value;  // a scalar, or a list when it is written as "[a, b]"
};

/// Splits `assignment`; nullopt when it has failed the reading, whose message shows `example`.
[[nodiscard]] std::optional<Assignment> assigned(Reading& reading, std::string_view assignment,
                                                 std::string_view example);

/// A mapping whose keys are all known and given once; anything else has failed the reading.
class Mapping {
 public:
  /// `name` is what messages call it ("heartbeat", "a group"); `key` the key that led here.
  Mapping(Reading& reading, const Node& node, std::string name, std::string_view key,
          std::vector<std::string_view> keys);

  [[nodiscard]] Reading& reading() const { return reading_; }
  [[nodiscard]] Mark mark() const { return node_.mark; }
  /// The value of `key`; nullptr when it is absent or the reading has failed.
  [[nodiscard]] const Node* get(std::string_view key) const;
  /// The same, and absence fails the reading; `expected` says what the missing value would be.
  const Node* require(std::string_view key, std::string_view expected) const;

  /// Reads `key` when it is there; else leaves `out` alone.
  template <class T, class Out>
  void take(std::string_view key, const Form<T>& form, Out& out) const {
    if (const Node* node = get(key)) read(key, *node, form, out);
  }
  /// As take(); absence fails the reading.
  template <class T, class Out>
  void need(std::string_view key, const Form<T>& form, Out& out) const {
    if (const Node* node = require(key, form.expected)) read(key, *node, form, out);
  }
  /// As need(), but for values that stand already when not `fresh`: overlays on a loaded model.
  template <class T, class Out>
  void need(std::string_view key, const Form<T>& form, Out& out, bool fresh) const {
    fresh ? need(key, form, out) : take(key, form, out);
  }
  /// A list of such values, or a single one for a list of one.
  template <class T>
  void take_list(std::string_view key, const Form<T>& form, std::vector<T>& out) const {
    const Node* node = get(key);
    if (node == nullptr) return;
    out.clear();
    const auto one = [&](const Node& item) {
      T value{};
      read(key, item, form, value);
      out.push_back(std::move(value));
    };
    if (node->kind != Kind::list) return one(*node);
    for (const NodePtr& item : node->items) one(*item);
  }

 private:
  template <class T, class Out>
  void read(std::string_view key, const Node& node, const Form<T>& form, Out& out) const {
    if (!reading_.ok()) return;
    if (node.kind == Kind::scalar) {
      if (std::optional<T> value = form.parse(node.text)) {
        out = std::move(*value);
        return;
      }
    }
    reading_.fail_value(key, node, form.expected);
  }

  Reading& reading_;
  const Node& node_;
  std::string name_;
};

/// The items of a list; fails the reading when it is not one. Empty lists are the caller's affair.
[[nodiscard]] std::vector<NodePtr> items(Reading& reading, std::string_view key, const Node& node,
                                         std::string_view expected);

}  // namespace streamgauge::yaml
