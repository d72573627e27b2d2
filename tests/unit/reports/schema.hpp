// Holds what writers of JSON write against the schemas in reports/.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace streamgauge::reports {

/// Encoded histograms depend on the version of zlib: not a matter for goldens.
inline std::string without_hdr(std::string text) {
  const std::string key = "\"hdr\": \"";
  for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos;) {
    at += key.size();
    text.replace(at, text.find('"', at) - at, "...");
  }
  return text;
}

/// What a schema of reports/ says of a value, as far as required, properties, additionalProperties,
/// items, $ref, enum, const and type go; tests/interop/report-schema asks a full validator.
class Schema {
 public:
  explicit Schema(const std::string& name) {
    std::ifstream file(SG_SOURCE_DIR "/reports/" + name);
    std::ostringstream text;
    text << file.rdbuf();
    root_ = boost::json::parse(text.str()).as_object();
  }
  std::vector<std::string> faults(const boost::json::value& value) {
    faults_.clear();
    judge(value, root_, "");
    return faults_;
  }

 private:
  void fault(const std::string& where, const std::string& what) {
    faults_.push_back((where.empty() ? "/" : where) + ": " + what);
  }
  static bool is_of(const boost::json::value& v, std::string_view type) {
    if (type == "object") return v.is_object();
    if (type == "array") return v.is_array();
    if (type == "string") return v.is_string();
    if (type == "boolean") return v.is_bool();
    if (type == "null") return v.is_null();
    if (type == "integer") return v.is_int64() || v.is_uint64();
    if (type == "number") return v.is_number();
    return false;
  }
  void judge(const boost::json::value& v, const boost::json::object& schema,
             const std::string& where) {
    if (const boost::json::value* ref = schema.if_contains("$ref")) {
      const std::string name{ref->as_string().subview(std::string_view("#/$defs/").size())};
      judge(v, root_.at("$defs").as_object().at(name).as_object(), where);
    }
    if (const boost::json::value* type = schema.if_contains("type")) {
      bool ok = false;
      if (type->is_string())
        ok = is_of(v, type->as_string());
      else
        for (const boost::json::value& t : type->as_array()) ok = ok || is_of(v, t.as_string());
      if (!ok) fault(where, "wrong type");
    }
    if (const boost::json::value* allowed = schema.if_contains("enum")) {
      bool ok = false;
      for (const boost::json::value& one : allowed->as_array()) ok = ok || one == v;
      if (!ok) fault(where, "not in enum");
    }
    if (const boost::json::value* one = schema.if_contains("const"); one != nullptr && *one != v) {
      fault(where, "not the constant");
    }
    if (const boost::json::value* items = schema.if_contains("items");
        items != nullptr && v.is_array()) {
      std::size_t i = 0;
      for (const boost::json::value& item : v.get_array()) {
        judge(item, items->as_object(), where + "/" + std::to_string(i++));
      }
    }
    if (v.is_object()) judge_members(v.get_object(), schema, where);
  }
  void judge_members(const boost::json::object& o, const boost::json::object& schema,
                     const std::string& where) {
    if (const boost::json::value* required = schema.if_contains("required")) {
      for (const boost::json::value& key : required->as_array()) {
        if (!o.contains(key.as_string())) fault(where, "lacks " + std::string(key.as_string()));
      }
    }
    const boost::json::value* known = schema.if_contains("properties");
    const boost::json::value* others = schema.if_contains("additionalProperties");
    for (const auto& [key, value] : o) {
      const std::string there = where + "/" + std::string(key);
      if (const boost::json::value* p = known ? known->as_object().if_contains(key) : nullptr) {
        judge(value, p->as_object(), there);
      } else if (others != nullptr && others->is_bool() && !others->as_bool()) {
        fault(there, "not in the schema");
      } else if (others != nullptr && others->is_object()) {
        judge(value, others->as_object(), there);
      }
    }
  }

  boost::json::object root_;
  std::vector<std::string> faults_;
};

}  // namespace streamgauge::reports
