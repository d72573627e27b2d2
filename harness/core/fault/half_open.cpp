// half-open: for one side, or both, the proxy vanishes without a FIN: nothing that it sends is
// acknowledged any more, and nothing comes from there. What a pulled cable looks like, a NAT that
// forgot, a machine that lost its power. What was to be sent waits (256 KiB of it, then its
// sender).
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/trigger.hpp"

namespace streamgauge::fault {
namespace {

class HalfOpen final : public StrikingMachine {
 public:
  explicit HalfOpen(const FaultSpec& spec)
      : StrikingMachine(spec), side_(spec.text("side")), lasts_(spec.duration("for")) {}

  void release(Instant, Outlet& out) override {
    if (side_ != "upstream") out.reappear(Side::client);
    if (side_ != "client") out.reappear(Side::upstream);
  }

 protected:
  void strike(Instant now, Outlet& out) override {
    out.fired();
    if (side_ != "upstream") out.vanish(Side::client);
    if (side_ != "client") out.vanish(Side::upstream);
    if (lasts_) wake_for(now + *lasts_, out);
  }
  void on_piece_after(Direction direction, const Piece& piece, Instant, Outlet& out) override {
    out.pass(direction, piece);
  }
  void on_own_time(Instant now, Outlet& out) override { release(now, out); }

 private:
  const std::string side_;
  const std::optional<Duration> lasts_;
};

}  // namespace

FaultType half_open() {
  FaultType type;
  type.name = "half-open";
  type.meaning = "for one side the proxy vanishes without a FIN, and acknowledges nothing";
  type.parameters = trigger_parameters();
  type.parameters.push_back({"side", ParameterForm::word, "both", "for whom it vanishes", false,
                             false, "client upstream both"});
  type.parameters.push_back(
      {"for", ParameterForm::duration, "", "then it is back; without: never", false, true});
  type.scope = {false, true, false};
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<HalfOpen>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault
