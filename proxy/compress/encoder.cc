#include "proxy/compress/encoder.h"

namespace tollgate::compress {

std::unique_ptr<Encoder> Encoder::Make(api::Coding coding) {
  switch (coding) {
    case api::BROTLI: return MakeBrotliEncoder();
    case api::GZIP: return MakeGzipEncoder();
    case api::ZSTD: return MakeZstdEncoder();
    default: return nullptr;
  }
}

std::string_view NameOf(api::Coding coding) {
  switch (coding) {
    case api::BROTLI: return "br";
    case api::GZIP: return "gzip";
    case api::ZSTD: return "zstd";
    default: return {};
  }
}

}  // namespace tollgate::compress
