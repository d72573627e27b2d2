#include "harness/run/processor_account.hpp"

#include <unistd.h>

#include <utility>

#include "harness/net/clock.hpp"

namespace streamgauge::run {

namespace {

net::ThreadTime busiest(const net::ThreadTimes& times) {
  net::ThreadTime most;
  for (const auto& [id, thread] : times) {
    const auto wanted = thread.time.ran + thread.time.waited;
    if (wanted > most.time.ran + most.time.waited) most = thread;
  }
  return most;
}

}  // namespace

void ProcessorAccount::begin(std::string phase, const GeneratorThreads& generator,
                             net::ThreadTimes target) {
  end(generator, target);
  begin_ = Begin{std::move(phase), net::now(), net::machine_busy_time(),
                 net::thread_times(::getpid(), true), std::move(target)};
}

void ProcessorAccount::end(const GeneratorThreads& generator, const net::ThreadTimes& target) {
  if (!begin_) return;
  const auto own = net::between(begin_->own, net::thread_times(::getpid(), true));
  const auto of_target = net::between(begin_->target, target);
  phases_.push_back({begin_->phase, begin_->at, net::now() - begin_->at,
                     net::machine_busy_time() - begin_->machine_busy, generator.of(own),
                     net::sum(of_target), busiest(of_target), net::sum(own).ran});
  begin_.reset();
}

}  // namespace streamgauge::run
