#include "reports/json_parts.hpp"

#include <cmath>

#include "harness/core/latency/base64.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {

namespace json = boost::json;

json::string text(std::string_view raw) {
  return json::string(valid_utf8(raw));
}

json::array texts(const std::vector<std::string>& raw) {
  json::array out;
  for (const std::string& s : raw) out.push_back(text(s));
  return out;
}

double seconds(Duration d) {
  return std::round(to_seconds(d) * 1e6) / 1e6;
}

json::value histogram_json(const latency::Histogram& h) {
  json::object out{{"unit", "ns"}, {"count", h.count()}, {"above_range", h.saturated()}};
  const auto put = [&](std::string_view key, Duration value) {
    out[key] = h.empty() ? json::value(nullptr) : json::value(value.count());
  };
  put("min", h.min());
  put("p50", h.at_percentile(50));
  put("p90", h.at_percentile(90));
  put("p99", h.at_percentile(99));
  put("p999", h.at_percentile(99.9));
  put("max", h.max());
  out["mean"] = h.empty() ? json::value(nullptr) : json::value(std::round(h.mean_ns()));
  out["hdr"] = latency::base64_encode(latency::encode_compressed(h));
  return out;
}

json::object environment_json(const Environment& e) {
  return {{"streamgauge_version", text(e.streamgauge_version)},
          {"compiler", text(e.compiler)},
          {"boost", text(e.boost)},
          {"kernel", text(e.kernel)},
          {"cpu_model", text(e.cpu_model)},
          {"cores", e.cores},
          {"hostname", text(e.hostname)}};
}

json::array errors_json(const std::vector<Error>& errors) {
  json::array out;
  for (const Error& e : errors) {
    out.push_back(
        json::object{{"exit_code", static_cast<int>(e.exit_code)}, {"message", text(e.message)}});
  }
  return out;
}

}  // namespace streamgauge::reports
