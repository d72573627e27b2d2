// Users of this system, for programs that refuse to run as root.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace streamgauge::net {

struct UserIds {
  uid_t user = 0;
  gid_t group = 0;  // the user's own
};

struct UserNames {
  std::string user, group;  // numbers as text where there is no name
};

[[nodiscard]] std::optional<UserIds> user_named(const std::string& name);
[[nodiscard]] UserNames names_of(UserIds ids);

}  // namespace streamgauge::net
