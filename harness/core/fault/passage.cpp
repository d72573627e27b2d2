#include "harness/core/fault/passage.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace streamgauge::fault {
namespace {

/// Requests sent on without an answer: a client that pipelines more must wait.
constexpr std::size_t awaiting_max = 64;

constexpr Side receiver(Direction direction) {
  return direction == Direction::up ? Side::upstream : Side::client;
}

constexpr std::string_view unreachable_answer =
    "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: 36\r\n"
    "Connection: close\r\n\r\nproxy: the server cannot be reached\n";

}  // namespace

struct Passage::Stage {
  Stage(const Placed& placed, std::uint64_t seed)
      : number(placed.number),
        scope(placed.spec.scope),
        opens(placed.since + scope.from),
        closes(scope.until ? placed.since + *scope.until : Instant::max()),
        shared(placed.shared),
        machine(placed.spec.type->make(placed.spec, seed)),
        offset_reached(scope.after_bytes == 0 && scope.after_events == 0) {
    on_path.fill(scope.path.empty());
    if (shared) machine->join(*shared);
  }

  [[nodiscard]] bool has_offset() const { return scope.after_bytes + scope.after_events > 0; }
  /// How much of a body passes by before the offset is reached.
  [[nodiscard]] std::size_t before_offset(std::string_view bytes) {
    if (scope.after_bytes > 0) {
      const auto left = scope.after_bytes - std::min(scope.after_bytes, bytes_passed);
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes.size()));
      bytes_passed += size;
      offset_reached = bytes_passed >= scope.after_bytes;
      return size;
    }
    std::size_t size = 0;
    while (size < bytes.size() && !offset_reached) {
      bool ended = false;
      size += events.next(bytes.substr(size), ended);
      if (ended) offset_reached = ++events_passed >= scope.after_events;
    }
    return size;
  }
  /// Placed while an answer passes: it is concerned as if it had seen the request for it.
  void join_answer(std::string_view target) {
    in_answer = true;
    on_path.fill(target.starts_with(scope.path));
  }
  void begin_answer() {
    in_answer = true;
    offset_reached = !has_offset();
    bytes_passed = 0;
    events_passed = 0;
    events = {};
  }

  const std::uint32_t number;
  const Scope scope;
  const Instant opens, closes;
  const std::shared_ptr<Shared> shared;  // outlives the machine
  std::unique_ptr<Machine> machine;
  std::array<bool, 2> on_path{};  // by direction: the request that passes is in the scope
  bool in_force = false;          // within its window
  bool begun = false;             // once its window is over it does not open again
  bool leaving = false;           // taken away, as soon as it holds nothing
  bool in_answer = false;         // an answer's head has come this far, and its end has not
  bool offset_reached;
  std::uint64_t bytes_passed = 0;
  std::uint64_t events_passed = 0;
  EventCount events;
  Instant wake = Instant::max();
};

class Passage::StageOutlet final : public Outlet {
 public:
  StageOutlet(Passage& passage, std::size_t at, Instant now)
      : passage_(passage), stage_(*passage.stages_[at]), at_(at), now_(now) {}

  void pass(Direction direction, const Piece& piece) override {
    const auto at = static_cast<std::ptrdiff_t>(at_);
    passage_.feed(direction, direction == Direction::up ? at + 1 : at - 1, piece, now_);
  }
  void cut(Direction direction) override { passage_.sink_.cut(receiver(direction)); }
  void close() override { passage_.sink_.close(); }
  void reset(Side side) override { passage_.sink_.reset(side); }
  void vanish(Side side) override { passage_.sink_.vanish(side); }
  void reappear(Side side) override { passage_.sink_.reappear(side); }
  void absorb(Direction direction, std::uint64_t bytes) override {
    passage_.sink_.absorb(receiver(direction), bytes);
  }
  void keep(Side side) override { passage_.sink_.keep(side); }
  void wake_at(Instant at) override { stage_.wake = at; }
  void fired() override { passage_.sink_.fired(stage_.number); }
  const Exchange& exchange(Direction direction) const override {
    return passage_.exchange(direction);
  }
  bool answering() const override { return stage_.in_answer && stage_.on_path[1]; }

