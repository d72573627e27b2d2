// Who may listen and until when, over real sockets: tokens, finished channels, chosen ends, drains,
// answers.
#include <gtest/gtest.h>

#include <algorithm>

#include "server_bench.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;
using Bench = ServerBench;

ServerOptions with(std::optional<Flaw> flaw = {}) {
  ServerOptions options = test_options();
  options.contract.auth = AuthTerms{};
  options.contract.finished_status = 204;
  options.contract.deliberate_close = DeliberateCloseTerms{2s};
  if (flaw) options.flaws.add(*flaw);
  return options;
}

ServerOptions with_tokens(std::optional<Flaw> flaw = {}) {
  ServerOptions options = with(flaw);
  options.tokens = {"good", "other"};
  return options;
}

constexpr std::string_view good = "Authorization: Bearer good\r\n";
constexpr std::string_view other = "Authorization: Bearer other\r\n";
constexpr std::string_view wrong = "Authorization: Bearer bad\r\n";

std::string status(const std::string& answer) {
  return answer.size() < 12 ? answer : answer.substr(9, 3);
}

std::string generate(std::string_view body, std::string_view headers = "") {
  return fmt::format("POST /generate HTTP/1.1\r\nHost: t\r\n{}Content-Length: {}\r\n\r\n{}",
                     headers, body.size(), body);
}

// --- tokens ------------------------------------------------------------------------------------

