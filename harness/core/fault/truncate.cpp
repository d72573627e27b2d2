// truncate: the body ends before its end. Of a chunked one the terminal chunk is missing, of one
// with a length its last byte, and then comes a FIN: what an idle cut in a proxy looks like, and
// what a client must not take for a complete answer.
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
