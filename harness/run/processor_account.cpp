#include "harness/run/processor_account.hpp"

#include <unistd.h>

#include <utility>

#include "harness/net/clock.hpp"

namespace streamgauge::run {

void ProcessorAccount::begin(std::string phase, const GeneratorThreads& generator,
                             net::ThreadTimes target) {
  end(generator, target);
  begin_ = Begin{std::move(phase), net::now(), net::machine_busy_time(),
                 net::thread_times(::getpid(), false), std::move(target)};
}

void ProcessorAccount::end(const GeneratorThreads& generator, const net::ThreadTimes& target) {
  if (!begin_) return;
  const auto harness = net::between(begin_->harness, net::thread_times(::getpid(), false));
  phases_.push_back({begin_->phase, net::now() - begin_->at,
                     net::machine_busy_time() - begin_->machine_busy, generator.of(harness),
                     net::sum(net::between(begin_->target, target))});
  begin_.reset();
}

}  // namespace streamgauge::run
