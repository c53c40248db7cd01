#include <brotli/encode.h>

#include "api/base/check.h"
#include "proxy/compress/encoder.h"

namespace tollgate::compress {
namespace {

// Twice as fast as gzip at its level here, and smaller; 4 is a point smaller still, takes half as much time
// again and twice the memory.
constexpr uint32_t kQuality = 3;

BrotliEncoderOperation ToOperation(Encoder::Behind behind) {
  switch (behind) {
    case Encoder::Behind::kMore: return BROTLI_OPERATION_PROCESS;
    case Encoder::Behind::kPause: return BROTLI_OPERATION_FLUSH;
    case Encoder::Behind::kEnd: return BROTLI_OPERATION_FINISH;
  }
  return BROTLI_OPERATION_FINISH;
}

class BrotliEncoder final : public Encoder {
 public:
  BrotliEncoder() : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    TOLLGATE_CHECK(state_ != nullptr);
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, kQuality);
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, kWindowBits);
  }
  ~BrotliEncoder() override { BrotliEncoderDestroyInstance(state_); }

  void Encode(std::string_view piece, Behind behind, std::string& out) override {
    size_t left = piece.size();
    const auto* in = reinterpret_cast<const uint8_t*>(piece.data());
    do {
      size_t no_room = 0;
      const BROTLI_BOOL done =
          BrotliEncoderCompressStream(state_, ToOperation(behind), &left, &in, &no_room, nullptr, nullptr);
      TOLLGATE_CHECK(done == BROTLI_TRUE);
      size_t size = 0;
      const uint8_t* const bytes = BrotliEncoderTakeOutput(state_, &size);
      out.append(reinterpret_cast<const char*>(bytes), size);
      // What is put out makes room for what waits behind it.
    } while (left > 0 || BrotliEncoderHasMoreOutput(state_) == BROTLI_TRUE || !Done(behind));
  }

 private:
  bool Done(Behind behind) const {
    return behind != Behind::kEnd || BrotliEncoderIsFinished(state_) == BROTLI_TRUE;
  }

  BrotliEncoderState* const state_;
};

}  // namespace

std::unique_ptr<Encoder> MakeBrotliEncoder() { return std::make_unique<BrotliEncoder>(); }

}  // namespace tollgate::compress
