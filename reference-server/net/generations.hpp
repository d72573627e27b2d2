// The answers that a shard is giving, each token at its time.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "reference-server/core/generation.hpp"

namespace streamgauge::server {

class Stream;

class Generations {
 public:
  Generations();
  ~Generations();
  Generations(const Generations&) = delete;

  void add(Stream& stream, Generation work);
  /// The stream has ended, and the work with it.
  void forget(std::uint64_t stream);
  [[nodiscard]] bool has(std::uint64_t stream) const { return works_.contains(stream); }

  /// When step() is to be called; nullopt: nothing is under way.
  [[nodiscard]] std::optional<Instant> next() const;
  void step(Instant now);

 private:
  struct Work {
    boost::intrusive_ptr<Stream> stream;
    Generation generation;
  };
  void step(std::uint64_t number, Instant now);

  std::unordered_map<std::uint64_t, Work> works_;
  std::set<std::pair<Instant, std::uint64_t>> by_due_;
};

}  // namespace streamgauge::server
