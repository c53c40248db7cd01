#include "proxy/forward/request_body.h"

namespace tollgate::forward {

io::Task<http::BodyPiece> RequestBody::ReadAndKeep() {
  using Status = http::BodyPiece::Status;
  if (next_ < kept_.size()) {
    const std::string_view again = std::string_view(kept_).substr(std::exchange(next_, kept_.size()));
    co_return http::BodyPiece{Status::kData, again};
  }
  if (ended_) co_return http::BodyPiece{Status::kEnd};
  const http::BodyPiece piece = co_await downstream_.ReadBody();
  ended_ = piece.status == Status::kEnd;
  if (ended_ && !lost_ && observer_ != nullptr) observer_->OnWholeBody(kept_);
  if (lost_ || piece.data.empty()) co_return piece;
  lost_ = kept_.size() + piece.data.size() > kMostKept;
  lost_ ? kept_.clear() : void(kept_ += piece.data);
  next_ = kept_.size();
  co_return piece;
}

}  // namespace tollgate::forward
