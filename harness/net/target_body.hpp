// What a live target consists of. Private to target*.cpp; see target.hpp.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/net/http_probe.hpp"
#include "harness/net/target.hpp"

namespace streamgauge::net {

struct Target::Body {
  using Values = std::map<std::string, std::string>;  // what placeholders stand for

  TargetSpec spec;
  TargetOptions options;
  HttpUrl url;
  StreamEndpoint streams;
  std::optional<PublishTemplate> publish;
  std::map<std::string, CommandSpec> commands;  // of the spec, with what is known filled in

  std::unique_ptr<Spawned> spawned;  // null: a URL

  // target_launch.cpp
  /// Starts it; an empty `epoch`: one of its own.
  Result<void> spawn(std::string_view epoch);
  Result<void> locate(const std::string& url_text, const Values& known);

 private:
  Result<void> locate_mirrors(const Values& known);
};

}  // namespace streamgauge::net
