#include "harness/core/client_case/script.hpp"

#include <fmt/format.h>

#include <utility>

namespace streamgauge::client_case {

namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 503:
      return "Service Unavailable";
    default:
      return "Scripted";
  }
}

}  // namespace

Answer::Answer(int status) : status_(status) {}

Answer& Answer::field(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
  return *this;
}

Answer& Answer::type(std::optional<std::string> value) {
  type_ = std::move(value);
  return *this;
}

Answer& Answer::coding(Coding coding) {
  coding_ = coding;
  return *this;
}

Answer& Answer::announce(std::uint64_t length) {
  coding_ = Coding::length;
  length_ = length;
  return *this;
}

void Answer::put_head() {
  if (std::exchange(head_put_, true)) return;
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", status_, reason_phrase(status_));
  if (type_) head += fmt::format("Content-Type: {}\r\n", *type_);
  // Browsers that are driven from a page of another origin may read it, too.
  head += "Cache-Control: no-store\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n";
  for (const auto& [name, value] : fields_) head += fmt::format("{}: {}\r\n", name, value);
  if (coding_ == Coding::chunked) head += "Transfer-Encoding: chunked\r\n";
  if (coding_ == Coding::length) head += fmt::format("Content-Length: {}\r\n", length_);
  reply_.steps.emplace_back(step::Write{head + "\r\n"});
}

std::string Answer::coded(std::string_view bytes) const {
  if (coding_ != Coding::chunked) return std::string(bytes);
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

Answer& Answer::send(std::string_view bytes) {
  put_head();
  if (!bytes.empty()) reply_.steps.emplace_back(step::Write{coded(bytes)});
  return *this;
}

Answer& Answer::bytewise(std::string_view bytes, Duration gap) {
  for (std::size_t i = 0; i < bytes.size(); ++i) send(bytes.substr(i, 1)).wait(gap);
  return *this;
}

Answer& Answer::wait(Duration length) {
  put_head();
  reply_.steps.emplace_back(step::Wait{length});
  return *this;
}

Answer& Answer::flood(std::string_view piece, std::uint64_t bytes_max) {
  put_head();
  reply_.steps.emplace_back(step::Flood{coded(piece), bytes_max});
  return *this;
}

Answer& Answer::raw(std::string_view bytes) {
  head_put_ = true;
  reply_.steps.emplace_back(step::Write{std::string(bytes)});
  return *this;
}

Answer& Answer::flood_raw(std::string_view piece, std::uint64_t bytes_max) {
  head_put_ = true;
  reply_.steps.emplace_back(step::Flood{std::string(piece), bytes_max});
  return *this;
}

Reply Answer::end() {
  put_head();
  if (coding_ == Coding::chunked) reply_.steps.emplace_back(step::Write{"0\r\n\r\n"});
  return cut();
}

Reply Answer::cut() {
  put_head();
  reply_.steps.emplace_back(step::Finish{});
  return std::move(reply_);
}

Reply Answer::reset() {
  put_head();
  reply_.steps.emplace_back(step::Abort{});
  return std::move(reply_);
}

Reply Answer::hold() {
  put_head();
  return std::move(reply_);
}

Reply refusal(int status, std::vector<std::pair<std::string, std::string>> fields) {
  const std::string body = status == 204 || status == 304 ? "" : "refused by the script\n";
  Answer answer(status);
  answer.type(body.empty() ? std::nullopt : std::optional<std::string>{"text/plain"});
  for (auto& [name, value] : fields) answer.field(std::move(name), std::move(value));
  if (body.empty()) {
    answer.coding(Answer::Coding::until_close);
  } else {
    answer.announce(body.size());
  }
  return answer.send(body).cut();
}

Reply redirect(int status, std::optional<std::string> location) {
  Answer answer(status);
  answer.type(std::nullopt).announce(0);
  if (location) answer.field("Location", *location);
  return answer.cut();
}

}  // namespace streamgauge::client_case
