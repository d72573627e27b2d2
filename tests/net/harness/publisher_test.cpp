#include "harness/net/publisher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/core/check/probes.hpp"
#include "harness/core/sse/envelope.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/publish_request.hpp"
#include "harness/net/publish_schedule.hpp"
#include "tests/net/harness/eventually.hpp"
#include "tests/net/harness/scripted_http_server.hpp"

namespace streamgauge::net {
namespace {

using namespace std::chrono_literals;
using sse::EnvelopeKind;
using testing::HasSubstr;
using testing::Not;

// --- when ------------------------------------------------------------------------------------

Publication at_rate(double events_per_s, std::uint16_t channel = 0) {
  Publication publication;
  publication.channel_index = channel;
  publication.events_per_s = events_per_s;
  return publication;
}

constexpr Instant t0 = instant_from_ns(1'000'000'000);

TEST(PublishSchedule, times_come_from_the_rate_alone_and_do_not_drift) {
  PublishSchedule schedule(at_rate(3), t0);
  for (int i = 0; i < 3'000'000; ++i) schedule.take();
  EXPECT_EQ(schedule.next(), t0 + 1'000'000s);
}

TEST(PublishSchedule, counts_what_is_due_at_below_and_above_each_time) {
  for (const double rate : {0.1, 1.0, 3.0, 7.0, 1000.0, 33333.0}) {
    PublishSchedule schedule(at_rate(rate), t0);
    for (std::uint64_t n = 0; n < 1000; ++n) {
      const auto at = *schedule.next();
      ASSERT_EQ(schedule.due(at - 1ns), n) << rate;
      ASSERT_EQ(schedule.due(at), n + 1) << rate;
      ASSERT_EQ(schedule.due(at + 1ns), n + 1) << rate;
      schedule.take();
    }
  }
}

TEST(PublishSchedule, owes_what_was_intended_before_its_end_and_no_more) {
  for (const auto& [end, events] : std::vector<std::pair<Duration, std::uint64_t>>{
           {0ns, 0}, {1ns, 1}, {100ms, 1}, {100ms + 1ns, 2}, {1s, 10}}) {
    PublishSchedule schedule(at_rate(10), t0);
    schedule.stop_at(t0 + end);
    EXPECT_EQ(schedule.due(t0 + 1h), events);
    std::uint64_t taken = 0;
    while (schedule.next()) {
      schedule.take();
      ++taken;
    }
    EXPECT_EQ(taken, events);
  }
}

TEST(PublishSchedule, publishes_nothing_at_no_rate) {
  for (const double rate : {0.0, -1.0}) {
    PublishSchedule schedule(at_rate(rate), t0);
    EXPECT_EQ(schedule.next(), std::nullopt);
    EXPECT_EQ(schedule.due(t0 + 1h), 0u);
  }
}

TEST(PublishSchedule, makes_each_nth_event_critical) {
  auto publication = at_rate(1);
  std::string kinds;
  publication.critical_every = 3;
  PublishSchedule schedule(publication, t0);
  for (int i = 0; i < 7; ++i) kinds += schedule.take() ? 'c' : 'n';
  EXPECT_EQ(kinds, "nncnncn");
  PublishSchedule plain(at_rate(1), t0);
  EXPECT_FALSE(plain.take());
}

// --- what ------------------------------------------------------------------------------------

TEST(PublishRequest, encodes_each_value_for_its_place) {
  PublishTemplate publish;
  publish.method = "PUT";
  publish.path = "/p/{channel}?e={event}&c={class}";
  publish.headers = {{"X-Channel", "{channel}"}, {"X-Event", "{event}"}};
  const PublishValues values{"a/b c?\xC3\xBC", "d&\n", "t=1", "id", "critical", "key"};
  EXPECT_EQ(publish_request(publish, "h:1", values),
            "PUT /p/a%2Fb%20c%3F%C3%BC?e=t%3D1&c=critical HTTP/1.1\r\nHost: h:1\r\n"
            "User-Agent: streamgauge\r\nContent-Length: 3\r\nX-Channel: a/b c?\xC3\xBC\r\n"
            "X-Event: t=1\r\n\r\nd&\n");
}

TEST(PublishRequest, encodes_a_body_as_its_content_type_demands) {
  const PublishValues values{"c", "a \"b\"\n\\&=", "", "", "", ""};
  for (const auto& [type, body, expected] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"text/plain", "{data}", "a \"b\"\n\\&="},
           {"application/json; charset=utf-8", "{\"data\":\"{data}\"}",
            "{\"data\":\"a \\\"b\\\"\\n\\\\&=\"}"},
           {"application/vnd.x+json", "[\"{data}\"]", "[\"a \\\"b\\\"\\n\\\\&=\"]"},
           {"application/x-www-form-urlencoded", "topic={channel}&data={data}",
            "topic=c&data=a%20%22b%22%0A%5C%26%3D"}}) {
    PublishTemplate publish;
    publish.headers = {{"content-type", type}};
    publish.body = body;
    const auto request = publish_request(publish, "h", values);
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->ends_with("\r\n\r\n" + expected)) << *request;
  }
}

