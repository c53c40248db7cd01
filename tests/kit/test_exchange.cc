#include "tests/kit/test_exchange.h"

#include <iterator>

namespace tollgate::kit {

void FakeDownstream::SetBody(http::Framing framing, std::vector<std::string> pieces,
                             http::BodyPiece::Status end) {
  request_framing_ = framing;
  pieces_.assign(std::make_move_iterator(pieces.begin()), std::make_move_iterator(pieces.end()));
  end_ = end;
}

io::Task<void> FakeDownstream::SendInterim(int status, const http::Fields& fields) {
  interims_ += std::to_string(status) + "\n" + ToText(fields);
  co_return;
}

io::Task<http::BodyPiece> FakeDownstream::ReadBody() {
  if (pieces_.empty() && held_) co_await released_;
  if (pieces_.empty()) co_return http::BodyPiece{end_};
  piece_ = std::move(pieces_.front());
  pieces_.pop_front();
  received_ += piece_.size();
  co_return http::BodyPiece{http::BodyPiece::Status::kData, piece_};
}

io::Task<bool> FakeDownstream::SendHead(const exchange::Answer& answer, std::string_view piece, bool last) {
  status_ = answer.status;
  fields_ = ToText(answer.fields);
  framing_ = answer.framing;
  co_return co_await SendBody(piece, last);
}

io::Task<bool> FakeDownstream::SendBody(std::string_view piece, bool last) {
  if (gone_) co_return false;
  body_ += piece;
  sent_ += piece.size();
  complete_ = last;
  co_return true;
}

TestExchange::TestExchange(std::string_view method, std::string_view target, std::string_view lines,
                           int minor_version, const std::string& peer, const exchange::Transport& transport)
    : request_(method, target, lines, minor_version),
      peer_(*io::Address::FromLiteral(peer, 4711)),
      x_(request_.head(), downstream_, peer_, transport) {
  (void)http::ParseTarget(request_.head(), x_.target);
  x_.query = x_.target.query;
  x_.has_query = x_.target.has_query;
  x_.fields = request_.fields();
  x_.request_id = "request-1";
}

}  // namespace tollgate::kit
