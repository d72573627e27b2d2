#include "harness/core/history/record_codec.hpp"

#include <zlib.h>

#include <limits>
#include <utility>

#include "harness/core/history/fields.hpp"

namespace streamgauge::history {
namespace {

// Times may be anything when they come from a file: differences wrap as unsigned numbers do, and
// wrap back.
std::int64_t wrapped_difference(Instant a, Instant b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ns(a)) -
                                   static_cast<std::uint64_t>(to_ns(b)));
}
Instant wrapped_sum(Instant base, std::int64_t ns) {
  return instant_from_ns(static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ns(base)) +
                                                   static_cast<std::uint64_t>(ns)));
}

/// Writes fields: small numbers short (LEB128, ZigZag where signed), texts with their length.
class FieldWriter {
 public:
  FieldWriter(std::string& out, Instant at) : out_(out), at_(at) {}

  template <class... Fields>
  void operator()(const Fields&... fields) {
    (put(fields), ...);
  }

  void put(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>((value & 0x7f) | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void put(std::int64_t value) {
    put((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void put(std::uint32_t value) { put(std::uint64_t{value}); }
  void put(std::uint16_t value) { put(std::uint64_t{value}); }
  void put(int value) { put(std::int64_t{value}); }
  void put(bool value) { out_.push_back(value ? 1 : 0); }
  void put(Duration value) { put(std::int64_t{value.count()}); }
  void put(Instant value) { put(wrapped_difference(value, at_)); }
  void put(std::string_view text) {
    put(std::uint64_t{text.size()});
    out_ += text;
  }
  template <class E>
  requires std::is_enum_v<E>
  void put(E value) { out_.push_back(static_cast<char>(value)); }
  void put(const std::optional<sse::Envelope>& envelope) {
    put(envelope.has_value());
    if (envelope) each_field(*this, *envelope);
  }

 private:
  std::string& out_;
  Instant at_;
};

/// Reads them back; the first problem stays and what follows is not read.
class FieldReader {
 public:
  explicit FieldReader(std::string_view& bytes) : bytes_(bytes) {}

  [[nodiscard]] std::string_view problem() const { return problem_; }
  /// Of the record: other times are told relative to it.
  void set_time(Instant at) { at_ = at; }

  template <class... Fields>
  void operator()(Fields&... fields) {
    (get(fields), ...);
  }

  void get(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = get_byte();
      if (!problem_.empty()) return;
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return;
    }
    problem_ = "a number of more than 64 bits";
  }
  void get(std::int64_t& value) {
    std::uint64_t coded = 0;
    get(coded);
    value = static_cast<std::int64_t>(coded >> 1) ^ -static_cast<std::int64_t>(coded & 1);
  }
  void get(std::uint32_t& value) { get_below_64(value); }
  void get(std::uint16_t& value) { get_below_64(value); }
  void get(int& value) {
    std::int64_t wide = 0;
    get(wide);
    if (!std::in_range<int>(wide)) return fail("a number out of range");
    value = static_cast<int>(wide);
  }
  void get(bool& value) {
    const std::uint8_t byte = get_byte();
    if (byte > 1) return fail("a truth value that is neither 0 nor 1");
    value = byte == 1;
  }
  void get(Duration& value) {
    std::int64_t ns = 0;
    get(ns);
    value = Duration{ns};
  }
  void get(Instant& value) {
    std::int64_t ns = 0;
    get(ns);
    value = wrapped_sum(at_, ns);
  }
  void get(std::string_view& text) {
    std::uint64_t size = 0;
    get(size);
    if (size > bytes_.size()) return fail("a text that goes beyond the block");
    text = bytes_.substr(0, static_cast<std::size_t>(size));
    bytes_.remove_prefix(text.size());
  }
  template <class E>
  requires std::is_enum_v<E>
  void get(E& value) {
    const std::uint8_t byte = get_byte();
    if (byte > static_cast<std::uint8_t>(last_of<E>)) return fail("an unknown word");
    value = static_cast<E>(byte);
  }
  void get(std::optional<sse::Envelope>& envelope) {
    bool present = false;
    get(present);
    if (present) each_field(*this, envelope.emplace());
  }
  std::uint8_t get_byte() {
    if (!problem_.empty()) return 0;
    if (bytes_.empty()) {
      problem_ = "a record that goes beyond the block";
      return 0;
    }
    const auto byte = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }

 private:
  template <class Unsigned>
  void get_below_64(Unsigned& value) {
    std::uint64_t wide = 0;
    get(wide);
    if (wide > std::numeric_limits<Unsigned>::max()) return fail("a number out of range");
    value = static_cast<Unsigned>(wide);
  }
  void fail(std::string_view problem) {
    if (problem_.empty()) problem_ = problem;
  }

  std::string_view& bytes_;
  Instant at_{};
  std::string_view problem_;
};

template <class F>
bool take_fact(FieldReader& reader, std::uint8_t code, Fact& fact) {
  static_assert(wire_code<F> != 0, "this fact has no code in fields.hpp");
  if (code != wire_code<F>) return false;
  F value{};
  each_field(reader, value);
  fact = value;
  return true;
}

/// Calls take_fact for each alternative of Fact until one has the code.
template <std::size_t... I>
bool take_fact(FieldReader& reader, std::uint8_t code, Fact& fact, std::index_sequence<I...>) {
  return (take_fact<std::variant_alternative_t<I, Fact>>(reader, code, fact) || ...);
}

template <std::size_t... I>
constexpr bool codes_are_distinct(std::index_sequence<I...>) {
  bool used[256] = {};
  bool distinct = true;
  for (const std::uint8_t code : {wire_code<std::variant_alternative_t<I, Fact>>...}) {
    distinct = distinct && !used[code];
    used[code] = true;
  }
  return distinct;
}
using Facts = std::make_index_sequence<std::variant_size_v<Fact>>;
static_assert(codes_are_distinct(Facts{}), "two facts have the same code in fields.hpp");

/// `time_of` turns the time as it is coded into the record's.
template <class TimeOf>
std::string_view take(std::string_view& bytes, Record& record, const TimeOf& time_of) {
  FieldReader reader(bytes);
  const std::uint8_t code = reader.get_byte();
  std::int64_t since_base = 0;
  std::uint32_t stream = 0;
  reader(since_base, stream);
  if (!reader.problem().empty()) return reader.problem();
  record.at = time_of(since_base);
  record.stream = stream - 1;  // 0 wraps to no_stream
  reader.set_time(record.at);
  if (!take_fact(reader, code, record.fact, Facts{})) return "a record of an unknown kind";
  return reader.problem();
}

}  // namespace

void append_record(std::string& out, const Record& record, Instant base) {
  std::visit(
      [&]<class F>(const F& fact) {
        out.push_back(static_cast<char>(wire_code<F>));
        FieldWriter writer(out, record.at);
        writer(wrapped_difference(record.at, base), static_cast<std::uint32_t>(record.stream + 1));
        each_field(writer, fact);
      },
      record.fact);
}

std::string_view take_record(std::string_view& bytes, Record& record, Instant base) {
  return take(bytes, record,
              [base](std::int64_t since_base) { return wrapped_sum(base, since_base); });
}

std::string_view take_record_at(std::string_view& bytes, Record& record, Instant at) {
  return take(bytes, record, [at](std::int64_t) { return at; });
}

std::uint32_t chunk_crc(char kind, std::string_view payload) {
  std::string head(1, kind);
  put_little_endian(head, static_cast<std::uint32_t>(payload.size()));
  const auto update = [](uLong crc, std::string_view part) {
    return crc32_z(crc, reinterpret_cast<const Bytef*>(part.data()), part.size());
  };
  return static_cast<std::uint32_t>(update(update(crc32_z(0, nullptr, 0), head), payload));
}

void append_chunk(std::string& out, char kind, std::string_view payload) {
  out.push_back(kind);
  put_little_endian(out, static_cast<std::uint32_t>(payload.size()));
  put_little_endian(out, chunk_crc(kind, payload));
  out += payload;
}

}  // namespace streamgauge::history
