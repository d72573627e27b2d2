#include "harness/net/user.hpp"

#include <grp.h>
#include <pwd.h>

#include <array>

namespace streamgauge::net {

namespace {
using Buffer = std::array<char, 16384>;  // of one entry of the user database
}

std::optional<UserIds> user_named(const std::string& name) {
  Buffer buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0) return {};
  if (found == nullptr) return std::nullopt;
  return UserIds{entry.pw_uid, entry.pw_gid};
}

UserNames names_of(UserIds ids) {
  UserNames names{std::to_string(ids.user), std::to_string(ids.group)};
  Buffer buffer;
  passwd user{};
  passwd* found = nullptr;
  if (::getpwuid_r(ids.user, &user, buffer.data(), buffer.size(), &found) == 0 && found) {
    names.user = user.pw_name;
  }
  group owner{};
  group* found_group = nullptr;
  if (::getgrgid_r(ids.group, &owner, buffer.data(), buffer.size(), &found_group) == 0 &&
      found_group) {
    names.group = owner.gr_name;
  }
  return names;
}

}  // namespace streamgauge::net
