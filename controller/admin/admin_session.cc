#include "controller/admin/admin_session.h"

#include <utility>

namespace tollgate::admin {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// Scrapers and probes are near and quick, and come back every half minute: whoever is not, or does not, gives
// up the connection. Both are for one request.
constexpr std::chrono::seconds kIdle{75};
constexpr std::chrono::seconds kWriting{15};
// The head of a GET with the headers that a scraper or a browser sends.
constexpr uint32_t kMaxHead = 8 * 1024;

AdminAnswer Plain(unsigned status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text) + "\n"};
}

AdminAnswer Answer(const Pages& pages, http::verb method, const std::string& target) {
  const auto page = pages.find(target.substr(0, target.find('?')));
  if (page == pages.end()) {
    std::string known;
    for (const auto& [path, unused] : pages) known += " " + path;
    return Plain(404, "not found; there is" + known);
  }
  if (method != http::verb::get && method != http::verb::head) return Plain(405, "GET or HEAD only");
  return page->second();
}

}  // namespace

AdminSession::AdminSession(boost::asio::ip::tcp::socket socket, const Pages& pages,
                           std::shared_ptr<void> seat)
    : stream_(std::move(socket)), pages_(pages), seat_(std::move(seat)), input_(kMaxHead) {}

void AdminSession::ReadRequest() {
  parser_.emplace();
  parser_->header_limit(kMaxHead);
  parser_->body_limit(uint64_t{0});
  stream_.expires_after(kIdle);
  http::async_read(stream_, input_, *parser_,
                   [self = shared_from_this()](beast::error_code error, size_t) { self->OnRequest(error); });
}

void AdminSession::OnRequest(beast::error_code error) {
  if (error) return;  // closed, too slow, too large, or not HTTP: nobody to tell
  const Request request = parser_->release();
  AdminAnswer answer = Answer(pages_, request.method(), std::string(request.target()));
  Response response(http::int_to_status(answer.status), request.version());
  response.set(http::field::content_type, answer.content_type);
  if (answer.status == 405) response.set(http::field::allow, "GET, HEAD");
  response.keep_alive(request.keep_alive());
  response.content_length(answer.body.size());
  if (request.method() != http::verb::head) response.body() = std::move(answer.body);
  Write(std::move(response));
}

void AdminSession::Write(Response response) {
  response_ = std::move(response);
  stream_.expires_after(kWriting);
  http::async_write(stream_, response_,
                    [self = shared_from_this()](beast::error_code error, size_t) { self->OnWritten(error); });
}

void AdminSession::OnWritten(beast::error_code error) {
  if (error) return;
  if (response_.need_eof()) {
    stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
    return;
  }
  ReadRequest();
}

}  // namespace tollgate::admin
