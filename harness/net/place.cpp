#include "harness/net/place.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

namespace streamgauge::net {
namespace {

// A Location is a URL, not a novel: longer ones are no place that anybody means.
constexpr std::size_t location_bytes_max = 8u << 10;

}  // namespace

std::string url_text(bool tls, std::string_view authority, std::string_view target) {
  return fmt::format("{}://{}{}", tls ? "https" : "http", authority, target);
}

std::optional<HttpUrl> located(std::string_view base, std::string_view location) {
  if (location.empty() || location.size() > location_bytes_max) return std::nullopt;
  const auto from = boost::urls::parse_uri({base.data(), base.size()});
  const auto to = boost::urls::parse_uri_reference({location.data(), location.size()});
  if (!from || !to) return std::nullopt;
  boost::urls::url whole;
  if (!boost::urls::resolve(*from, *to, whole)) return std::nullopt;
  whole.remove_fragment();
  auto url = parse_http_url(std::string_view{whole.buffer().data(), whole.buffer().size()});
  if (!url) return std::nullopt;
  return std::move(*url);
}

}  // namespace streamgauge::net
