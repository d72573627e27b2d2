#include "harness/core/fault/answer.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace streamgauge::fault {

std::string_view reason_phrase(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 12> phrases{
      {{400, "Bad Request"},
       {401, "Unauthorized"},
       {403, "Forbidden"},
       {404, "Not Found"},
       {408, "Request Timeout"},
       {413, "Content Too Large"},
       {429, "Too Many Requests"},
       {500, "Internal Server Error"},
       {502, "Bad Gateway"},
       {503, "Service Unavailable"},
       {504, "Gateway Timeout"},
       {524, "A Timeout Occurred"}}};
  for (const auto& [code, phrase] : phrases) {
    if (code == status) return phrase;
  }
  return "Error";
}

std::string answer_text(const Answer& answer, bool with_body) {
  const std::string title = fmt::format("{} {}", answer.status, reason_phrase(answer.status));
  const std::string body = answer.html
                               ? fmt::format(
                                     "<!DOCTYPE html>\n<html><head><title>{0}</title></head>\n"
                                     "<body><center><h1>{0}</h1></center></body></html>\n",
                                     title)
                               : title + "\n";
  std::string text = fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n", title,
                                 answer.html ? "text/html" : "text/plain", body.size());
  if (answer.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*answer.retry_after).count();
    text += fmt::format("Retry-After: {}\r\n", seconds);
  }
  text += answer.fields + "Connection: close\r\n\r\n";
  if (with_body) text += body;
  return text;
}

void answer(const Answer& answer, Outlet& out) {
  const bool with_body = out.exchange(Direction::down).method != "HEAD";
  const std::string text = answer_text(answer, with_body);
  const std::size_t head = text.find("\r\n\r\n") + 4;
  const std::string_view whole{text};
  out.pass(Direction::down, {PieceKind::head, whole.substr(0, head)});
  if (with_body) out.pass(Direction::down, {PieceKind::data, whole.substr(head)});
  out.pass(Direction::down, {PieceKind::last, {}});
  out.close();
}

}  // namespace streamgauge::fault