TEST(Tokens, are_needed_for_streams_and_answers_and_for_nothing_else) {
  Bench bench(with_tokens());
  for (const auto& headers : {std::string_view{}, wrong}) {
    for (const std::string& request : {Bench::get("/events", headers), generate("{}", headers)}) {
      const std::string answer = bench.ask(request);
      EXPECT_EQ(status(answer), "401");
      EXPECT_NE(answer.find("\r\nWWW-Authenticate: Bearer"), std::string::npos) << answer;
      EXPECT_EQ(answer.find("text/event-stream"), std::string::npos);
    }
  }
  WireClient stream = bench.stream("/events?channel=a", good);
  bench.publish("/publish?channel=a", "x");
  EXPECT_NE(stream.read_until("data: x").find("id: "), std::string::npos);
  WireClient head = bench.connect();
  head.send("HEAD /events HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_EQ(status(head.read_until("\r\n\r\n")), "401");
}

TEST(Tokens, that_are_revoked_end_their_streams_and_open_no_more) {
  Bench bench(with_tokens());
  std::vector<WireClient> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(bench.stream("/events?channel=a", good));
  WireClient kept = bench.stream("/events?channel=a", other);
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/revoke?token=bad"))), "404");
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/revoke?token=good"))), "200");
  for (WireClient& stream : streams) {
    EXPECT_EQ(stream.read_to_end(), "0\r\n\r\n");
    EXPECT_TRUE(stream.ended());
  }
  EXPECT_EQ(status(bench.ask(Bench::get("/events", good))), "401");
  EXPECT_EQ(bench.stat("streams_open"), 1u);
  EXPECT_EQ(bench.stat("unauthorized"), 1u);
  bench.publish("/publish?channel=a", "x");
  EXPECT_NE(kept.read_until("data: x").find("id: "), std::string::npos);
}

TEST(Tokens, are_not_asked_for_when_the_server_was_given_none) {
  Bench bench(with());
  WireClient stream = bench.stream("/events?channel=a");
  EXPECT_EQ(bench.stat("streams_open"), 1u);
}

TEST(TokensFlaw, token_unchecked_lets_anybody_in) {
  Bench bench(with_tokens(Flaw::token_unchecked));
  WireClient stream = bench.stream("/events?channel=a", wrong);
  EXPECT_EQ(bench.stat("streams_open"), 1u);
}

TEST(TokensFlaw, revoked_keeps_streaming_refuses_only_what_is_new) {
  Bench bench(with_tokens(Flaw::revoked_keeps_streaming));
  WireClient stream = bench.stream("/events?channel=a", good);
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/revoke?token=good"))), "200");
  EXPECT_EQ(status(bench.ask(Bench::get("/events", good))), "401");
  bench.publish("/publish?channel=a", "x");
  EXPECT_NE(stream.read_until("data: x").find("id: "), std::string::npos);
}

TEST(TokensFlaw, unauthorized_as_200_answers_with_a_login_page) {
  Bench bench(with_tokens(Flaw::unauthorized_as_200));
  const std::string answer = bench.ask(Bench::get("/events", wrong));
  EXPECT_EQ(status(answer), "200");
  EXPECT_NE(answer.find("Content-Type: text/html"), std::string::npos);
}

// --- beginnings --------------------------------------------------------------------------------

TEST(Sessions, begin_with_the_event_that_names_the_stream) {
  for (const bool flawed : {false, true}) {
    ServerOptions options = with(flawed ? std::optional{Flaw::first_event_missing} : std::nullopt);
    options.contract.first_event = "connected";
    Bench bench(options);
    WireClient client = bench.connect();
    client.send(Bench::get("/events?channel=a&id=%22me%22"));
    std::string got = client.read_until("retry: 3000\n");  // now it gets what is published
    bench.publish("/publish?channel=a&id=one", "x");
    got += client.read_until("data: x");
    EXPECT_EQ(got.find("event: connected\ndata: {\"id\":\"\\\"me\\\"\"}\n\n") == std::string::npos,
              flawed)
        << got;
  }
}

TEST(Sessions, are_primed_to_resume_before_anything_was_published) {
  for (const bool flawed : {false, true}) {
    ServerOptions options = with(flawed ? std::optional{Flaw::no_priming} : std::nullopt);
    options.contract.priming = true;
    options.epoch = 26;
    Bench bench(options);
    WireClient client = bench.stream("/events?channel=a");
    bench.publish("/publish?channel=a", "x");
    const std::string got = client.read_until("data: x");
    EXPECT_EQ(got.find("id: 1a-0\ndata:\n\n") == std::string::npos, flawed) << got;
    WireClient back = bench.stream("/events?channel=a", "Last-Event-ID: 1a-0\r\n");
    EXPECT_NE(back.read_until("data: x").find("id: 1a-1\n"), std::string::npos);
  }
}

TEST(Sessions, of_two_instances_of_one_epoch_have_the_same_ids_whatever_the_order_of_channels) {
  ServerOptions options = with();
  options.epoch = 5;
  Bench one(options);
  Bench two(options);
  for (const char* channel : {"a", "b", "b", "a"}) {
    one.publish(fmt::format("/publish?channel={}", channel), "x");
  }
  for (const char* channel : {"b", "a", "a", "b"}) {
    two.publish(fmt::format("/publish?channel={}", channel), "x");
  }
  for (Bench* bench : {&one, &two}) {
    for (const char* channel : {"a", "b"}) {
      const std::string answer =
          bench->ask(Bench::post(fmt::format("/publish?channel={}", channel), "y"));
      EXPECT_NE(answer.find("\"id\":\"5-3\""), std::string::npos) << answer;
    }
  }
}

// --- chosen ends -------------------------------------------------------------------------------

TEST(Close, of_a_channel_or_an_id_says_when_to_come_back_and_ends_in_order) {
  Bench bench(with());
  WireClient one = bench.stream("/events?channel=a&id=me");
  WireClient two = bench.stream("/events?channel=a");
  WireClient three = bench.stream("/events?channel=b");
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/close"))), "400");
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/close?id=you"))), "404");
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/close?channel=none"))), "404");
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/close?id=me"))), "200");
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/close?channel=a"))), "200");
  for (WireClient* client : {&one, &two}) {
    const std::string rest = client->read_to_end();
    ASSERT_NE(rest.find("retry: "), std::string::npos) << rest;
    const int retry = std::stoi(rest.substr(rest.find("retry: ") + 7));
    EXPECT_GE(retry, 2000);
    EXPECT_LE(retry, 2200);
    EXPECT_TRUE(rest.ends_with("\n\n\r\n0\r\n\r\n")) << rest;
  }
  EXPECT_EQ(bench.stat("streams_open"), 1u);
}

TEST(CloseFlaw, close_without_retry_only_ends) {
  Bench bench(with(Flaw::close_without_retry));
  WireClient client = bench.stream("/events?channel=a");
  bench.ask_admin(Bench::post("/admin/close?channel=a"));
  EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
}

TEST(Finish, ends_the_streams_and_answers_later_ones_with_the_status) {
  Bench bench(with());
  WireClient client = bench.stream("/events?channel=a");
  bench.publish("/publish?channel=a&id=one", "x");
  bench.publish("/publish?channel=a&id=two", "y");
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/finish"))), "400");
  EXPECT_EQ(status(bench.ask_admin(Bench::post("/admin/finish?channel=a"))), "200");
  const std::string rest = client.read_to_end();
  EXPECT_TRUE(rest.ends_with("data: y\n\n\r\n0\r\n\r\n")) << rest;
  EXPECT_EQ(bench.ask(Bench::get("/events?channel=a")),
            "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(status(bench.ask(Bench::get("/events?channel=a", "Last-Event-ID: two\r\n"))), "204");
  EXPECT_EQ(status(bench.ask(Bench::post("/publish?channel=a", "z"))), "409");
  // Who has missed something gets the rest first.
  WireClient late = bench.stream("/events?channel=a", "Last-Event-ID: one\r\n");
  EXPECT_TRUE(late.read_to_end().ends_with("id: two\ndata: y\n\n\r\n0\r\n\r\n"));
  EXPECT_TRUE(bench.eventually("streams_open", 0));
}

TEST(FinishFlaw, finished_as_empty_stream_opens_one_and_ends_it) {
  Bench bench(with(Flaw::finished_as_empty_stream));
  bench.ask_admin(Bench::post("/admin/finish?channel=a"));
  WireClient client = bench.stream("/events?channel=a");
  EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
}

// --- drain -------------------------------------------------------------------------------------

TEST(Drain, spreads_the_ends_over_the_time_that_is_promised) {
  ServerOptions options = with();
  options.contract.drain->grace = 5s;
  options.contract.drain->spread = 500ms;
  options.drain_delay = 50ms;
  Bench bench(options);
  std::vector<WireClient> streams;
  for (int i = 0; i < 8; ++i) streams.push_back(bench.stream("/events?channel=a"));
  WireClient polite = bench.connect();
  using Clock = std::chrono::steady_clock;
  const auto ordered = Clock::now();
  bench.server().drain();
  polite.send(Bench::get("/events"));
  const std::string refused = polite.answer();
  EXPECT_EQ(status(refused), "503");
  EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
  std::vector<std::thread> readers;
  std::vector<Clock::time_point> ends(streams.size());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    readers.emplace_back([&, i] {
      EXPECT_TRUE(streams[i].read_to_end().ends_with("\r\n0\r\n\r\n"));
      ends[i] = Clock::now();
    });
  }
  for (std::thread& reader : readers) reader.join();
  bench.server().wait();
  EXPECT_GE(*std::max_element(ends.begin(), ends.end()) - ordered, 550ms);
}

TEST(Drain, lets_answers_that_are_under_way_complete) {
  ServerOptions options = with();
  options.drain_delay = 0ms;
  Bench bench(options);
  WireClient client = bench.connect();
  client.send(generate(R"({"tokens": 10, "gap_ms": 10})"));
  (void)client.read_until("data: token 1\n");
  bench.server().drain();
  EXPECT_TRUE(client.read_to_end().ends_with("data: [DONE]\n\n\r\n0\r\n\r\n"));
  bench.server().wait();
}

TEST(Drain, refuses_a_delay_that_leaves_no_time) {
  ServerOptions options = with();
  options.drain_delay = 10s;
  const auto started = Server::start(options);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().exit_code, ExitCode::usage);
}

