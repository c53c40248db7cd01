// One connection of the admin server: reads a request, writes the answer, until the peer or the time is
// through. For admin_server.cc, on its thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>

#include "controller/admin/admin_server.h"

namespace tollgate::admin {

class AdminSession : public std::enable_shared_from_this<AdminSession> {
 public:
  // `pages` must outlive it; `seat` is let go when the connection ends.
  AdminSession(boost::asio::ip::tcp::socket socket, const Pages& pages, std::shared_ptr<void> seat);

  void ReadRequest();

 private:
  using Request = boost::beast::http::request<boost::beast::http::empty_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  void OnRequest(boost::beast::error_code error);
  void Write(Response response);
  void OnWritten(boost::beast::error_code error);

  boost::beast::tcp_stream stream_;
  const Pages& pages_;
  const std::shared_ptr<void> seat_;
  boost::beast::flat_buffer input_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  Response response_;
};

}  // namespace tollgate::admin
