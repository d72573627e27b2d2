// truncate: the body ends before its end: in the place of its terminal chunk, or where it is told,
// comes a FIN. What an idle cut in a proxy looks like, and what a client must not take for a
// complete answer. A body with a length is cut only where told.
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/trigger.hpp"

namespace streamgauge::fault {
namespace {

class Truncate final : public StrikingMachine {
 public:
  explicit Truncate(const FaultSpec& spec)
      : StrikingMachine(spec), at_end_(Trigger{spec}.at_once()) {}

 protected:
  bool strikes_at_end() const override { return at_end_; }
  void strike(Instant, Outlet& out) override {
    out.fired();
    out.close();
  }

 private:
  const bool at_end_;
};

}  // namespace

FaultType truncate() {
  FaultType type;
  type.name = "truncate";
  type.meaning = "the body is cut by a FIN, without its terminal chunk";
  type.parameters = trigger_parameters();
  type.scope = {false, true, false};
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<Truncate>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault
