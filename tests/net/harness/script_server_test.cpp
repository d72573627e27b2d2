#include "harness/net/script_server.hpp"

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "harness/net/clock.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using namespace client_case;

/// A client of plain POSIX calls.
class RawClient {
 public:
  explicit RawClient(const std::string& url) {
    const auto colon = url.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int made = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to);
    error_ = made == 0 ? 0 : errno;
  }
  ~RawClient() { ::close(descriptor_); }
  RawClient(const RawClient&) = delete;

  [[nodiscard]] int error() const { return error_; }
  void send(std::string_view text) const {
    (void)!::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  void ask() const { send("GET /stream HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 7\r\n\r\n"); }
  /// Until the text ends with `tail`, or the connection.
  [[nodiscard]] std::string read_until(std::string_view tail) const {
    std::string text;
    char byte = 0;
    while (!std::string_view(text).ends_with(tail) && ::recv(descriptor_, &byte, 1, 0) == 1) {
      text += byte;
    }
    return text;
  }
  [[nodiscard]] std::string read_to_end() const {
    std::string text;
    char byte = 0;
    while (::recv(descriptor_, &byte, 1, 0) == 1) text += byte;
    return text;
  }

 private:
  int descriptor_ = -1;
  int error_ = 0;
};

template <class Kind>
const Kind* first(const std::vector<Observation>& log) {
  for (const Observation& entry : log) {
    if (const auto* what = std::get_if<Kind>(&entry.what)) return what;
  }
  return nullptr;
}

struct Played {
  explicit Played(Script script) {
    auto made = server.stage(script, log);
    EXPECT_TRUE(made);
    stage = std::move(*made);
    stage->open();
  }
  template <class Kind>
  bool sees() {
    return log->wait([](const auto& entries) { return first<Kind>(entries) != nullptr; },
                     now() + 10s);
  }
  std::string origin() const { return stage->url().substr(0, stage->url().rfind('/')); }

  ScriptServer server;
  std::shared_ptr<ObservationLog> log = std::make_shared<ObservationLog>();
  std::unique_ptr<Stage> stage;
};

TEST(ScriptServer, PlaysAReplyByteForByteAndNotesTheRequest) {
  Played played({{Answer().send("data: a\n\n").end()}, {}});
  const RawClient client(played.origin());
  client.ask();
  EXPECT_THAT(client.read_to_end(), testing::EndsWith("\r\n\r\n9\r\ndata: a\n\n\r\n0\r\n\r\n"));
  ASSERT_TRUE(played.sees<seen::Ended>());
  const auto entries = played.log->entries();
  const auto* request = first<seen::Requested>(entries);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->target, "/stream");
  EXPECT_EQ(request->field("last-event-id"), "7");
  EXPECT_THAT(played.stage->wire(), testing::HasSubstr("#1 < GET /stream"));
  EXPECT_THAT(played.stage->wire(), testing::HasSubstr("#1 - FIN"));
}

TEST(ScriptServer, TheNthRequestGetsTheNthReplyAndLaterOnesTheLast) {
  Played played({{refusal(404), Answer().send("two").end()}, {}});
  for (const char* expected : {"404", "200", "200"}) {
    const RawClient client(played.origin());
    client.ask();
    EXPECT_THAT(client.read_to_end(), testing::StartsWith("HTTP/1.1 " + std::string(expected)));
  }
}

TEST(ScriptServer, FillsInItsOwnAddresses) {
  Played played({{redirect(302, "{origin}/a"), redirect(302, "{elsewhere}/b")}, {}});
  const RawClient client(played.origin());
  client.ask();
  EXPECT_THAT(client.read_to_end(), testing::HasSubstr("Location: " + played.origin() + "/a\r\n"));
  const RawClient again(played.origin());
  again.ask();
  const std::string text = again.read_to_end();
  EXPECT_THAT(text, testing::HasSubstr("Location: http://127.0.0.1:"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr(played.origin())));
}

TEST(ScriptServer, NotesWhoLeavesAHeldConnectionAndHowMuchItWasSent) {
  Played played({{Answer().raw("12345").hold()}, {}});
  {
    const RawClient client(played.origin());
    client.ask();
    EXPECT_EQ(client.read_until("5"), "12345");
    ASSERT_TRUE(played.sees<seen::Held>());
  }
  ASSERT_TRUE(played.sees<seen::Left>());
  const auto entries = played.log->entries();
  EXPECT_EQ(first<seen::Left>(entries)->bytes, 5u);
}

TEST(ScriptServer, AFloodEndsWithItsReader) {
  Played played({{Answer().flood(std::string(65536, 'x'), std::uint64_t{1} << 40).hold()}, {}});
  {
    const RawClient client(played.origin());
    client.ask();
    (void)client.read_until("xxxxxxxxxxxxxxxx");
  }
  EXPECT_TRUE(played.sees<seen::Left>());
}

TEST(ScriptServer, RefusesConnectionsForAsLongAsTheScriptSays) {
  Played played({{Answer().send("late").end()}, 200ms});
  EXPECT_EQ(RawClient(played.origin()).error(), ECONNREFUSED);
  const Instant deadline = now() + 10s;
  while (RawClient(played.origin()).error() != 0 && now() < deadline) ::usleep(10'000);
  const RawClient client(played.origin());
  EXPECT_EQ(client.error(), 0);
  client.ask();
  EXPECT_THAT(client.read_to_end(), testing::HasSubstr("late"));
}

TEST(ScriptServer, AStageThatIsGoneEndsItsConnections) {
  Played played({{Answer().send("data: a\n\n").hold()}, {}});
  const RawClient client(played.origin());
  client.ask();
  (void)client.read_until("data: a\n\n\r\n");
  played.stage.reset();
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(ObservationLog, IsBoundedAndSaysSoOnce) {
  ObservationLog log;
  const std::string big(30u << 20, 'x');
  for (int i = 0; i < 4; ++i) log.add(seen::Event{"message", big, ""});
  const auto entries = log.entries();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<seen::Gone>(entries.back().what));
}

}  // namespace
}  // namespace streamgauge::net
