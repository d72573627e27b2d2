// The part of a swarm's thread that finds the hosts which redirects name.
#include <boost/asio/ip/address.hpp>

#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {
namespace {

std::string origin(const HttpUrl& url) {
  return url_text(url.tls, url.authority, "");
}

}  // namespace

// A server that redirects to ever new hosts must not fill the memory: then all are forgotten.
std::shared_ptr<const StreamEndpoint> SwarmThread::keep_place(const HttpUrl& url,
                                                              Addresses addresses) {
  StreamEndpoint found;
  found.addresses = std::move(addresses);
  found.host = url.authority;
  if (url.tls) found.tls = {tls_for_places_, url.host};
  if (places_.size() >= places_kept_max) places_.clear();
  return places_[origin(url)] = std::make_shared<const StreamEndpoint>(std::move(found));
}

std::shared_ptr<const StreamEndpoint> SwarmThread::find(const HttpUrl& url, const Client& client) {
  if (const auto known = places_.find(origin(url)); known != places_.end()) return known->second;
  if (url.tls && !tls_for_places_) {
    tls_for_places_ = endpoints_.back()->tls.context;
    if (!tls_for_places_) tls_for_places_ = TlsContext::client({}).value();
  }
  boost::system::error_code error;
  const auto literal = boost::asio::ip::make_address(url.host, error);
  if (!error) return keep_place(url, {{literal, url.port}});
  resolver_.async_resolve(
      url.host, std::to_string(url.port),
      [this, url, tag = tag_of(client)](const boost::system::error_code& failure,
                                        const boost::asio::ip::tcp::resolver::results_type& all) {
        if (over_) return;
        Client& asking = clients_[static_cast<std::uint32_t>(tag)];
        if (asking.connection() != tag >> 32) return;
        if (failure) return asking.on_found(nullptr, failure.message());
        Addresses addresses;
        for (const auto& entry : all) addresses.push_back(entry.endpoint());
        asking.on_found(keep_place(url, std::move(addresses)), {});
      });
  return nullptr;
}

}  // namespace streamgauge::net
