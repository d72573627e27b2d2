#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>

#include "harness/net/proxy/admin.hpp"

namespace streamgauge::net {
namespace {

namespace json = boost::json;
constexpr std::string_view faults_path = "/faults";

AdminAnswer answered(int status, const json::value& body) {
  return {status, json::serialize(body) + "\n"};
}

AdminAnswer refusal(int status, std::string_view sentence) {
  return answered(status, json::object{{"error", sentence}});
}

json::object written(const PlacedFault& fault) {
  return {{"id", fault.id},
          {"fault", fault::to_string(fault.spec)},
          {"connections", fault.connections},
          {"fired", fault.fired}};
}

AdminAnswer list_faults(ChaosProxy& proxy) {
  json::array all;
  for (const PlacedFault& fault : proxy.stats().faults) all.push_back(written(fault));
  return answered(200, all);
}

AdminAnswer show_stats(ChaosProxy& proxy) {
  const ProxyStats stats = proxy.stats();
  json::object added{{"unit", "ns"},
                     {"count", stats.added.count()},
                     {"p50", stats.added.at_percentile(50).count()},
                     {"p99", stats.added.at_percentile(99).count()},
                     {"max", stats.added.max().count()}};
  return answered(200, json::object{{"connections_total", stats.connections_total},
                                    {"connections_open", stats.connections_open},
                                    {"accept_failures", stats.accept_failures},
                                    {"upstream_failures", stats.upstream_failures},
                                    {"bytes_up", stats.bytes_up},
                                    {"bytes_down", stats.bytes_down},
                                    {"bytes_waiting", stats.bytes_waiting},
                                    {"bytes_waiting_max", stats.bytes_waiting_max},
                                    {"added", std::move(added)}});
}

struct Wish {
  std::string fault, id;
  bool reset = false;
};

/// nullopt: not an object of these keys.
std::optional<Wish> read_wish(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text.empty() ? "{}" : text, error);
  if (error || !value.is_object()) return std::nullopt;
  Wish wish;
  for (const auto& member : value.get_object()) {
    if (member.key() == "fault" && member.value().is_string()) {
      wish.fault = member.value().get_string();
    } else if (member.key() == "id" && member.value().is_string()) {
      wish.id = member.value().get_string();
    } else if (member.key() == "reset" && member.value().is_bool()) {
      wish.reset = member.value().get_bool();
    } else {
      return std::nullopt;
    }
  }
  return wish;
}

AdminAnswer add_faults(ChaosProxy& proxy, const Wish& wish) {
  auto specs = fault::parse_faults(wish.fault);
  if (!specs) return refusal(400, specs.error().message);
  if (specs->size() > 1 && !wish.id.empty()) return refusal(400, "one id is for one fault");
  json::array ids;
  for (fault::FaultSpec& spec : *specs) {
    const auto id = proxy.add(std::move(spec), wish.id);
    if (!id) return refusal(409, id.error().message);
    ids.emplace_back(*id);
  }
  return answered(201, json::object{{"ids", std::move(ids)}});
}

AdminAnswer change_fault(ChaosProxy& proxy, const std::string& id, const Wish& wish) {
  auto spec = fault::parse_fault(wish.fault);
  if (!spec) return refusal(400, spec.error().message);
  const auto changed = proxy.change(id, std::move(*spec));
  return changed ? AdminAnswer{204, {}} : refusal(404, changed.error().message);
}

}  // namespace

AdminAnswer answer_admin(ChaosProxy& proxy, const AdminRequest& request) {
  const std::string& path = request.target;
  const std::string& method = request.method;
  if (method == "GET" && path == faults_path) return list_faults(proxy);
  if (method == "GET" && path == "/stats") return show_stats(proxy);
  if (method == "DELETE" && path == faults_path) {
    proxy.remove_all();
    return {204, {}};
  }
  const bool one = path.starts_with("/faults/") && path.size() > faults_path.size() + 1;
  const std::string id = one ? path.substr(faults_path.size() + 1) : std::string{};
  if (method == "DELETE" && one) {
    const auto removed = proxy.remove(id);
    return removed ? AdminAnswer{204, {}} : refusal(404, removed.error().message);
  }
  const auto wish = read_wish(request.body);
  if (!wish) {
    return refusal(400, R"(expected a JSON object such as {"fault": "idle-cut=5s", "id": "mine"})");
  }
  if (method == "POST" && path == faults_path) return add_faults(proxy, *wish);
  if (method == "PUT" && one) return change_fault(proxy, id, *wish);
  if (method == "POST" && path == "/cut") {
    proxy.cut_all(wish->reset);
    return {204, {}};
  }
  return refusal(404,
                 "there are GET /stats, GET, POST and DELETE /faults, PUT and DELETE "
                 "/faults/ID, POST /cut");
}

}  // namespace streamgauge::net