 private:
  Passage& passage_;
  Stage& stage_;
  std::size_t at_;
  Instant now_;
};

Passage::Passage(Sink& sink) : sink_(sink) {}
Passage::~Passage() = default;

void Passage::add(const Placed& fault, std::uint64_t seed, Instant now) {
  // By number, so that a fault that is changed keeps its place.
  const auto at = std::upper_bound(
      stages_.begin(), stages_.end(), fault.number,
      [](std::uint32_t number, const auto& stage) { return number < stage->number; });
  const auto placed = stages_.insert(at, std::make_unique<Stage>(fault, seed));
  if (answering_) (*placed)->join_answer(exchange(Direction::down).target);
  watch_window(static_cast<std::size_t>(placed - stages_.begin()), now);
}

bool Passage::remove(std::uint32_t number, Instant now) {
  for (std::size_t at = 0; at < stages_.size(); ++at) {
    if (stages_[at]->number != number || stages_[at]->leaving) continue;
    stages_[at]->leaving = true;
    watch_window(at, now);
    sweep();
    return true;
  }
  return false;
}

/// Starts what has come into force, releases what no longer is.
void Passage::watch_window(std::size_t at, Instant now) {
  Stage& stage = *stages_[at];
  const bool within = now >= stage.opens && now < stage.closes && !stage.leaving;
  if (within == stage.in_force) return;
  stage.in_force = within;
  stage.begun = true;
  StageOutlet out{*this, at, now};
  within ? stage.machine->start(now, out) : stage.machine->release(now, out);
}

void Passage::sweep() {
  std::erase_if(stages_, [](const std::unique_ptr<Stage>& stage) {
    return stage->leaving && !stage->machine->holds(Direction::up) &&
           !stage->machine->holds(Direction::down);
  });
}

const Exchange& Passage::exchange(Direction direction) const {
  return direction == Direction::down && !awaiting_.empty() ? awaiting_.front() : asked_;
}

bool Passage::note(Direction direction, const Piece& piece) {
  if (direction == Direction::up) {
    if (piece.kind == PieceKind::head) asked_ = read_request(piece.bytes);
    return false;
  }
  if (piece.kind == PieceKind::head) answering_ = true;
  if (piece.kind == PieceKind::last) answering_ = false;
  if (down_.is_tunnel() && up_.idle()) up_.tunnel();
  return piece.kind == PieceKind::last;
}

void Passage::scan(Direction direction, std::string_view bytes) {
  Framing& cutter = framing(direction);
  Piece piece;
  while (cutter.next(bytes, exchange(direction), piece)) {
    if (note(direction, piece) && !awaiting_.empty()) awaiting_.erase(awaiting_.begin());
    if (direction == Direction::up && piece.kind == PieceKind::head) awaiting_.push_back(asked_);
  }
  cutter.forwarded();
}

void Passage::enter(Direction direction, const Piece& piece, Instant now) {
  const bool answered = note(direction, piece);
  const auto last = static_cast<std::ptrdiff_t>(stages_.size()) - 1;
  feed(direction, direction == Direction::up ? 0 : last, piece, now);
  if (answered && !awaiting_.empty()) awaiting_.erase(awaiting_.begin());
}

