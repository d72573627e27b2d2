// cache: the path stores an answer and gives it to whoever asks for the same URL: events of the
// past, as if they were news, and then an end. Answers of one URL are stored once, the first 200 to
// a GET, as far as they have come when somebody else asks.
#include <fmt/format.h>

#include <map>

#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/framing.hpp"
#include "harness/core/fault/head_edit.hpp"
#include "harness/core/fault/machine.hpp"

namespace streamgauge::fault {
namespace {

struct Stored {
  std::string head;
  std::string body;
  Instant since{};
};

/// Bounded by `max` bytes of all answers together; what does not fit is not stored.
class Store final : public Shared {
 public:
  explicit Store(std::uint64_t max) : max_(max) {}

  [[nodiscard]] const Stored* fresh(const std::string& target, Instant now, Duration age_max) {
    const auto found = answers_.find(target);
    if (found == answers_.end()) return nullptr;
    if (now - found->second.since <= age_max) return &found->second;
    bytes_ -= found->second.head.size() + found->second.body.size();
    answers_.erase(found);
    return nullptr;
  }
  bool begin(const std::string& target, std::string_view head, Instant now) {
    if (answers_.contains(target) || bytes_ + head.size() > max_) return false;
    answers_.emplace(target, Stored{std::string{head}, {}, now});
    bytes_ += head.size();
    return true;
  }
  void add(const std::string& target, std::string_view bytes) {
    const auto found = answers_.find(target);
    if (found == answers_.end()) return;
    bytes = bytes.substr(0, static_cast<std::size_t>(max_ - std::min(max_, bytes_)));
    found->second.body += bytes;
    bytes_ += bytes.size();
  }

 private:
  const std::uint64_t max_;
  std::uint64_t bytes_ = 0;
  std::map<std::string, Stored> answers_;
};

class Cache final : public Machine {
 public:
  explicit Cache(const FaultSpec& spec) : age_max_(*spec.duration("for")) {}

  void join(Shared& shared) override { store_ = static_cast<Store*>(&shared); }

  void on_piece(Direction direction, const Piece& piece, Instant now, Outlet& out) override {
    if (served_) return;
    if (direction == Direction::up) {
      const Exchange& exchange = out.exchange(Direction::up);
      const bool asks = piece.kind == PieceKind::head && exchange.method == "GET";
      const Stored* stored = asks ? store_->fresh(exchange.target, now, age_max_) : nullptr;
      return stored != nullptr ? serve(*stored, now, out) : out.pass(direction, piece);
    }
    if (piece.kind == PieceKind::head) {
      const Exchange& exchange = out.exchange(Direction::down);
      target_ = exchange.target;
      storing_ = exchange.method == "GET" && read_status(piece.bytes) == 200 &&
                 store_->begin(target_, piece.bytes, now);
    }
    if (storing_ && piece.kind == PieceKind::data) store_->add(target_, piece.bytes);
    if (piece.kind == PieceKind::last) storing_ = false;
    out.pass(direction, piece);
  }

 private:
  void serve(const Stored& stored, Instant now, Outlet& out) {
    out.fired();
    served_ = true;
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - stored.since).count();
    std::string head = stored.head;
    for (const std::string_view name : {"transfer-encoding", "content-length", "connection"}) {
      head = without_field(head, name);
    }
    head = with_fields(head, fmt::format("Age: {}\r\nX-Cache: HIT\r\nContent-Length: {}\r\n"
                                         "Connection: close\r\n",
                                         age, stored.body.size()));
    const std::string body = stored.body;
    out.pass(Direction::down, {PieceKind::head, head});
    if (!body.empty()) out.pass(Direction::down, {PieceKind::data, body});
    out.pass(Direction::down, {PieceKind::last, {}});
    out.close();
  }

  const Duration age_max_;
  Store* store_ = nullptr;
  std::string target_;
  bool storing_ = false;
  bool served_ = false;
};

}  // namespace

FaultType cache() {
  FaultType type;
  type.name = "cache";
  type.meaning = "who asks for the same URL is given what somebody else was sent before";
  type.parameters = {
      {"for", ParameterForm::duration, "60s", "so long after it was stored", false, true},
      {"max", ParameterForm::size, "16MiB", "what is stored in all"}};
  type.scope = {false, true, false};
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<Cache>(spec);
  };
  type.share = [](const FaultSpec& spec) -> std::shared_ptr<Shared> {
    return std::make_shared<Store>(*spec.number("max"));
  };
  return type;
}

}  // namespace streamgauge::fault