TEST(PublishRequest, leaves_out_a_header_without_a_value) {
  PublishTemplate publish;
  publish.headers = {{"X-Event", "{event}"}, {"X-Empty", ""}, {"X-Class", "{class}"}};
  const auto request = publish_request(publish, "h", {"c", "d", "", "", "normal", ""});
  ASSERT_TRUE(request);
  EXPECT_THAT(*request, Not(HasSubstr("X-Event")));
  EXPECT_THAT(*request, HasSubstr("X-Empty: \r\nX-Class: normal\r\n"));
}

TEST(PublishRequest, refuses_line_breaks_in_a_header_but_not_elsewhere) {
  PublishTemplate publish;
  publish.path = "/{event}";
  publish.body = "{event}";
  for (const std::string_view bad : {"a\nb", "a\rb", "a\r\n"}) {
    publish.headers.clear();
    EXPECT_TRUE(publish_request(publish, "h", {"c", "d", bad, "", "", ""}));
    publish.headers = {{"X", "{event}"}};
    EXPECT_FALSE(publish_request(publish, "h", {"c", "d", bad, "", "", ""}));
  }
  EXPECT_FALSE(publish_request(publish, "h", {"c", "d", std::string_view("\0", 1), "", "", ""}));
}

// --- the publisher ---------------------------------------------------------------------------

