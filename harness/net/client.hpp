// One simulated client: its connection, its parser, its policy's state. Lives on one thread.
//
//   resting -> queued -> connecting -> awaiting_head -> open ------> resting ...
//                            |               |    ^        +-> between_polls -> awaiting_head ...
//                            |               |    +--------+
//                            |               +-> reading_refusal -> resting or over
//                            +-> resting (connect failed; a TLS handshake is part of connecting)
//
// From the last three it may also go to `vanished`: nobody is there any more, but the kernel keeps
// the connection, deaf, until the end of the run or another order.
//
// It executes: what to do next is its policy's decision, what bytes mean is the parsers'. Its
// thread tells it when the socket is ready; `connection()` tells news of a socket that is closed by
// now from those that count.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/core/base/token_bucket.hpp"
#include "harness/core/history/record.hpp"
#include "harness/core/history/wire_log.hpp"
#include "harness/core/http/chunked.hpp"
#include "harness/core/http/websocket.hpp"
#include "harness/core/policy/policy.hpp"
#include "harness/core/sse/defective_parser.hpp"
#include "harness/core/sse/parser.hpp"
#include "harness/net/inflater.hpp"
#include "harness/net/place.hpp"
#include "harness/net/response_head.hpp"
#include "harness/net/stream_socket.hpp"
#include "harness/net/tls.hpp"

namespace streamgauge::net {

class PeerStateProbe;
class SwarmThread;
struct StreamEndpoint;

class Client {
 public:
  Client(SwarmThread& thread, StreamId id, std::uint16_t group);
  Client(const Client&) = delete;

  [[nodiscard]] StreamId id() const { return id_; }
  [[nodiscard]] std::uint16_t group() const { return group_; }
  [[nodiscard]] bool connected() const { return state_ >= State::awaiting_head; }
  [[nodiscard]] bool generation_is(std::uint32_t g) const { return generation_ == g; }

  /// The stream's first fact; its first connection attempt is to begin at `intended`. Later calls
  /// do nothing.
  void join(Instant now, Instant intended);
  /// A slot for connecting is free: go.
  void begin_connect(Instant now);
  /// Counts its sockets.
  [[nodiscard]] std::uint32_t connection() const { return connection_; }
  /// The socket of that connection is readable, or connected. `hung_up`: its end is in sight.
  void on_ready(bool hung_up);
  /// The deadline that it set last has come.
  void on_deadline(Instant now);

  /// The host of the place that it was sent to has been found, or (nullptr) why not.
  void on_found(std::shared_ptr<const StreamEndpoint> found, std::string_view failure);
  /// Something about the page that it stands for; `why` it ends a connection then.
  void tell(Instant now, const policy::Input& input, std::string_view why);

  void stop_reading(Instant now);
  void resume_reading(Instant now);
  /// Ends a connection on the scenario's order; nothing when there is none.
  void end_by_order(Instant now, AbortKind how, bool return_at_once);
  /// The path of an open connection goes silent; the client does not know.
  void deafen(Instant now);
  /// The end of the run: closes and stays closed.
  void shut_down(Instant now);

  /// True while the kernel is to be watched for the peer's close.
  [[nodiscard]] bool watched() const;
  bool in_watch_list = false;  // the thread's own note
  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
  /// `signalled`: poll(2) has shown a hang-up or an error on the descriptor.
  void look_for_peer(Instant now, bool signalled, PeerStateProbe& probe);

 private:
  enum class State : std::uint8_t {
    resting,
    queued,
    connecting,
    over,
    vanished,
    awaiting_head,
    reading_refusal,
    between_polls,
    open,
  };
  void try_address(Instant now);
  void try_next_address(Instant now, int error);
  void finish_connecting(Instant now);
  void on_connected(Instant now);
  void connect_failed(Instant now, std::string_view reason, bool refused);
  void call_off_connecting(Instant now, std::string_view why);
  [[nodiscard]] const StreamEndpoint& endpoint() const;
  [[nodiscard]] const Place* place() const;
  [[nodiscard]] const StreamEndpoint& reached() const;
  [[nodiscard]] bool may_resume() const;
  [[nodiscard]] bool path_is_silent(Instant now);
  void send_request(Instant now);
  void send(std::string_view request, Instant now);
  [[nodiscard]] std::string broken_by(int error) const;
  [[nodiscard]] Transport chosen_transport() const;
  [[nodiscard]] std::string_view unserved() const;
  [[nodiscard]] ssize_t write_some(std::string_view bytes);
  [[nodiscard]] ssize_t read_some(char* into, std::size_t most);
  void secure(Instant now);
  void read(bool to_the_end);
  void set_open_deadline();
  void on_open_deadline(Instant now);
  void pause_reading(Instant at);
  [[nodiscard]] bool throttled() const;

  void consume(std::string_view bytes, Instant at);
  void consume_head(std::string_view bytes, Instant at);
  [[nodiscard]] bool count_interim(std::size_t bytes, Instant at);
  void accept_head(const ResponseHead& head, std::string_view text, Instant at);
  void open_stream(Instant at);

  // client_poll.cpp
  [[nodiscard]] std::optional<Duration> answer_within() const;
  void poll_answered(Instant at);
  void poll_answered_empty(Instant at);
  void ask_again(Instant at);
  void poll_anew(Instant at, std::string_view why);

  // client_websocket.cpp
  void prepare_websocket();
  [[nodiscard]] std::string_view handshake_fault(std::string_view head) const;
  void accept_handshake(const ResponseHead& head, std::string_view text, Instant at);
  void consume_frames(std::string_view bytes, Instant at);
  void send_frame(http::WebSocketOpcode opcode, std::string_view payload, Instant at);
  void say_goodbye();

  [[nodiscard]] policy::input::Answered answered_by(const ResponseHead& head) const;
  [[nodiscard]] std::optional<HttpUrl> location_of(const ResponseHead& head) const;
  [[nodiscard]] bool follow(const ResponseHead& head, Instant at);
  [[nodiscard]] bool drops_body(int status, const policy::decision::Follow& follows) const;
  [[nodiscard]] const PolicySpec& spec() const;
  [[nodiscard]] bool has(Defect defect) const { return spec().defects.has(defect); }
  [[nodiscard]] std::optional<Duration> liveness() const;
  void consume_body(std::string_view bytes, Instant at);
  [[nodiscard]] bool feed(std::string_view piece, Instant at);
  [[nodiscard]] bool inflate(std::string_view piece, Instant at);
  [[nodiscard]] bool parse(std::string_view piece, Instant at);
  void consume_refusal(std::string_view bytes, Instant at);
  void finish_refusal(Instant at);
  void on_end_of_input(Instant at);

  void half_close(Instant now, bool return_at_once);
  void vanish(Instant now, bool return_at_once);
  void close(Instant at, Ending ending, std::string_view detail, bool abort = false);
  void close_and_go_on(Instant at, Ending ending, std::string_view detail);
  void decide(Instant at, const policy::Input& input);
  void carry_out(Instant at, const policy::Decision& decision);

  // The parser that it has: the right one, or one with defects.
  [[nodiscard]] sse::ParserStatus feed_parser(std::string_view bytes, sse::Sink& sink);
  [[nodiscard]] bool between_blocks() const;
  void end_parser(sse::Sink& sink);
  void reset_parser();
  [[nodiscard]] std::string_view last_event_id() const;
  void set_deadline(Instant at);
  void settle();
  void report(Instant at, const Fact& fact);
  void keep_wire(Instant at, WireChunk::Kind kind, std::string_view bytes);

  // What is needed only until the stream is open, or when it is refused.
  struct Refusal {
    policy::input::Answered answered;
    std::string why;
    std::string body;
  };

  /// What few clients have at any time; made when it is needed.
  struct Rare {
    std::optional<Place> here;      // where this connection goes instead of its endpoint
    std::optional<Place> kept;      // where all go from now on: a permanent redirect
    std::uint32_t redirects = 0;    // followed in a row
    std::size_t interim_bytes = 0;  // of 1xx responses on this connection
    std::optional<sse::DefectiveParser> parser;
  };
  Rare& rare();
  struct WebSocket {
    http::WebSocketReader reader{false};
    std::string key;
  };

  SwarmThread& thread_;
  StreamSocket socket_;
  sse::Parser parser_;
  http::ChunkedDecoder chunked_;
  std::uint64_t length_left_ = 0;
  policy::PolicyState policy_;
  TokenBucket bucket_;
  Instant intended_{};
  Instant began_{};                    // the attempt, then the request
  std::unique_ptr<std::string> head_;  // a response head that came in pieces
  std::unique_ptr<Refusal> refusal_;
  std::unique_ptr<std::string> unsent_;  // the rest of a request that the socket did not take
  std::unique_ptr<Inflater> inflater_;   // of a body that comes compressed
  std::unique_ptr<Rare> rare_;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<WebSocket> websocket_;
  Instant last_byte_at_{};  // valid while the stream is open
  StreamId id_;
  std::uint32_t attempt_ = 0;
  std::uint32_t connection_ = 0;
  std::uint32_t generation_ = 0;  // of the deadline that counts
  std::uint16_t group_;
  std::uint16_t stalls_met_ = 0;  // connections that met the group's `stall`
  std::uint16_t endpoint_ = 0;    // of the thread's, where this connection goes
  State state_ = State::resting;
  Transport transport_ = Transport::sse;  // of this connection
  Framing framing_ = Framing::until_close;
  std::uint8_t address_ = 0;
  bool stop_ordered_ = false;   // the group is told not to read
  bool stop_reported_ = false;  // ReadingStopped is in the records of this connection
  bool peer_gone_ = false;
  bool settled_ = false;
  bool joined_ = false;
  bool following_ = false;         // the next connection is where a redirect leads
  bool heard_ = false;             // a byte of this connection's body has come
  bool opened_ = false;            // this connection counts as an open stream
  bool brought_ = false;           // the answer to this poll holds an event
  bool keeps_connection_ = false;  // the next poll may go out on it
  bool to_fallback_ = false;       // this connection goes to the fallback address
  bool deaf_ = false;              // nothing arrives on this connection any more
  bool stalls_on_bytes_ = false;   // it falls silent behind the first bytes of its body
  bool half_closed_ = false;       // we have ended our side of this connection
  bool returns_at_once_ = false;   // and are back as soon as the target has ended its own
};

}  // namespace streamgauge::net
