#include "harness/net/outflow.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace streamgauge::net {
namespace {

constexpr std::uint32_t with_traffic = (1u << 1) | (1u << 4) | (1u << 5) | (1u << 8);
// TCP_ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT: bits of their numbers in the kernel.

/// Of tcpi_bytes_acked in the kernel's tcp_info (linux/tcp.h, since 4.1): that of netinet/tcp.h
/// ends before it, and the two headers do not go together.
constexpr std::size_t bytes_acked_offset = 120;

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

bool ask(int netlink, std::uint8_t family, std::uint16_t port) {
  Request request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = family;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_ext = 1u << (INET_DIAG_INFO - 1);
  request.body.idiag_states = with_traffic;
  request.body.id.idiag_sport = htons(port);
  return ::send(netlink, &request, sizeof request, 0) == static_cast<ssize_t>(sizeof request);
}

/// `message` is one socket of the answer: tcp_info among its attributes.
std::uint64_t acknowledged(const char* message, std::size_t size, std::uint16_t port) {
  inet_diag_msg socket{};
  if (size < sizeof socket) return 0;
  std::memcpy(&socket, message, sizeof socket);
  if (socket.id.idiag_sport != htons(port)) return 0;
  for (std::size_t at = NLMSG_ALIGN(sizeof socket); at + sizeof(rtattr) <= size;) {
    rtattr attribute{};
    std::memcpy(&attribute, message + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || at + attribute.rta_len > size) return 0;
    const std::size_t length = attribute.rta_len - RTA_LENGTH(0);
    std::uint64_t bytes = 0;
    if (attribute.rta_type == INET_DIAG_INFO && length >= bytes_acked_offset + sizeof bytes) {
      std::memcpy(&bytes, message + at + RTA_LENGTH(0) + bytes_acked_offset, sizeof bytes);
      return bytes;
    }
    at += RTA_ALIGN(attribute.rta_len);
  }
  return 0;
}

/// Adds up one family's answer; false when it is an error or does not come.
bool add_answers(int netlink, std::uint16_t port, std::uint64_t& sum) {
  alignas(nlmsghdr) std::array<char, 32768> answer;
  while (true) {
    const ssize_t got = ::recv(netlink, answer.data(), answer.size(), 0);
    if (got < static_cast<ssize_t>(sizeof(nlmsghdr))) return false;
    const auto size = static_cast<std::size_t>(got);
    for (std::size_t at = 0; at + sizeof(nlmsghdr) <= size;) {
      nlmsghdr header{};
      std::memcpy(&header, answer.data() + at, sizeof header);
      if (header.nlmsg_len < sizeof header || at + header.nlmsg_len > size) return false;
      if (header.nlmsg_type == NLMSG_DONE) return true;
      if (header.nlmsg_type == NLMSG_ERROR) return false;
      sum += acknowledged(answer.data() + at + NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN, port);
      at += NLMSG_ALIGN(header.nlmsg_len);
    }
  }
}

}  // namespace

std::optional<std::uint64_t> bytes_sent_from(std::uint16_t port) {
  const int netlink = ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0) return std::nullopt;
  const timeval patience{0, 500'000};
  ::setsockopt(netlink, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::uint64_t sum = 0;
  const bool whole = ask(netlink, AF_INET, port) && add_answers(netlink, port, sum) &&
                     ask(netlink, AF_INET6, port) && add_answers(netlink, port, sum);
  ::close(netlink);
  return whole ? std::optional(sum) : std::nullopt;
}

}  // namespace streamgauge::net
