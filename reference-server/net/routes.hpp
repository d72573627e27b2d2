// What is answered to which request. Knows nothing of sockets and of the HTTP library.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "reference-server/core/generation.hpp"
#include "reference-server/core/query.hpp"
#include "reference-server/net/context.hpp"

namespace streamgauge::server {

enum class Method : std::uint8_t { get, head, post, other };

struct Request {
  Method method = Method::other;
  std::string_view target;
  std::string_view last_event_id;  // the header; empty: none
  std::string_view authorization;  // likewise
  std::string_view websocket_key;  // of a proper handshake; empty: it is none
  bool accepts_gzip = false;       // known by Flaw::compressed_without_flush only
  std::string_view body;
};

struct Answer {
  unsigned status = 200;
  std::string body;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string headers;      // further lines, each ended by CRLF
  bool then_drain = false;  // after it has been sent
};
/// The connection is to become a stream.
struct OpenStream {
  std::string channel;
  StreamIdentity identity;
  std::optional<std::string> last_event_id;
  bool accepts_gzip = false;
  std::string websocket_key = {};  // not empty: it is to become a WebSocket
};
/// A long-poll: answered with what its channel has for it, or has when something comes.
struct OpenPoll {
  std::string channel;
  StreamIdentity identity;
  std::optional<std::string> last_event_id;
};
/// A publication is to be sequenced; that may have to wait, so the connection does it.
struct Publish {
  std::string channel;
  Publication publication;
};

/// The connection is to become a stream of tokens.
struct OpenAnswer {
  StreamIdentity identity;
  GenerationRequest request;
};

using Routed = std::variant<Answer, OpenStream, OpenPoll, OpenAnswer, Publish>;

[[nodiscard]] Routed route_service(const Request& request, Context& context);
[[nodiscard]] Routed route_admin(const Request& request, Context& context);

[[nodiscard]] Answer published_answer(const Result<Published>& published);
[[nodiscard]] Answer refusal_answer(Directory::Refusal refusal, Context& context);
[[nodiscard]] Answer draining_answer(Context& context);

/// The bytes of an answer.
[[nodiscard]] std::string render(const Answer& answer, bool keep_alive, bool head_only);

}  // namespace streamgauge::server
