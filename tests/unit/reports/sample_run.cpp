#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

using namespace std::chrono_literals;

constexpr Instant run_start =
    instant_from_ns(1'795'190'400'250'000'000);  // 2026-11-20T16:00:00.25Z

latency::Histogram values(std::initializer_list<std::pair<Duration, std::uint64_t>> of) {
  latency::Histogram h;
  for (const auto& [value, n] : of) h.record(value, n);
  return h;
}

CheckResult check(std::string id, Level level, std::string requirement, std::string source,
                  Finding finding) {
  CheckResult out;
  out.family = id.substr(0, id.find('.'));
  out.id = std::move(id);
  out.level = level;
  out.requirement = std::move(requirement);
  out.source = std::move(source);
  out.finding = std::move(finding);
  return out;
}

Finding pass(std::string measured, std::string bound) {
  return {Verdict::pass, std::move(measured), std::move(bound), {}, {{"streams", 40}}, {}};
}

Finding skip(std::string reason) {
  return {Verdict::skip, {}, {}, std::move(reason), {}, {}};
}

ScenarioResult scenario(std::string name, Instant started, Duration length) {
  ScenarioResult s;
  s.scenario = std::move(name);
  s.started = s.series.started = started;
  s.length = length;
  s.noise = {620us, 3'100us, true, false};
  s.resources = {true, 6_MiB + 100_KiB, 8_MiB + 400_KiB, 7_MiB, 412'000'000, 4, 57,
                 1,    21_MiB,          730'000'000};
  return s;
}

void add(ScenarioResult& s, CheckResult c) {
  c.scenario = s.scenario;
  s.checks.push_back(std::move(c));
}

IntervalRow row(std::uint64_t events, Duration latency) {
  IntervalRow r;
  r.events = events;
  r.comments = 4;
  r.bytes = events * 180;
  r.published = events / 40;
  r.streams_open = 40;
  if (events > 0) r.delivery.record(latency, events);
  r.rss_bytes = 7_MiB;
  r.cpu_ns = 41'500'000;
  r.threads = 4;
  r.descriptors = 57;
  r.lag_max = 3'100us;
  return r;
}

Environment environment() {
  return {"0.1.0", "g++ 12.2.0", "1.81", "Linux 6.1.0", "A processor", "gauge-1", 2};
}

ScenarioResult idle_heartbeat() {
  ScenarioResult s = scenario("idle-heartbeat", run_start + 300ms, 11'400ms);
  s.description = "Streams without events";
  s.streams = 40;
  s.bytes_received = 24'310;
  s.endings = {{"local", 40}};
  s.histograms["connect"] = values({{310us, 30}, {640us, 10}});
  s.histograms["heartbeat_gap"] = values({{748ms, 300}, {771ms, 20}});
  s.series.rows = {row(0, 0ms), row(0, 0ms)};
  add(s, check("wire.status", Level::must, "A stream is answered with status 200.",
               "WHATWG HTML 9.2.3", pass("200 on 40 of 40 responses", "200")));
  add(s, check("wire.x-accel-buffering", Level::should, "The response tells proxies not to buffer.",
               "contract headers.x_accel_buffering",
               {Verdict::warn,
                "absent on 40 of 40 responses",
                "x-accel-buffering: no",
                "The field is missing, so nginx holds every event back until its buffer is full; "
                "send `X-Accel-Buffering: no` with the stream's headers.",
                {{"responses", 40}, {"without", 40}},
                {{run_start + 313ms, 0, "headers 200 text/event-stream"}}}));
  add(s, check("heartbeat.cadence", Level::must, "Heartbeats come at the stated period.",
               "contract heartbeat.every",
               pass("gap 741 ms to 768 ms over 320 heartbeats",
                    "750 ms ± 25 % (widened by 3.1 ms of scheduling lag)")));
  add(s, check("heartbeat.on-empty-stream", Level::must,
               "Heartbeats come also before the first event.", "contract heartbeat.on_empty_stream",
               pass("first after 752 ms", "750 ms ± 25 %")));
  add(s, check("eviction.by-progress", Level::must, "x", "contract eviction.stalled_after",
               skip("The target lacks the capability `publish`.")));
  return s;
}

ScenarioResult steady_fanout() {
  ScenarioResult s = scenario("steady-fanout", run_start + 11'800ms, 15s);
  s.description = "Every stream gets every event";
  s.streams = 120;
  s.events_received = 48'000;
  s.events_published = 400;
  s.bytes_received = 9'640'000;
  s.endings = {{"local", 119}, {"reset", 1}};
  s.notes = {"the swarm used 14 % of one core"};
  s.histograms["connect"] = values({{290us, 100}, {910us, 20}});
  s.histograms["delivery"] =
      values({{1'200us, 30'000}, {1'950us, 14'000}, {5'100us, 3'900}, {12ms, 100}});
  s.series.rows = {row(24'000, 1'200us), row(23'880, 1'950us)};
  s.text = "scenario: steady-fanout\n# <script>alert(1)</script>\ngroups: []\n";
  s.marks = {{Mark::Kind::phase, run_start + 12s, run_start + 14s, "warm-up"},
             {Mark::Kind::phase, run_start + 14s, run_start + 26'800ms, "load"},
             {Mark::Kind::fault, run_start + 14'010ms, run_start + 16'300ms, "freeze"},
             {Mark::Kind::target, run_start + 26s, std::nullopt, "stop ordered (SIGTERM)"}};
  s.attempts = {run_start + 11'800ms, 5ms, {0, 0, 1, 3, 2}};
  s.reconnects = {run_start + 11'800ms, 5ms, {0, 0, 0, 4, 2}};
  using Kind = WireChunk::Kind;
  s.wire = {{3,
             {{run_start + 12s, Kind::opened, "connected"},
              {run_start + 12s, Kind::sent, "GET /events HTTP/1.1\r\n\r\n"},
              {run_start + 12'001ms, Kind::received, "HTTP/1.1 200 OK\r\n\r\n: hb\n\n"},
              {run_start + 14'020ms, Kind::received, ": hb\n\n"},
              {run_start + 14'032ms, Kind::received, ": hb\n\n"}},
             0},
            {117, {{run_start + 16'511ms, Kind::received, ": " + hostile_bytes() + "\n\n"}}, 4096}};
  add(s,
      check("heartbeat.cadence", Level::must, "Heartbeats come at the stated period.",
            "contract heartbeat.every",
            {Verdict::fail,
             "gap 12 ms to 2.31 s over 290 heartbeats",
             "750 ms ± 25 %",
             "Gaps reached three periods: heartbeats wait while events are being sent; give them "
             "a timer of their own and skip the late ones.",
             {{"gaps", 290}, {"outside", 37}},
             {{run_start + 14'020ms, 3, "comment \"hb\" 2.31 s after the one before"},
              {run_start + 14'032ms, 3, "comment \"hb\" 12 ms after the one before"},
              {run_start + 16'511ms, 117, "comment \"" + hostile_bytes() + "\""},
              {run_start + 16'600ms, 8, "comment \"hb\" 14 ms after the one before"},
              {run_start + 16'655ms, no_stream, "phase `load` began"}}}));
  add(s, check("delivery.no-loss", Level::must, "Each event reaches each stream.",
               "contract delivery", pass("0 of 48 000 events lost", "0")));
  add(s, check("delivery.latency", Level::should, "Events arrive within the stated time.",
               "contract delivery.p99_max",
               {Verdict::inconclusive,
                "p99 5.1 ms over 48 000 events",
                "20 ms",
                "The harness itself was kept from running for up to 31 ms, longer than the bound "
                "allows to tell; run on a machine with less other work.",
                {},
                {}}));
  add(s,
      check("delivery.first-last-skew", Level::may, "An event reaches all streams close together.",
            "–", {Verdict::info, "p99 3.4 ms between first and last", "", {}, {}, {}}));
  return s;
}

ScenarioResult slow_consumer() {
  ScenarioResult s = scenario("slow-consumer", run_start + 27'100ms, 14'100ms);
  s.streams = 44;
  s.events_received = 8'912;
  s.events_published = 2'000;
  s.bytes_received = 73'400'000;
  s.endings = {{"complete", 3}, {"local", 40}, {"reset", 1}};
  s.noise = {1'900us, 31ms, true, true};
  s.histograms["delivery"] = values({{1'400us, 8'000}, {44ms, 912}});
  add(s, check("heartbeat.cadence", Level::must, "Heartbeats come at the stated period.",
               "contract heartbeat.every",
               pass("gap 744 ms to 761 ms over 80 heartbeats", "750 ms ± 25 %")));
  add(s,
      check("backpressure.bounded-memory", Level::must,
            "A reader that stopped costs no more than the stated queue.",
            "contract queue.events_max", pass("grew by 1.2 MiB for 4 stopped readers", "2.1 MiB")));
  add(s, check("backpressure.isolation", Level::must, "A slow reader delays no other stream.",
               "contract queue",
               {Verdict::error,
                "",
                "",
                "The check itself crashed: vector index out of range.",
                {},
                {}}));
  add(s, check("backpressure.lag-notice-exact", Level::must, "x", "contract queue.lag_event",
               skip("The contract does not state `queue.lag_event`.")));
  add(s, check("backpressure.critical-kept", Level::must, "x", "contract queue.critical_kept",
               skip("The contract does not state `queue.critical_kept`.")));
  add(s, check("eviction.within", Level::must, "x", "contract eviction.stalled_after",
               skip("The target lacks the capability `publish`.")));
  return s;
}

RunResult bare_run() {
  RunResult run;
  run.command = "streamgauge gate --time-scale 0.05";
  run.target = "reference";
  run.target_description = "the built-in reference server";
  run.contract = "default";
  run.time_scale = 0.05;
  run.seed = 7;
  run.started = run_start;
  run.length = 41'250ms;
  run.environment = environment();
  return run;
}

}  // namespace

std::string hostile_bytes() {
  return std::string("\x1b[31mred\r\n\t\0<&\">]]>", 19) + "\xff\xc0\xaf" + "\u202e" + "\u0085é";
}

RunResult rich_run() {
  RunResult run = bare_run();
  run.flaws = {"heartbeat-burst"};
  run.settings = {"queue.events=64"};
  run.contract_text = "contract: default\nheartbeat: {every: 750ms}\n";
  run.heartbeat_every = 750ms;
  run.delivery_p99 = 20ms;
  run.scenarios = {idle_heartbeat(), steady_fanout(), slow_consumer()};
  return run;
}

RunResult passing_run() {
  RunResult run = bare_run();
  run.scenarios = {idle_heartbeat(), slow_consumer()};
  for (ScenarioResult& s : run.scenarios) {
    std::erase_if(s.checks,
                  [](const CheckResult& c) { return c.finding.verdict != Verdict::pass; });
    s.noise = {620us, 3'100us, true, false};
  }
  return run;
}

RunResult unreachable_run() {
  RunResult run = bare_run();
  run.target = "http://127.0.0.1:1/";
  run.target_description = {};
  run.length = 20ms;
  run.errors = {target_error("http://127.0.0.1:1/ refused the connection; is the server running?")};
  return run;
}

RunResult run_with(std::vector<CheckResult> checks) {
  RunResult run = bare_run();
  ScenarioResult s = scenario("only", run_start, 10s);
  for (CheckResult& c : checks) add(s, std::move(c));
  run.scenarios = {std::move(s)};
  return run;
}

CheckResult check_with(std::string id, Verdict verdict, std::string reason) {
  return check(std::move(id), Level::must, "A requirement.", "a source",
               {verdict, "what was measured", "what was allowed", std::move(reason), {}, {}});
}

}  // namespace streamgauge::reports
