// A hub on a bench: fake connections, a clock that the test turns, events that are numbers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "builders.hpp"
#include "reference-server/core/hub.hpp"

namespace streamgauge::server {

struct Client {
  Subscriber subscriber;
  FakeOutlet outlet;
  std::vector<Instant> beats;

  /// "1 2 lag3 6": the events that arrived whole, and the notices between them.
  [[nodiscard]] std::string numbers() const {
    std::string words;
    const std::string& text = outlet.got;
    for (std::size_t at = text.find("data: "); at != std::string::npos;
         at = text.find("data: ", at + 1)) {
      const std::size_t end = text.find("\n\n", at);
      if (end == std::string::npos) break;
      std::string word = text.substr(at + 6, end - at - 6);
      if (word.starts_with("dropped ")) word = "lag" + word.substr(8, word.find(" e") - 8);
      words += (words.empty() ? "" : " ") + word;
    }
    return words;
  }
};

struct HubBench {
  static constexpr Duration every = std::chrono::seconds{1};

  explicit HubBench(std::optional<Flaw> flaw = std::nullopt)
      : settings(make_settings(flaw)), hub(settings, counters, 1, t0) {
    channel = std::make_shared<ChannelEntry>();
    channel->number = 1;
    other = std::make_shared<ChannelEntry>();
    other->number = 2;
  }

  static HubSettings make_settings(std::optional<Flaw> flaw) {
    HubSettings made;
    made.epoch = 7;
    made.queue = {100, 1_MiB, Overflow::drop_oldest, true, "lag"};
    made.replay = {100, 0, {}};
    made.heartbeat =
        HeartbeatSettings{every, every, HeartbeatUnderTraffic::fixed,
                          Event::of("BEAT|", {MessageClass::heartbeat, 0, {}, {}, {}})};
    made.stalled_after = std::chrono::seconds{4};
    if (flaw) made.flaws.add(*flaw);
    return made;
  }

  Client& connect(std::optional<std::string> last_event_id = {}, ChannelRef to = nullptr,
                  std::size_t room = 1 << 30) {
    Client& client = *clients.emplace_back(std::make_unique<Client>());
    client.outlet.room = room;
    StreamStart start;
    start.head = Event::raw("HEAD|");
    start.opening = Event::raw("OPEN|");
    start.last_event_id = std::move(last_event_id);
    hub.subscribe(to ? to : channel, client.subscriber, client.outlet, std::move(start), at);
    return client;
  }

  void publish(int n, MessageClass as = MessageClass::normal) {
    for (int i = 0; i < n; ++i) {
      ++sequence;
      hub.publish(channel,
                  Event::of(fmt::format("data: {}\n\n", sequence),
                            {as, sequence, to_string(EventId{7, sequence}), {}, at}),
                  at);
    }
  }

  /// Turns the clock in steps of a millisecond; heartbeats are taken out of `got` and noted with
  /// their time, unless `keep`.
  void advance(Duration by, bool note_beats = false) {
    const Instant until = at + by;
    const Duration sweep_every = hub.sweep_interval().value_or(by);
    while (at < until) {
      at += std::chrono::milliseconds{1};
      hub.tick(at);
      if (at >= next_sweep) {
        hub.sweep(at);
        next_sweep = at + sweep_every;
      }
      if (note_beats) note();
    }
  }

  void note() {
    for (auto& client : clients) {
      std::string& got = client->outlet.got;
      const std::string_view beat = "5\r\nBEAT|\r\n";
      for (std::size_t found = got.find(beat); found != std::string::npos; found = got.find(beat)) {
        client->beats.push_back(at);
        got.erase(found, beat.size());
      }
    }
  }

  HubSettings settings;
  Counters counters;
  Hub hub;
  ChannelRef channel;
  ChannelRef other;
  Instant at = t0;
  Instant next_sweep = t0;
  std::uint64_t sequence = 0;
  std::vector<std::unique_ptr<Client>> clients;
};

}  // namespace streamgauge::server
