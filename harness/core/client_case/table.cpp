// The table of all client cases, section by section. How to add one: case.hpp.
#include "harness/core/client_case/cases.hpp"

namespace streamgauge::client_case {

const std::vector<Case>& all_cases() {
  static const std::vector<Case> table = [] {
    Cases cases;
    append(cases, line_cases());
    append(cases, field_cases());
    append(cases, type_cases());
    append(cases, id_cases());
    append(cases, retry_cases());
    append(cases, end_cases());
    append(cases, request_cases());
    append(cases, status_cases());
    append(cases, media_cases());
    append(cases, redirect_cases());
    append(cases, reconnect_cases());
    append(cases, resume_cases());
    append(cases, crowd_cases());
    append(cases, robust_cases());
    return cases;
  }();
  return table;
}

const Case* find_case(std::string_view id) {
  for (const Case& item : all_cases()) {
    if (item.id == id) return &item;
  }
  return nullptr;
}

}  // namespace streamgauge::client_case
