#include "harness/core/client_case/cases.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace streamgauge::client_case {

using namespace std::chrono_literals;

namespace {

// Long enough for a reader that is not busy to have taken the piece before.
constexpr Duration piece_gap = 2ms;
// Two line ends, so that whatever a client makes of what came before ends here.
constexpr std::string_view guard = "\n\n";

void expect(std::vector<Expected>& all, const Vector& vector, const std::string& at) {
  for (Expected event : vector.events) {
    event.at = at;
    all.push_back(std::move(event));
  }
}

std::string mark(const std::string& at) {
  return fmt::format("{}data: sg-mark {}\n\n", guard, at);
}

void put(Answer& answer, std::string_view bytes, std::size_t cut) {
  answer.send(bytes.substr(0, cut)).wait(piece_gap).send(bytes.substr(cut)).wait(piece_gap);
}

Case parsed(std::string id, std::string requirement, std::string_view source,
            const Vector& vector) {
  Case item;
  item.id = std::move(id);
  item.requirement = std::move(requirement);
  item.source = source;
  item.order.types = vector.types;
  return item;
}

}  // namespace

Expected message(std::string data, std::optional<std::string> id) {
  return {"message", std::move(data), std::move(id)};
}

Expected the_end(std::optional<std::string> id) {
  return message("sg-end", std::move(id));
}

Case everywhere(std::string id, std::string requirement, std::string_view source, Vector vector) {
  Case item = parsed(std::move(id), std::move(requirement), source, vector);
  Answer answer;
  std::vector<Expected> expected;
  const auto close_part = [&](const std::string& at) {
    expect(expected, vector, at);
    answer.send(mark(at)).wait(piece_gap);
    expected.push_back(message("sg-mark " + at));
  };
  answer.send(vector.bytes);
  close_part("whole");
  answer.bytewise(vector.bytes, piece_gap);
  close_part("byte by byte");
  for (std::size_t cut = 1; cut < vector.bytes.size(); ++cut) {
    put(answer, vector.bytes, cut);
    close_part(fmt::format("cut after {}", cut));
  }
  expected.push_back(the_end());
  item.script.replies = {answer.send(end_event).hold()};
  item.judge = hears(std::move(expected));
  return item;
}

Case from_the_start(std::string id, std::string requirement, std::string_view source, Vector vector,
                    std::size_t cuts) {
  Case item = parsed(std::move(id), std::move(requirement), source, vector);
  std::vector<Expected> expected;
  const std::string soon = fmt::format("{}retry: 20\n\n", guard);
  const auto close_part = [&](Answer& answer, const std::string& at) {
    expect(expected, vector, at);
    expected.push_back(message("sg-mark " + at));
    item.script.replies.push_back(answer.send(soon + mark(at)).end());
  };
  Answer whole, bytes;
  close_part(whole.send(vector.bytes), "whole");
  close_part(bytes.bytewise(vector.bytes, piece_gap), "byte by byte");
  for (std::size_t cut = 1; cut <= cuts; ++cut) {
    Answer answer;
    put(answer, vector.bytes, cut);
    close_part(answer, fmt::format("cut after {}", cut));
  }
  expected.push_back(the_end());
  item.script.replies.push_back(last_stream());
  item.until.requests = static_cast<std::uint32_t>(item.script.replies.size());
  item.judge = hears(std::move(expected));
  return item;
}

Case one_stream(std::string id, std::string requirement, std::string_view source, Vector vector) {
  Case item = parsed(std::move(id), std::move(requirement), source, vector);
  item.script.replies = {Answer().send(vector.bytes).send(end_event).hold()};
  vector.events.push_back(the_end());
  item.judge = hears(std::move(vector.events));
  return item;
}

Reply short_stream(std::string_view more) {
  return Answer().send(fmt::format("retry: 50\n\ndata: first\n\n{}", more)).end();
}

Reply last_stream(std::string_view before) {
  return Answer().send(fmt::format("{}{}", before, end_event)).hold();
}

Script after_a_stream(std::vector<Reply> replies) {
  replies.insert(replies.begin(), short_stream());
  return {std::move(replies), {}};
}

Until stays_away(std::uint32_t number) {
  Until until;
  until.requests = number;
  until.end_event = false;
  until.ended = number;
  until.comes_back = true;
  return until;
}

void append(Cases& to, Cases&& more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace streamgauge::client_case
