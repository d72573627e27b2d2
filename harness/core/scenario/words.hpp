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
inline constexpr Words<PolicyKind, 6> policy_kind{{
    {PolicyKind::none, "none"},
    {PolicyKind::browser, "browser"},
    {PolicyKind::agent, "agent"},
    {PolicyKind::hybrid, "hybrid"},
    {PolicyKind::fetch, "fetch"},
    {PolicyKind::naive, "naive"},
}};
inline constexpr Words<Downlink, 3> downlink{{
    {Downlink::automatic, "auto"},
    {Downlink::sse, "sse"},
    {Downlink::poll, "poll"},
}};
inline constexpr Words<Transport, 3> transport{{
    {Transport::sse, "sse"},
    {Transport::long_poll, "long-poll"},
    {Transport::websocket, "websocket"},
}};
inline constexpr Words<TimeUnit, 6> time_unit{{
    // but for `absolute`, which has no word
    {TimeUnit::heartbeat, "heartbeat"},
    {TimeUnit::eviction, "eviction"},
    {TimeUnit::liveness, "liveness"},
    {TimeUnit::header_timeout, "header_timeout"},
    {TimeUnit::grace, "grace"},
    {TimeUnit::recovery, "recovery"},
}};
inline constexpr Words<StreamCount::Base, 2> limit{{
    // likewise
    {StreamCount::Base::streams_total, "streams_total"},
    {StreamCount::Base::streams_per_user, "streams_per_user"},
}};
inline constexpr Words<bool, 2> constants{{
    {false, "own"},
    {true, "contract"},
}};
inline constexpr Words<bool, 2> join{{
    {false, "start"},
    {true, "later"},
}};
inline constexpr Words<Credential, 4> credential{{
    {Credential::valid, "valid"},
    {Credential::wrong, "wrong"},
    {Credential::none, "none"},
    {Credential::revocable, "revocable"},
}};
inline constexpr Words<RequestKind, 2> request_kind{{
    {RequestKind::events, "events"},
    {RequestKind::generate, "generate"},
}};
inline constexpr Words<StallPoint, 2> stall_point{{
    {StallPoint::before_headers, "before-headers"},
    {StallPoint::after_first_bytes, "after-first-bytes"},
}};
inline constexpr Words<AbortKind, 4> abort_kind{{
    {AbortKind::fin, "fin"},
    {AbortKind::reset, "reset"},
    {AbortKind::half_close, "half-close"},
    {AbortKind::vanish, "vanish"},
}};
inline constexpr Words<action::TurnHop::How, 3> turn_hop{{
    {action::TurnHop::How::reload, "reload"},
    {action::TurnHop::How::restart, "restart"},
    {action::TurnHop::How::kill, "kill"},
}};
/// The names of a target's commands, in its file and in a scenario's actions.
inline constexpr Words<std::string_view, 4> command{{
    {"drain", "drain"},
    {"revoke", "revoke"},
    {"close", "close"},
    {"finish", "finish"},
}};
inline constexpr Words<Capability, 17> capability{{
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
    {Capability::long_poll, "long_poll"},
    {Capability::websocket, "websocket"},
}};

}  // namespace streamgauge::scenario_words
