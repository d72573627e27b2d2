#include "reports/html_page.hpp"

#include <fmt/format.h>

#include <vector>

#include "harness/core/latency/base64.hpp"
#include "reports/assets.hpp"
#include "reports/html_text.hpp"

namespace streamgauge::reports {
namespace {

/// 'sha256-…' as a policy names it.
std::string hash_source(const Asset& asset) {
  std::string digest;
  for (std::size_t i = 0; i + 1 < asset.sha256.size(); i += 2) {
    const auto nibble = [&](std::size_t at) {
      const char c = asset.sha256[at];
      return c <= '9' ? c - '0' : c - 'a' + 10;
    };
    digest += static_cast<char>(nibble(i) * 16 + nibble(i + 1));
  }
  return fmt::format("'sha256-{}'", latency::base64_encode(digest));
}

void put_script(std::string& out, const Asset& asset) {
  out.append("<script>").append(asset.text).append("</script>\n");
}

}  // namespace

std::string html_page(const PageParts& parts) {
  std::vector<const Asset*> scripts{&assets::tables_js};
  const bool plots = parts.plots != nullptr && !parts.plots->empty();
  if (plots) scripts.insert(scripts.end(), {&assets::chart_js, &assets::plots_js});
  if (parts.live) scripts.push_back(&assets::live_js);
  std::string script_sources;
  for (const Asset* script : scripts) script_sources += " " + hash_source(*script);
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; "
      "script-src{}; img-src data:; {}base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"streamgauge\">\n<title>{}</title>\n"
      // Drawn once it is whole: half a table would move what is below it, and its columns.
      "<link rel=\"expect\" href=\"#whole\" blocking=\"render\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<style>",
      hash_source(assets::page_css), script_sources, parts.live ? "connect-src 'self'; " : "",
      html(parts.title));
  out.append(assets::page_css.text).append("</style>\n</head>\n<body>\n");
  out += fmt::format("<a class=\"skip-link\" href=\"#{}\">To what matters</a>\n", parts.main_id);
  out += parts.body;
  out += "<footer>" + parts.foot + "</footer>\n";
  if (plots) {
    out += "<script type=\"application/json\" id=\"plots\">" + plots_json(*parts.plots) +
           "</script>\n";
  }
  for (const Asset* script : scripts) put_script(out, *script);
  return out += "<span id=\"whole\"></span>\n</body>\n</html>\n";
}

}  // namespace streamgauge::reports
