#include <zlib.h>

#include "api/base/check.h"
#include "proxy/compress/encoder.h"

namespace tollgate::compress {
namespace {

// The next level saves one byte in a hundred and takes a quarter more time; the one below takes as long.
constexpr int kLevel = 4;
constexpr int kGzipFormat = 16;  // added to the window's bits
constexpr int kMemory = 8;       // zlib's own choice: 256 KiB in all
constexpr size_t kStep = size_t{16} << 10;

int ToFlush(Encoder::Behind behind) {
  switch (behind) {
    case Encoder::Behind::kMore: return Z_NO_FLUSH;
    case Encoder::Behind::kPause: return Z_SYNC_FLUSH;
    case Encoder::Behind::kEnd: return Z_FINISH;
  }
  return Z_FINISH;
}

class GzipEncoder final : public Encoder {
 public:
  GzipEncoder() {
    const int ready =
        deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipFormat + MAX_WBITS, kMemory, Z_DEFAULT_STRATEGY);
    TOLLGATE_CHECK(ready == Z_OK);
  }
  ~GzipEncoder() override { deflateEnd(&stream_); }

  void Encode(std::string_view piece, Behind behind, std::string& out) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
    size_t written = out.size();
    do {
      out.resize(written + kStep);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + written);
      stream_.avail_out = kStep;
      const int result = deflate(&stream_, ToFlush(behind));
      TOLLGATE_CHECK(result != Z_STREAM_ERROR);
      written = out.size() - stream_.avail_out;
    } while (stream_.avail_out == 0);
    out.resize(written);
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::unique_ptr<Encoder> MakeGzipEncoder() { return std::make_unique<GzipEncoder>(); }

}  // namespace tollgate::compress