void Passage::feed(Direction direction, std::ptrdiff_t at, Piece piece, Instant now) {
  const std::ptrdiff_t step = direction == Direction::up ? 1 : -1;
  for (; at >= 0 && at < static_cast<std::ptrdiff_t>(stages_.size()); at += step) {
    const auto index = static_cast<std::size_t>(at);
    Stage& stage = *stages_[index];
    watch_window(index, now);
    const auto way = static_cast<std::size_t>(direction);
    if (piece.kind == PieceKind::head) {
      if (!stage.scope.path.empty()) {
        stage.on_path[way] = exchange(direction).target.starts_with(stage.scope.path);
      }
      if (direction == Direction::down) stage.begin_answer();
    } else if (piece.kind == PieceKind::last && direction == Direction::down) {
      stage.in_answer = false;
    }
    bool concerned = stage.in_force && stage.on_path[way] &&
                     stage.scope.direction.value_or(direction) == direction;
    if (!stage.offset_reached && concerned) {
      const bool counted = direction == Direction::down && piece.kind == PieceKind::data;
      const std::size_t size = counted ? stage.before_offset(piece.bytes) : piece.bytes.size();
      concerned = counted && size < piece.bytes.size();
      if (concerned && size > 0) {
        feed(direction, at + step, {piece.kind, piece.bytes.substr(0, size)}, now);
        piece.bytes.remove_prefix(size);
      }
    }
    if (!concerned && !stage.machine->holds(direction)) continue;
    StageOutlet out{*this, index, now};
    stage.machine->on_piece(direction, piece, now, out);
    return;
  }
  deliver(direction, piece);
}

void Passage::deliver(Direction direction, const Piece& piece) {
  if (piece.kind == PieceKind::eof) return sink_.finish(receiver(direction));
  if (direction == Direction::up && piece.kind == PieceKind::head) awaiting_.push_back(asked_);
  if (!piece.bytes.empty()) sink_.write(receiver(direction), piece.bytes);
}

void Passage::on_bytes(Direction direction, std::string_view bytes, Instant now) {
  if (plain()) {
    scan(direction, bytes);
    return sink_.write(receiver(direction), bytes);
  }
  Framing& cutter = framing(direction);
  Piece piece;
  while (cutter.next(bytes, exchange(direction), piece)) enter(direction, piece, now);
  sweep();
}

void Passage::on_eof(Direction direction, Instant now) {
  Framing& cutter = framing(direction);
  Piece piece;
  if (plain()) {
    while (cutter.finish(piece)) continue;
    return sink_.finish(receiver(direction));
  }
  while (cutter.finish(piece)) enter(direction, piece, now);
  enter(direction, {PieceKind::eof, {}}, now);
  sweep();
}

void Passage::on_gone(Side side, Instant now) {
  for (std::size_t at = 0; at < stages_.size(); ++at) {
    watch_window(at, now);
    StageOutlet out{*this, at, now};
    if (stages_[at]->in_force && stages_[at]->machine->on_gone(side, now, out)) return;
  }
  sink_.reset(side == Side::client ? Side::upstream : Side::client);
}

void Passage::on_unreachable(Instant now) {
  if (awaiting_.empty() || answering_) return on_gone(Side::upstream, now);
  on_bytes(Direction::down, unreachable_answer, now);
  on_eof(Direction::down, now);
}

void Passage::on_time(Instant now) {
  for (std::size_t at = 0; at < stages_.size(); ++at) {
    watch_window(at, now);
    if (stages_[at]->wake > now) continue;
    stages_[at]->wake = Instant::max();
    StageOutlet out{*this, at, now};
    stages_[at]->machine->on_time(now, out);
  }
  sweep();
}

Instant Passage::due() const {
  Instant earliest = Instant::max();
  for (const auto& stage : stages_) {
    earliest = std::min(earliest, stage->wake);
    if (stage->leaving) continue;
    if (!stage->begun) earliest = std::min(earliest, stage->opens);
    if (stage->in_force) earliest = std::min(earliest, stage->closes);
  }
  return earliest;
}

bool Passage::wants(Direction direction) const {
  if (direction == Direction::up && awaiting_.size() >= awaiting_max) return false;
  return std::none_of(stages_.begin(), stages_.end(),
                      [direction](const auto& stage) { return stage->machine->full(direction); });
}

}  // namespace streamgauge::fault
