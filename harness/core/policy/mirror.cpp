// Mirrors are for a client's first connection: one that reaches nobody, or an answer that may be
// another at the next server, leads to the next of the list at once. After the whole list it waits
// as its policy says and begins with its own address again. Once a stream has opened, the client
// stays where it is: a stream that ends is no reason to leave the server.
#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {
namespace {

bool reached_nobody(const Input& input) {
  if (std::holds_alternative<input::ConnectFailed>(input)) return true;
  if (std::holds_alternative<input::Ended>(input)) return true;
  const auto* answered = std::get_if<input::Answered>(&input);
  return answered != nullptr && answered->status >= 500;
}

}  // namespace

bool try_mirror(PolicyState& state, const Input& input) {
  if (state.mirrors == 0 || state.ever_opened || state.on_fallback) return false;
  if (!reached_nobody(input)) return false;
  state.mirror =
      state.mirror < state.mirrors ? static_cast<std::uint8_t>(state.mirror + 1) : std::uint8_t{0};
  return state.mirror != 0;
}

}  // namespace streamgauge::policy
