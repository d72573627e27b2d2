// Redirects: 301, 302, 303, 307 and 308 are followed, so many in a row (WHATWG Fetch, 4.4 and RFC
// 9110, 15.4). 301 and 308 are for good: the client keeps to the new address. A body is sent again
// unless the answer was 303, or 301 or 302 to a POST.
//
// A Location that is missing, empty or no place to go is an error, and so is one redirect too many:
// neither is better at the next attempt.
#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {

Decision redirected(const PolicySpec& spec, const input::Answered& answered) {
  const int status = answered.status;
  const bool redirects =
      status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  const std::uint32_t most = spec.limits.redirects_max;
  if (!redirects || most == 0) return decision::Nothing{};
  if (!answered.located) return decision::GiveUp{Reason::nowhere_to_go, status};
  if (answered.redirects >= most) return decision::GiveUp{Reason::too_many_redirects, status};
  const bool permanent = status == 301 || status == 308;
  const bool keep = permanent ? !spec.defects.has(Defect::forgets_permanent)
                              : spec.defects.has(Defect::keeps_temporary);
  const bool repeats =
      status == 307 || status == 308 || spec.defects.has(Defect::repeats_request_body);
  return decision::Follow{keep, !repeats};
}

}  // namespace streamgauge::policy
