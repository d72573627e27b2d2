// The words that scenario and target files use for choices: one table each.
#pragma once

#include "harness/core/contract/words.hpp"
#include "harness/core/scenario/scenario.hpp"
#include "harness/core/scenario/target_spec.hpp"

namespace streamgauge::scenario_words {

using contract_words::word;
using contract_words::Words;

inline constexpr Words<PhaseKind, 5> phase_kind{{
    {PhaseKind::settle, "settle"},
    {PhaseKind::control, "control"},
    {PhaseKind::fault, "fault"},
    {PhaseKind::heal, "heal"},
    {PhaseKind::drain, "drain"},
}};
inline constexpr Words<PolicyKind, 3> policy_kind{{
    {PolicyKind::none, "none"},
    {PolicyKind::browser, "browser"},
    {PolicyKind::agent, "agent"},
}};
inline constexpr Words<Capability, 15> capability{{
    {Capability::publish, "publish"},
    {Capability::channels, "channels"},
    {Capability::resume, "resume"},
    {Capability::critical, "critical"},
    {Capability::event_type, "event_type"},
    {Capability::local_process, "local_process"},
    {Capability::identity, "identity"},
    {Capability::users, "users"},
    {Capability::auth, "auth"},
    {Capability::generate, "generate"},
    {Capability::drain, "drain"},
    {Capability::revoke, "revoke"},
    {Capability::close, "close"},
    {Capability::finish, "finish"},
    {Capability::shared_ids, "shared_ids"},
}};

}  // namespace streamgauge::scenario_words
