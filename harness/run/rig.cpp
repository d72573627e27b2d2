#include "harness/run/rig.hpp"

#include <unistd.h>

#include <utility>

#include "harness/core/contract/load.hpp"
#include "harness/core/result/wire_excerpt.hpp"
#include "harness/net/outflow.hpp"
#include "harness/net/request.hpp"

namespace streamgauge::run {

void GeneratorThreads::add(pid_t thread) {
  const std::lock_guard lock(mutex_);
  threads_.insert(thread);
}

net::ThreadTimes GeneratorThreads::of(net::ThreadTimes all) const {
  const std::lock_guard lock(mutex_);
  std::erase_if(all, [this](const auto& thread) { return !threads_.contains(thread.first); });
  return all;
}

Rig::Rig(const Home& home, const Plan& plan, const PlannedScenario& planned,
         const CheckContext& context, Instant started, const std::atomic<bool>* interrupted)
    : home_(home),
      plan_(plan),
      planned_(planned),
      context_(context),
      started_(started),
      interrupted_(interrupted) {}

Rig::~Rig() {
  close();
}

Result<void> Rig::open() {
  if (auto opened = open_targets(); !opened) return opened;
  if (auto opened = open_paths(); !opened) return opened;
  return open_clients();
}

Result<void> Rig::open_targets() {
  net::TargetOptions options;
  options.build_dir = home_.build_dir;
  options.contract_yaml = write_contract(plan_.contract);
  options.time_scale = plan_.time_scale;
  options.flaws = plan_.flaws;
  options.search = home_.programs;
  options.interrupted = interrupted_;
  auto target = net::Target::open(plan_.target, options);
  if (!target) return target.error();
  target_.emplace(std::move(*target));
  if (!needs_standby(planned_.scenario) || !target_->spawned()) return {};
  auto standby = target_->open_standby();
  if (!standby) return standby.error();
  standby_.emplace(std::move(*standby));
  return {};
}

Result<void> Rig::open_paths() {
  net::HopOptions options;
  options.build_dir = home_.build_dir;
  options.search = home_.programs;
  options.time_scale = plan_.time_scale;
  options.interrupted = interrupted_;
  std::vector<ProxySpec> hops;
  for (const PlannedHop& hop : planned_.path) hops.push_back(hop.spec);
  auto path = net::Path::open(hops, target_->streams().addresses, options);
  if (!path) return path.error();
  path_.emplace(std::move(*path));
  if (!standby_) return {};
  auto standby = net::Path::open(hops, standby_->streams().addresses, options);
  if (!standby) return standby.error();
  standby_path_.emplace(std::move(*standby));
  return {};
}

net::StreamEndpoint Rig::standby_streams() const {
  auto endpoint = standby_->streams();
  endpoint.addresses = standby_path_->entrance();
  return endpoint;
}

std::optional<std::uint64_t> Rig::sent_bytes() const {
  const auto& addresses = target_->streams().addresses;
  if (addresses.empty() || !addresses.front().address().is_loopback()) return std::nullopt;
  return net::bytes_sent_from(addresses.front().port());
}

Result<void> Rig::open_clients() {
  for (unsigned i = 0; i < plan_.threads; ++i) swarm_folds_.push_back(new_fold());
  engine_fold_ = new_fold();
  net::SwarmConfig config;
  config.scenario = &planned_.scenario;
  config.endpoint = target_->streams();
  config.endpoint.addresses = path_->entrance();
  for (auto& fold : swarm_folds_) config.sinks.push_back(fold.get());
  if (const auto limits = wire_limits(context_.streams, planned_.scenario.alone)) {
    for (unsigned i = 0; i < plan_.threads; ++i) {
      wire_logs_.push_back(std::make_unique<WireLog>(*limits));
      config.wire.push_back(wire_logs_.back().get());
    }
  }
  config.seed = planned_.scenario.seed;
  swarm_ = std::make_unique<net::Swarm>(std::move(config));
  open_publisher();
  if (auto begun = swarm_->start(); !begun) return begun;
  tell_each([threads = generator_](RecordSink&) { threads->add(::gettid()); });
  if (standby_) tell_all(fact::TargetChanged{TargetEvent::standby_up, 0, {}});
  return {};
}

void Rig::open_publisher() {
  const auto publish = target_->publish();
  if (!publish) return;
  publisher_fold_ = new_fold();
  net::PublisherConfig config;
  config.scenario = &planned_.scenario;
  config.endpoint = target_->streams();
  config.publish = *publish;
  if (standby_) config.standby = {standby_->streams(), *standby_->publish()};
  config.sink = publisher_fold_.get();
  config.run = context_.run;
  publisher_ = std::make_unique<net::Publisher>(std::move(config));
  publisher_->start();
}

void Rig::close() {
  if (swarm_) swarm_status_ = swarm_->status();
  if (swarm_) swarm_->stop();
  if (publisher_) {
    publisher_status_ = publisher_->status();
    publisher_->stop();
  }
  standby_path_.reset();
  path_.reset();
  standby_.reset();
  target_.reset();
}

std::unique_ptr<Fold> Rig::total() {
  auto total = new_fold(false);
  for (const auto& fold : swarm_folds_) total->merge(*fold);
  if (publisher_fold_) total->merge(*publisher_fold_);
  if (engine_fold_) total->merge(*engine_fold_);
  return total;
}

std::vector<WireExcerpt> Rig::wire(const std::vector<CheckResult>& checks) const {
  std::vector<const WireLog*> logs;
  for (const auto& log : wire_logs_) logs.push_back(log.get());
  const TokenTexts& tokens = plan_.target.tokens;
  std::vector<std::string> secrets{tokens.valid, tokens.wrong, tokens.revocable};
  for (std::size_t i = 0; i < 3; ++i) secrets.push_back(net::percent_encode(secrets[i]));
  return wire_excerpts(streams_in_evidence(checks), logs, secrets);
}

void FigureBoard::put(const RecordSink* fold, LiveFigures figures) {
  const std::lock_guard lock(mutex_);
  latest_[fold] = std::move(figures);
}

LiveFigures FigureBoard::sum() const {
  const std::lock_guard lock(mutex_);
  LiveFigures sum;
  for (const auto& [fold, figures] : latest_) sum.add(figures);
  return sum;
}

void Rig::ask_figures() {
  // Every sink is a fold: new_fold() made them.
  tell_each([board = board_](RecordSink& sink) {
    board->put(&sink, static_cast<const Fold&>(sink).measurements().figures());
  });
  if (engine_fold_) board_->put(engine_fold_.get(), engine_fold_->measurements().figures());
}

LiveFigures Rig::figures() const {
  return board_->sum();
}

void Rig::observe(Instant at, const Fact& fact) {
  if (engine_fold_) engine_fold_->on({at, no_stream, fact});
}

std::string_view Rig::keep(std::string text) {
  return *texts_.insert(std::move(text)).first;
}

void Rig::tell_each(const std::function<void(RecordSink&)>& tell) {
  if (swarm_) swarm_->tell_sinks(tell);
  if (publisher_) publisher_->tell_sink(tell);
}

std::unique_ptr<Fold> Rig::new_fold(bool recorded) const {
  const bool wanted = recorded && planned_.recording;
  return std::make_unique<Fold>(context_, planned_.checks, started_,
                                wanted ? planned_.recording->file : std::string());
}

}  // namespace streamgauge::run
