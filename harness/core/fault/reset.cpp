// reset: the connection is broken off by an RST, at the head of an answer or within its body.
#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/trigger.hpp"

namespace streamgauge::fault {
namespace {

class Reset final : public StrikingMachine {
 public:
  explicit Reset(const FaultSpec& spec) : StrikingMachine(spec), side_(spec.text("side")) {}

 protected:
  void strike(Instant, Outlet& out) override {
    out.fired();
    if (side_ != "upstream") out.reset(Side::client);
    if (side_ != "client") out.reset(Side::upstream);
    if (side_ != "both") out.close();
  }

 private:
  const std::string side_;
};

}  // namespace

FaultType reset() {
  FaultType type;
  type.name = "reset";
  type.meaning = "the connection is broken off by an RST";
  type.parameters = trigger_parameters();
  type.parameters.push_back({"side", ParameterForm::word, "both",
                             "who gets the RST; the other side gets a FIN", false, false,
                             "client upstream both"});
  type.scope = {false, true, false};
  type.make = [](const FaultSpec& spec, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<Reset>(spec);
  };
  return type;
}

}  // namespace streamgauge::fault