class Published final : public RecordSink {
 public:
  void on(const Record& record) override {
    const std::lock_guard lock(mutex_);
    if (const auto* fact = std::get_if<fact::Published>(&record.fact)) facts_.push_back(*fact);
    if (!thread_) thread_ = std::this_thread::get_id();
    one_thread_ &= thread_ == std::this_thread::get_id();
  }
  std::vector<fact::Published> facts() const {
    const std::lock_guard lock(mutex_);
    return facts_;
  }
  std::size_t count() const { return facts().size(); }
  bool on_one_thread_of_its_own() const {
    const std::lock_guard lock(mutex_);
    return one_thread_ && thread_ != std::this_thread::get_id();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<fact::Published> facts_;
  std::optional<std::thread::id> thread_;
  bool one_thread_ = true;
};

/// What a server received, in the order of arrival.
class Received {
 public:
  void add(const std::string& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
};

std::string body_of(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

struct PublisherTest : testing::Test {
  PublisherTest() {
    scenario.channels = {"a", "b", "c"};
    publish.path = "/publish?channel={channel}&class={class}";
  }
  PublisherConfig config(const ScriptedHttpServer& server) {
    return config(server.addresses(), server.host());
  }
  PublisherConfig config(std::vector<boost::asio::ip::tcp::endpoint> addresses, std::string host) {
    PublisherConfig result;
    result.scenario = &scenario;
    result.endpoint.addresses = std::move(addresses);
    result.endpoint.host = std::move(host);
    result.publish = publish;
    result.sink = &sink;
    result.run = 42;
    result.answer_within = 60s;
    return result;
  }
  bool recorded(std::size_t count) {
    return eventually([&] { return sink.count() >= count; });
  }
  ScriptedHttpServer::Script accepting() {
    return [this](HttpConversation& c) {
      while (const auto request = c.request()) {
        received.add(*request);
        c.answer(201);
      }
    };
  }

  Scenario scenario;
  PublishTemplate publish;
  Published sink;
  Received received;
};

TEST_F(PublisherTest, sends_enveloped_events_at_intended_times_in_order) {
  ScriptedHttpServer server(accepting());
  auto publication = at_rate(500, 1);
  publication.size_bytes = 300;
  publication.critical_every = 4;
  const auto begin = now();
  Publisher publisher(config(server));
  publisher.start();
  publisher.set({publication});
  ASSERT_TRUE(recorded(20));
  publisher.set({});
  ASSERT_TRUE(publisher.drain(60s));
  publisher.stop();

  EXPECT_TRUE(sink.on_one_thread_of_its_own());
  EXPECT_EQ(server.connections(), 1u) << "one keep-alive connection for the channel";
  const auto facts = sink.facts();
  const auto requests = received.requests();
  ASSERT_EQ(facts.size(), requests.size());
  std::optional<Instant> before;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const auto kind = (i + 1) % 4 == 0 ? EnvelopeKind::critical : EnvelopeKind::normal;
    EXPECT_EQ(facts[i].seq, i + 1);
    EXPECT_EQ(facts[i].channel, 1);
    EXPECT_EQ(facts[i].status, 201);
    EXPECT_EQ(facts[i].bytes, 300u);
    EXPECT_EQ(facts[i].kind, kind);
    EXPECT_GE(facts[i].intended, begin);
    EXPECT_GE(facts[i].late, 0ns);
    EXPECT_GT(facts[i].took, 0ns);
    if (before) {
      EXPECT_EQ(facts[i].intended - *before, 2ms) << "never rescheduled";
    }
    before = facts[i].intended;
    EXPECT_THAT(requests[i],
                testing::StartsWith(std::string("POST /publish?channel=b&class=") +
                                    (kind == EnvelopeKind::critical ? "critical" : "normal") +
                                    " HTTP/1.1\r\n"));
    const auto envelope = sse::parse_envelope(body_of(requests[i]));
    ASSERT_TRUE(envelope);
    EXPECT_EQ(*envelope, (sse::Envelope{42, 1, i + 1, facts[i].intended, kind}));
  }
}

TEST_F(PublisherTest, counts_each_channel_by_itself_and_spreads_their_phases) {
  ScriptedHttpServer server(accepting());
  Publisher publisher(config(server));
  publisher.start();
  publisher.set({at_rate(100, 0), at_rate(100, 1)});
  ASSERT_TRUE(recorded(10));
  publisher.stop();
  EXPECT_EQ(server.connections(), 2u);
  std::array<std::uint64_t, 2> last{};
  std::array<std::optional<Instant>, 2> first;
  for (const auto& fact : sink.facts()) {
    if (!first.at(fact.channel)) first.at(fact.channel) = fact.intended;
    EXPECT_EQ(fact.seq, ++last.at(fact.channel));
  }
  ASSERT_TRUE(first[0] && first[1]);
  EXPECT_EQ(*first[1] - *first[0], 5ms);
}

TEST_F(PublisherTest, goes_on_with_the_sequence_when_publications_are_replaced) {
  ScriptedHttpServer server(accepting());
  Publisher publisher(config(server));
  publisher.start();
  publisher.set({at_rate(1000)});
  ASSERT_TRUE(recorded(3));
  publisher.set({at_rate(500)});
  ASSERT_TRUE(recorded(sink.count() + 3));
  publisher.set({});
  ASSERT_TRUE(publisher.drain(60s));
  const auto status = publisher.status();
  publisher.stop();
  std::uint64_t seq = 0;
  for (const auto& fact : sink.facts()) EXPECT_EQ(fact.seq, ++seq);
  EXPECT_EQ(status.due, seq);
  EXPECT_EQ(status.published, seq);
  EXPECT_EQ(status.failed, 0u);
}

TEST_F(PublisherTest, charges_a_slow_answer_to_the_events_behind_it) {
  std::atomic<bool> first{true};
  ScriptedHttpServer server([&](HttpConversation& c) {
    while (c.request()) {
      if (first.exchange(false)) std::this_thread::sleep_for(100ms);
      c.answer(200);
    }
  });
  Publisher publisher(config(server));
  publisher.start();
  publisher.set({at_rate(1000)});
  ASSERT_TRUE(recorded(150));
  publisher.set({});
  ASSERT_TRUE(publisher.drain(60s));
  const auto status = publisher.status();
  publisher.stop();
  const auto facts = sink.facts();
  EXPECT_GE(facts[0].took, 100ms);
  EXPECT_GE(facts[1].late, 90ms) << "intended 1 ms after the first";
  EXPECT_GE(status.worst_late, facts[1].late);
  for (std::size_t i = 1; i < facts.size(); ++i) {
    EXPECT_EQ(facts[i].intended - facts[i - 1].intended, 1ms);
  }
}

TEST_F(PublisherTest, records_what_the_server_answers) {
  ScriptedHttpServer server([](HttpConversation& c) {
    for (int i = 0; c.request(); ++i) c.answer(i % 2 == 0 ? 500 : 204);
  });
  Publisher publisher(config(server));
  publisher.start();
  publisher.set({at_rate(200)});
  ASSERT_TRUE(recorded(6));
  publisher.set({});
  ASSERT_TRUE(publisher.drain(60s));
  const auto status = publisher.status();
  publisher.stop();
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(sink.facts()[0].status, 500);
  EXPECT_EQ(sink.facts()[1].status, 204);
  EXPECT_EQ(status.published + status.failed, status.due);
  EXPECT_EQ(status.published, status.due / 2);
}

TEST_F(PublisherTest, connects_anew_when_the_server_closes_after_each_answer) {
  for (const std::string_view answer :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nno length"}) {
    Published own;
    ScriptedHttpServer server([&](HttpConversation& c) {
      if (c.request()) c.send(answer);
    });
    auto wanted = config(server);
    wanted.sink = &own;
    Publisher publisher(std::move(wanted));
    publisher.start();
    publisher.set({at_rate(200)});
    ASSERT_TRUE(eventually([&] { return own.count() >= 5; }));
    publisher.stop();
    const auto facts = own.facts();
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(facts[i].status, 200) << answer;
    EXPECT_GE(server.connections(), 5u);
  }
}

TEST_F(PublisherTest, does_not_wait_for_an_answer_without_length_to_end) {
  ScriptedHttpServer server([](HttpConversation& c) {
    if (!c.request()) return;
    c.send("HTTP/1.1 200 OK\r\n\r\n");
    c.hold();
  });
  Publisher publisher(config(server));
  publisher.start();
  publisher.set({at_rate(200)});
  EXPECT_TRUE(recorded(3));
}

TEST_F(PublisherTest, replaces_an_idle_connection_that_the_server_has_closed) {
  std::atomic<bool> closed{false};
  ScriptedHttpServer server([&](HttpConversation& c) {
    if (!c.request()) return;
    c.answer(200);
    if (c.number() == 0) closed = true;
    if (c.number() > 0) c.hold();
  });
  Publisher publisher(config(server));
  publisher.start();
  publisher.set({at_rate(5)});
  ASSERT_TRUE(recorded(1));
  ASSERT_TRUE(eventually([&] { return closed.load(); }));
  ASSERT_TRUE(recorded(2));  // 200 ms later
  EXPECT_EQ(sink.facts()[1].status, 200);
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(PublisherTest, records_status_0_for_no_answer_and_takes_another_connection) {
  ScriptedHttpServer server([](HttpConversation& c) {
    if (c.number() == 0) return c.hold();
    while (c.request()) c.answer(200);
  });
  auto wanted = config(server);
  wanted.answer_within = 50ms;
  Publisher publisher(std::move(wanted));
  publisher.start();
  publisher.set({at_rate(1000)});
  ASSERT_TRUE(eventually([&] { return publisher.status().published >= 3; }));
  publisher.stop();
  const auto facts = sink.facts();
  EXPECT_EQ(facts[0].status, 0);
  EXPECT_EQ(facts[0].seq, 1u);
  EXPECT_GE(facts[0].took, 50ms);
  for (std::size_t i = 0; i < facts.size(); ++i) EXPECT_EQ(facts[i].seq, i + 1);
}

TEST_F(PublisherTest, bounds_the_time_of_an_answer_that_never_ends) {
  ScriptedHttpServer server([](HttpConversation& c) {
    if (!c.request()) return;
    c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf");
    c.hold();
  });
  auto wanted = config(server);
  wanted.answer_within = 50ms;
  Publisher publisher(std::move(wanted));
  publisher.start();
  publisher.set({at_rate(1000)});
  ASSERT_TRUE(recorded(2));
  EXPECT_EQ(sink.facts()[0].status, 200) << "its head was an answer";
  EXPECT_GE(server.connections(), 2u);
}

TEST_F(PublisherTest, tries_a_refusing_target_again_and_spends_one_number_an_attempt) {
  const RefusingPort refusing;
  Publisher publisher(config(refusing.addresses(), "h"));
  publisher.start();
  const auto begin = now();
  publisher.set({at_rate(1000)});
  ASSERT_TRUE(recorded(4));
  const auto took = now() - begin;
  const auto status = publisher.status();
  publisher.stop();
  const auto facts = sink.facts();
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(facts[i].status, 0);
    EXPECT_EQ(facts[i].seq, i + 1);
    EXPECT_EQ(facts[i].intended - facts[0].intended, i * 1ms);
  }
  EXPECT_GE(took, 300ms) << "100 ms between attempts";
  EXPECT_GE(status.due, 300u) << "what waits is owed";
  EXPECT_EQ(status.published, 0u);
}

TEST_F(PublisherTest, survives_a_server_that_breaks_each_connection) {
  for (const bool abort : {false, true}) {
    Published own;
    ScriptedHttpServer server([&](HttpConversation& c) {
      (void)c.request();
      if (abort) c.abort_at_close();
    });
    auto wanted = config(server);
    wanted.sink = &own;
    Publisher publisher(std::move(wanted));
    publisher.start();
    publisher.set({at_rate(1000)});
    ASSERT_TRUE(eventually([&] { return own.count() >= 3; }));
    EXPECT_EQ(own.facts()[2].status, 0);
    EXPECT_EQ(own.facts()[2].seq, 3u);
  }
}

TEST_F(PublisherTest, drains_only_when_all_that_was_due_is_answered) {
  std::mutex mutex;
  std::condition_variable opened;
  bool open = false;
  ScriptedHttpServer server([&](HttpConversation& c) {
    while (c.request()) {
      std::unique_lock lock(mutex);
      opened.wait(lock, [&] { return open; });
      c.answer(200);
    }
  });
  Publisher publisher(config(server));
  EXPECT_TRUE(publisher.drain(0s)) << "nothing is owed";
  publisher.start();
  publisher.set({at_rate(1000)});
  ASSERT_TRUE(eventually([&] { return publisher.status().due >= 10; }));
  EXPECT_FALSE(publisher.drain(20ms));
  {
    const std::lock_guard lock(mutex);
    open = true;
    opened.notify_all();
  }
  const auto due = publisher.status().due;
  EXPECT_TRUE(publisher.drain(60s)) << "while later events keep coming";
  EXPECT_GE(publisher.status().published, due);
}

TEST_F(PublisherTest, publishes_the_probes_in_order_among_other_events) {
  publish.path = "/publish?event={event}";
  ScriptedHttpServer server(accepting());
  Publisher publisher(config(server));
  publisher.start();
  publisher.set({at_rate(1000)});
  publisher.publish_probes(0);
  ASSERT_TRUE(publisher.drain(60s));
  publisher.set({});
  ASSERT_TRUE(publisher.drain(60s));
  publisher.stop();

  const auto facts = sink.facts();
  const auto requests = received.requests();
  ASSERT_EQ(facts.size(), requests.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    EXPECT_EQ(facts[i].seq, i + 1) << "one sequence with the ordinary events";
    if (facts[i].kind != EnvelopeKind::probe) continue;
    const auto& probe = wire_probes()[next++];
    std::string expected;
    sse::append_envelope(expected, {42, 0, i + 1, facts[i].intended, EnvelopeKind::probe});
    expected += probe.tail;
    EXPECT_EQ(body_of(requests[i]), expected) << probe.name;
    EXPECT_EQ(facts[i].bytes, expected.size());
    EXPECT_EQ(facts[i].late, 0ns);
  }
  EXPECT_EQ(next, wire_probes().size());
}

TEST_F(PublisherTest, says_of_a_probe_that_no_header_can_carry_that_it_was_not_sent) {
  publish.headers = {{"X-Event", "{event}"}};
  ScriptedHttpServer server(accepting());
  Publisher publisher(config(server));
  publisher.start();
  publisher.publish_probes(2);
  ASSERT_TRUE(publisher.drain(60s));
  const auto status = publisher.status();
  publisher.stop();

  const auto facts = sink.facts();
  ASSERT_EQ(facts.size(), wire_probes().size());
  std::uint64_t seq = 0;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const bool sent = !wire_probes()[i].refusal_ok;
    EXPECT_EQ(facts[i].seq, sent ? ++seq : 0) << wire_probes()[i].name;
    EXPECT_EQ(facts[i].status, sent ? 201 : 0);
    EXPECT_EQ(facts[i].bytes == 0, !sent);
    EXPECT_EQ(facts[i].kind, EnvelopeKind::probe);
  }
  EXPECT_EQ(received.requests().size(), seq);
  EXPECT_EQ(status.failed, 0u);
  EXPECT_EQ(status.due, seq);
}

TEST_F(PublisherTest, tells_its_sink_on_its_own_thread) {
  ScriptedHttpServer server(accepting());
  Publisher publisher(config(server));
  publisher.start();
  for (int i = 0; i < 3; ++i) {
    publisher.tell_sink([](RecordSink& to) { to.on({Instant{}, no_stream, fact::PhaseBegan{}}); });
  }
  publisher.set({at_rate(1000)});
  ASSERT_TRUE(recorded(1));
  publisher.stop();
  EXPECT_TRUE(sink.on_one_thread_of_its_own());
  bool told = false;
  publisher.tell_sink([&](RecordSink&) { told = true; });
  EXPECT_TRUE(told) << "after the end on the caller's";
}

TEST_F(PublisherTest, stops_at_once_in_the_middle_of_everything) {
  ScriptedHttpServer server([](HttpConversation& c) { c.hold(); });
  Publisher publisher(config(server));  // answers are waited for a minute
  publisher.start();
  publisher.set({at_rate(0.001, 1), at_rate(1000, 0), at_rate(1000, 2)});
  ASSERT_TRUE(eventually([&] { return server.connections() == 3; }));
  const auto begin = now();
  publisher.stop();
  publisher.stop();
  EXPECT_LT(now() - begin, 30s);
  for (const auto& fact : sink.facts()) {
    EXPECT_EQ(fact.status, 0);
    EXPECT_EQ(fact.seq, 1u);
  }
  EXPECT_EQ(sink.count(), 3u) << "what was attempted is told";
}

TEST_F(PublisherTest, that_never_started_stops) {
  const RefusingPort refusing;
  Publisher publisher(config(refusing.addresses(), "h"));
  publisher.set({at_rate(1000)});
  EXPECT_FALSE(publisher.drain(5ms));
}

}  // namespace
}  // namespace streamgauge::net
