// A target file: how to reach (and perhaps start) a server, how to publish, what it can do.
//
// Texts may hold {placeholders}: {port} {admin_port} {dir} {build} {prefix} {contract_file}
// {time_scale} {flaw_args} {epoch} {token} {revocable_token} when spawning; {channel} {data}
// {event} {id} {class} {key} {user} {token} when publishing; {channel} {id} {user} {token} when
// subscribing, generating and in commands. {epoch} is the same for two instances that run side by
// side, and another one after each restart. An unknown placeholder is an error when the file is
// read. {prefix} is the root folder under which the program was found: empty for the system's own,
// else where packages were unpacked, so that "{prefix}/usr/lib/..." holds either way. {flaw_args}
// stands alone as an argument and becomes several, or none.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/base/time.hpp"

namespace streamgauge {

/// What checks may need of a target. Missing ones make a check `skip`, naming the capability.
enum class Capability : std::uint8_t {
  publish,        // the harness can publish: a template is given
  channels,       // more than one channel
  resume,         // honours Last-Event-ID
  critical,       // tells critical messages from others ({class} in the template)
  event_type,     // the publisher may set the event's type ({event} in the template)
  local_process,  // on this machine, its process tree known: memory, descriptors, signals
  identity,       // streams have ids ({id} in events_path)
  users,          // and users ({user})
  auth,           // and tokens ({token} in events_path or events_headers)
  generate,       // answers a request with a stream of tokens
  drain,          // can be told to stop in order: spawned, or a `drain` command
  revoke,         // a command of that name: takes {token} away
  close,          // likewise: ends the stream of {id}, or all of {channel}, on purpose
  finish,         // likewise: {channel} is complete
  shared_ids,     // two instances that are published the same hand out the same ids
  long_poll,      // hands its messages out to polls, too: `poll_path`
  websocket,      // and over WebSocket: `websocket_path`
};
[[nodiscard]] std::string_view to_string(Capability capability);

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct PublishTemplate {
  std::string method = "POST";
  std::string path;
  HeaderList headers;
  std::string body = "{data}";
  std::string normal_class = "normal";  // what {class} becomes
  std::string critical_class = "critical";
};

/// A request that the target takes beside publications.
struct CommandSpec {
  std::string method = "POST";
  std::string path;
  HeaderList headers;
  std::string body;
  bool admin = false;  // on {admin_port}
};

/// What clients show; see Credential.
struct TokenTexts {
  std::string valid = "valid-token";
  std::string wrong = "wrong-token";
  std::string revocable = "revocable-token";
};

struct SpawnSpec {
  std::string program;  // found on PATH, or a path
  std::vector<std::string> args;
  std::map<std::string, std::string> files;  // written into {dir} before the start
  std::map<std::string, std::string> environment;
  std::vector<std::string> packages;  // Debian packages that bring the program
  std::string ready_path = "/";       // answered with any status: ready
  Duration ready_within = std::chrono::seconds{10};
  int stop_signal = 15;
  Duration stop_within = std::chrono::seconds{5};
  std::string user;                  // root starts it as that user; empty, or not root: as oneself
  std::optional<int> reload_signal;  // proxies: makes it take its configuration again
  std::vector<std::string> version_args;  // print its version
};

/// How an https URL is spoken to.
struct TlsTerms {
  std::string ca_file;      // PEM; empty: the system's authorities
  std::string server_name;  // for SNI and the certificate's name; empty: the URL's host
  bool insecure = false;    // any certificate will do
  friend bool operator==(const TlsTerms&, const TlsTerms&) = default;
};

struct TargetSpec {
  std::string name;
  std::string description;
  std::string file;
  std::string contract;  // name of the contract it claims; empty: "standard"
  std::optional<SpawnSpec> spawn;
  std::string url;                   // "http://127.0.0.1:{port}"
  std::string events_path = "/";     // "/events?channel={channel}"
  HeaderList events_headers;         // of polls and WebSocket handshakes, too
  std::string poll_path;             // "/poll?channel={channel}"; empty: there is none
  std::string websocket_path;        // "/ws?channel={channel}"; likewise
  std::vector<std::string> mirrors;  // URLs beside `url`, for a client's first connection only
  TlsTerms tls;
  std::optional<PublishTemplate> publish;
  std::map<std::string, CommandSpec> commands;  // drain, revoke, close, finish
  std::optional<CommandSpec> generate;          // never on the admin port
  TokenTexts tokens;
  std::vector<Capability> capabilities;  // as named; most follow from the above: ask has()
  std::vector<std::string> skip_checks;  // "id: reason" the target's author states
  double time_scale = 1.0;               // default for this target; --time-scale overrides
  bool scales = false;                   // the target honours {time_scale}
};

[[nodiscard]] bool has(const TargetSpec& target, Capability capability);

/// Replaces {name} by its value; text in values is not expanded again. Unknown names stay as they
/// are (loading has refused them).
[[nodiscard]] std::string expand(std::string_view text,
                                 const std::map<std::string, std::string>& values);

}  // namespace streamgauge