// --- answers -----------------------------------------------------------------------------------

TEST(Answers, are_tokens_then_the_terminator_then_the_end) {
  Bench bench(with());
  WireClient client = bench.connect();
  client.send(generate(R"({"tokens": 2, "gap_ms": 1})"));
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find("text/event-stream"), std::string::npos);
  EXPECT_EQ(client.read_to_end(),
            "f\r\ndata: token 1\n\n\r\nf\r\ndata: token 2\n\n\r\ne\r\ndata: [DONE]\n\n\r\n"
            "0\r\n\r\n");
  EXPECT_TRUE(bench.eventually("answered", 1));
}

TEST(Answers, to_what_is_out_of_bounds_are_a_sentence) {
  Bench bench(with());
  for (const char* body : {R"({"tokens": 0})", R"({"tokens": 100001})", R"({"gap_ms": 60001})",
                           R"({"gap_ms": -1})", R"({"tokens": "ten"})", "[]", "{"}) {
    EXPECT_EQ(status(bench.ask(generate(body))), "400") << body;
  }
  EXPECT_EQ(status(bench.ask(Bench::get("/generate"))), "405");
}

TEST(Answers, stop_when_the_client_leaves_and_count_against_the_limits) {
  ServerOptions options = with();
  options.contract.limits.streams_per_user = 1;
  Bench bench(options);
  const std::string request =
      "POST /generate?user=ann HTTP/1.1\r\nHost: t\r\nContent-Length: 33\r\n\r\n"
      R"({"tokens": 100000, "gap_ms": 100})";
  WireClient client = bench.connect();
  client.send(request);
  (void)client.read_until("data: token 1\n");
  EXPECT_EQ(status(bench.ask(request)), "429");
  client.close();
  EXPECT_TRUE(bench.eventually("streams_open", 0));
}

// --- aborts ------------------------------------------------------------------------------------

TEST(AbortFlaw, leak_on_abort_frees_on_an_orderly_end_only) {
  Bench bench(with(Flaw::leak_on_abort));
  WireClient closes = bench.stream("/events?channel=a");
  WireClient resets = bench.stream("/events?channel=a");
  resets.reset();
  closes.close();
  ASSERT_TRUE(bench.eventually("peer_closed", 1));
  bench.publish("/publish?channel=a", "x");
  bench.publish("/publish?channel=a", "y");
  EXPECT_EQ(bench.stat("streams_open"), 1u);
}

TEST(IdentityFlaw, late_close_unregisters_silences_the_newer_stream) {
  Bench bench(with(Flaw::late_close_unregisters));
  WireClient first = bench.stream("/events?channel=a&id=me");
  WireClient second = bench.stream("/events?channel=a&id=me");
  EXPECT_EQ(first.read_to_end(), "0\r\n\r\n");
  first.close();
  ASSERT_TRUE(bench.eventually("replaced", 1));
  bench.publish("/publish?channel=a&id=lost", "x");
  bench.ask_admin(Bench::post("/admin/close?channel=a"));
  EXPECT_EQ(second.read_to_end().find("data: x"), std::string::npos);
}

}  // namespace
}  // namespace streamgauge::server
