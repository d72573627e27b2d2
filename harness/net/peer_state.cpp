#include "harness/net/peer_state.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace streamgauge::net {
namespace {

using Endpoint = boost::asio::ip::tcp::endpoint;

// A socket without an owner is not a sign by itself: a connection that nobody has accepted yet has
// none either. Once its owner closes a socket, its state leaves ESTABLISHED and CLOSE_WAIT.
PeerState from_tcp_state(int state) {
  switch (state) {
    case TCP_ESTABLISHED:
    case TCP_SYN_SENT:
    case TCP_SYN_RECV:
    case TCP_CLOSE_WAIT:
      return PeerState::open;
    case TCP_TIME_WAIT:
    case TCP_CLOSE:
    case TCP_LISTEN:
      return PeerState::gone;
    default:
      return PeerState::closing;
  }
}

bool is_loopback(const Endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
        .is_loopback();
  }
  return address.is_loopback();
}

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

void put_address(__be32 (&to)[4], const boost::asio::ip::address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    std::memcpy(to, bytes.data(), bytes.size());
  } else {
    const auto bytes = address.to_v6().to_bytes();
    std::memcpy(to, bytes.data(), bytes.size());
  }
}

Request mirrored_request(const Endpoint& local, const Endpoint& remote) {
  Request request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.body.sdiag_family = remote.address().is_v4() ? AF_INET : AF_INET6;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = ~0u;
  request.body.id.idiag_sport = htons(remote.port());  // the peer's own side is our remote
  request.body.id.idiag_dport = htons(local.port());
  put_address(request.body.id.idiag_src, remote.address());
  put_address(request.body.id.idiag_dst, local.address());
  request.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return request;
}

// The kernel looks for an exact match first, then for a listener on the port: the latter is not
// the connection that was asked for, so the remote port is compared too.
std::optional<PeerState> ask_netlink(int netlink, const Endpoint& local, const Endpoint& remote) {
  Request request = mirrored_request(local, remote);
  if (::send(netlink, &request, sizeof request, 0) != static_cast<ssize_t>(sizeof request)) {
    return std::nullopt;
  }
  // The kernel answers within send(): nothing to wait for.
  alignas(nlmsghdr) std::array<char, 1024> answer{};
  const ssize_t size = ::recv(netlink, answer.data(), answer.size(), MSG_DONTWAIT);
  if (size < static_cast<ssize_t>(sizeof(nlmsghdr))) return std::nullopt;
  nlmsghdr header{};
  std::memcpy(&header, answer.data(), sizeof header);
  const char* payload = answer.data() + NLMSG_HDRLEN;
  const auto payload_size = size - static_cast<ssize_t>(NLMSG_HDRLEN);
  if (header.nlmsg_type == NLMSG_ERROR) {
    int error = 0;
    if (payload_size < static_cast<ssize_t>(sizeof error)) return std::nullopt;
    std::memcpy(&error, payload, sizeof error);
    if (error == -ENOENT) return PeerState::gone;
    return std::nullopt;
  }
  inet_diag_msg message{};
  if (payload_size < static_cast<ssize_t>(sizeof message)) return std::nullopt;
  std::memcpy(&message, payload, sizeof message);
  if (message.id.idiag_dport != htons(local.port())) return PeerState::gone;
  return from_tcp_state(message.idiag_state);
}

// Addresses in /proc/net/tcp are words in the host's byte order, printed as hexadecimal numbers.
std::string table_form(const Endpoint& endpoint) {
  std::string text;
  auto append = [&](const unsigned char* bytes, std::size_t size) {
    for (std::size_t i = 0; i < size; i += 4) {
      std::uint32_t word = 0;
      std::memcpy(&word, bytes + i, 4);
      text += fmt::format("{:08X}", word);
    }
  };
  if (endpoint.address().is_v4()) {
    const auto bytes = endpoint.address().to_v4().to_bytes();
    append(bytes.data(), bytes.size());
  } else {
    const auto bytes = endpoint.address().to_v6().to_bytes();
    append(bytes.data(), bytes.size());
  }
  return text + fmt::format(":{:04X}", endpoint.port());
}

std::optional<std::string> read_table(const char* path) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 16384> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file)) {
    text.append(buffer.data(), size);
  }
  std::fclose(file);
  return text;
}

}  // namespace

PeerStateProbe::PeerStateProbe()
    : netlink_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {}

PeerStateProbe::~PeerStateProbe() {
  if (netlink_ >= 0) ::close(netlink_);
}

std::optional<PeerState> PeerStateProbe::ask(const Endpoint& local, const Endpoint& remote) {
  if (!is_loopback(local) || !is_loopback(remote)) return std::nullopt;
  if (netlink_ >= 0) {
    if (const auto state = ask_netlink(netlink_, local, remote)) return state;
  }
  const auto table = read_table(remote.address().is_v4() ? "/proc/net/tcp" : "/proc/net/tcp6");
  if (!table) return std::nullopt;
  return peer_state_in_table(*table, local, remote);
}

std::optional<PeerState> peer_state(const Endpoint& local, const Endpoint& remote) {
  return PeerStateProbe{}.ask(local, remote);
}

PeerState peer_state_in_table(std::string_view table, const Endpoint& local,
                              const Endpoint& remote) {
  // "  12: 0100007F:1F90 0100007F:D2A4 01 00000000:00000000 ..."
  const std::string wanted = fmt::format(": {} {} ", table_form(remote), table_form(local));
  const auto found = table.find(wanted);
  if (found == std::string_view::npos) return PeerState::gone;
  const std::string state{table.substr(found + wanted.size(), 2)};
  return from_tcp_state(static_cast<int>(std::strtol(state.c_str(), nullptr, 16)));
}

}  // namespace streamgauge::net
