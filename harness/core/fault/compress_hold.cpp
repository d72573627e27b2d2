// compress-hold: a compressor between the two, which nobody tells to flush: it gives something out
// when its block is full, so that small events stay inside for minutes. Clients that do not accept
// gzip, and answers that are encoded already, pass.
#include <zlib.h>

#include <fmt/format.h>

#include <array>
#include <new>

#include "harness/core/fault/faults.hpp"
#include "harness/core/fault/head_edit.hpp"
#include "harness/core/fault/machine.hpp"
#include "harness/core/http/head.hpp"

namespace streamgauge::fault {
namespace {

/// zlib's state and window: some 40 kB with these sizes.
class Gzip {
 public:
  Gzip() {
    constexpr int window_bits = 12, gzip_header = 16, memory_level = 4;
    if (::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits + gzip_header,
                       memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc{};
    }
  }
  ~Gzip() { ::deflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  std::string add(std::string_view bytes, bool last) {
    std::string out;
    std::array<char, 4096> part;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(part.data());
      stream_.avail_out = part.size();
      (void)::deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      out.append(part.data(), part.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return out;
  }

 private:
  z_stream stream_{};
};

class CompressHold final : public Machine {
 public:
  void on_piece(Direction direction, const Piece& piece, Instant, Outlet& out) override {
    if (direction == Direction::up) return out.pass(direction, piece);
    if (piece.kind == PieceKind::head) return begin(piece, out);
    if (!gzip_) return out.pass(direction, piece);
    switch (piece.kind) {
      case PieceKind::data:
        return give(gzip_->add(piece.bytes, false), out);
      case PieceKind::last:
        give(gzip_->add({}, true), out);
        gzip_.reset();
        return out.pass(direction, {PieceKind::last, chunked_ ? "0\r\n\r\n" : ""});
      case PieceKind::frame:
        return;             // of the chunks that these bytes came in
      case PieceKind::eof:  // cut: the compressor's end does not come either
        gzip_.reset();
        return out.pass(direction, piece);
      case PieceKind::head:
      case PieceKind::raw:
        return out.pass(direction, piece);
    }
  }
  /// A body that was begun stays encoded to its end.
  bool holds(Direction direction) const override {
    return direction == Direction::down && gzip_ != nullptr;
  }

 private:
  void begin(const Piece& piece, Outlet& out) {
    const Exchange& exchange = out.exchange(Direction::down);
    const auto length = http::field(piece.bytes, "content-length");
    const bool chunked = http::has_token(piece.bytes, "transfer-encoding", "chunked");
    const bool has_body = exchange.method != "HEAD" && length != "0" &&
                          !piece.bytes.substr(0, 12).ends_with("204") &&
                          !piece.bytes.substr(0, 12).ends_with("304");
    if (!exchange.accepts_gzip || !has_body || http::field(piece.bytes, "content-encoding")) {
      return out.pass(Direction::down, piece);
    }
    out.fired();
    gzip_ = std::make_unique<Gzip>();
    chunked_ = chunked || exchange.http11;
    std::string head = without_field(piece.bytes, "content-length");
    head = with_fields(head, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
    if (chunked_ && !chunked) head = with_fields(head, "Transfer-Encoding: chunked\r\n");
    out.pass(Direction::down, {PieceKind::head, head});
  }
  void give(const std::string& bytes, Outlet& out) const {
    if (bytes.empty()) return;
    if (chunked_)
      out.pass(Direction::down, {PieceKind::frame, fmt::format("{:x}\r\n", bytes.size())});
    out.pass(Direction::down, {PieceKind::data, bytes});
    if (chunked_) out.pass(Direction::down, {PieceKind::frame, "\r\n"});
  }

  std::unique_ptr<Gzip> gzip_;
  bool chunked_ = false;
};

}  // namespace

FaultType compress_hold() {
  FaultType type;
  type.name = "compress-hold";
  type.meaning = "answers are compressed with gzip and never flushed";
  type.scope = {false, true, false};
  type.make = [](const FaultSpec&, std::uint64_t) -> std::unique_ptr<Machine> {
    return std::make_unique<CompressHold>();
  };
  return type;
}

}  // namespace streamgauge::fault
