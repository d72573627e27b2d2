// A publish request from a target's template. Pure.
//
// Each place has its own encoding, so that no value can break out of it: the path takes everything
// but unreserved characters as %XX; a body takes values as they are, or as JSON strings or form
// fields when the template's Content-Type says so. A header value cannot be encoded in a way that
// servers agree on: one that would hold CR, LF or NUL makes the message unpublishable.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/core/scenario/target_spec.hpp"

namespace streamgauge::net {

struct PublishValues {
  std::string_view channel;
  std::string_view data;
  std::string_view event;  // empty: no type
  std::string_view id;
  std::string_view message_class;
  std::string_view key;
  std::string_view user = "streamgauge";
  std::string_view token = {};
};

/// A whole request for a connection that stays open. A header whose placeholders leave its value
/// empty is left out: "no type" must not be sent as a type that is empty. nullopt: unpublishable.
[[nodiscard]] std::optional<std::string> publish_request(const PublishTemplate& publish,
                                                         std::string_view host,
                                                         const PublishValues& values);

}  // namespace streamgauge::net
