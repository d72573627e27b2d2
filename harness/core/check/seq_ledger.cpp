#include "harness/core/check/seq_ledger.hpp"

namespace streamgauge {

void SeqLedger::add_hole(std::uint64_t from, std::uint64_t to, Instant at) {
  if (holes_.size() == holes_max) {
    overflowed_ = true;
    return;
  }
  holes_.push_back({from, to, at, false});
}

SeqLedger::Arrival SeqLedger::take_unusual(std::uint64_t seq, Instant at) {
  if (!in_stretch_) {
    in_stretch_ = true;
    first_ = highest_ = seq;
    return Arrival::first;
  }
  if (seq > highest_) {
    add_hole(highest_ + 1, seq - 1, at);
    highest_ = seq;
    return Arrival::ahead;
  }
  if (seq < first_) {
    if (seq + 1 < first_) add_hole(seq + 1, first_ - 1, at);
    first_ = seq;
    return Arrival::late;
  }
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    const auto hole = holes_[i];
    if (seq < hole.from || seq > hole.to) continue;
    const auto here = holes_.begin() + static_cast<std::ptrdiff_t>(i);
    if (hole.from == hole.to) {
      holes_.erase(here);
    } else if (seq == hole.from) {
      ++here->from;
    } else if (seq == hole.to) {
      --here->to;
    } else {
      here->to = seq - 1;
      const auto before = holes_.size();
      add_hole(seq + 1, hole.to, hole.at);
      if (hole.after_return) mark_return(before);
    }
    return Arrival::late;
  }
  return Arrival::duplicate;
}

}  // namespace streamgauge
