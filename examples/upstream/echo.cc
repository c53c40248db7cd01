// tollgate-echo: an upstream to try the gateway with. It answers every request with what it received, as
// JSON, and appends a line for each to --log. A thread a connection, by Boost.Beast: a server that is not
// ours.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>

#include "api/base/flags.h"
#include "api/base/json_text.h"
#include "api/base/termination.h"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

struct EchoFlags {
  std::string address = "127.0.0.1:9000";
  std::string name = "echo";
  std::string log;
  std::string port_file;
};

std::string Json(std::string_view text) {
  std::string out;
  tollgate::AppendJsonString(text, out);
  return out;
}

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string Describe(const std::string& name, const Request& request) {
  std::string body = "{\n  \"upstream\": " + Json(name);
  body += ",\n  \"method\": " + Json(View(request.method_string()));
  body += ",\n  \"target\": " + Json(View(request.target()));
  body += ",\n  \"headers\": {";
  const char* separator = "\n";
  for (const auto& field : request) {
    body += separator;
    body += "    " + Json(View(field.name_string())) + ": " + Json(View(field.value()));
    separator = ",\n";
  }
  body += "\n  },\n  \"body\": " + Json(request.body()) + "\n}\n";
  return body;
}

// The number behind "name=" in the target's query, or `otherwise`.
unsigned QueryNumber(const Request& request, const std::string& name, unsigned otherwise) {
  const std::string target(request.target());
  const size_t at = target.find(name + "=");
  return at == std::string::npos
             ? otherwise
             : static_cast<unsigned>(std::strtoul(target.c_str() + at + name.size() + 1, nullptr, 10));
}

class RequestLog {
 public:
  explicit RequestLog(const std::string& path) {
    if (!path.empty()) file_.open(path, std::ios::app);
  }
  void Append(const Request& request) {
    if (!file_.is_open()) return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    const std::scoped_lock lock(mutex_);
    file_ << "{\"time\":" << micros << ",\"requestId\":" << Json(View(request["X-Request-Id"]))
          << ",\"consumer\":" << Json(View(request["X-Tollgate-Consumer"]))
          << ",\"target\":" << Json(View(request.target())) << "}" << std::endl;
  }

 private:
  std::mutex mutex_;
  std::ofstream file_;
};

Response Answer(const std::string& name, const Request& request) {
  Response response{static_cast<http::status>(QueryNumber(request, "status", 200)), request.version()};
  response.set(http::field::content_type, "application/json");
  response.set("X-Upstream", name);
  response.keep_alive(request.keep_alive());
  response.body() = Describe(name, request);
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

void ServeConnection(asio::ip::tcp::socket socket, const EchoFlags& flags, RequestLog& log) {
  beast::error_code error;
  beast::flat_buffer buffer;
  while (!error) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(64 * 1024 * 1024);
    http::read(socket, buffer, parser, error);
    if (error) break;
    const Request request = parser.release();
    log.Append(request);
    std::this_thread::sleep_for(std::chrono::milliseconds(QueryNumber(request, "delay_ms", 0)));
    Response response = Answer(flags.name, request);
    if (request.method() == http::verb::head) {
      http::response_serializer<http::string_body> head(response);
      http::write_header(socket, head, error);
    } else {
      http::write(socket, response, error);
    }
    if (!response.keep_alive()) break;
  }
  socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
}

void AcceptForever(asio::ip::tcp::acceptor& acceptor, const EchoFlags& flags, RequestLog& log) {
  while (true) {
    asio::ip::tcp::socket socket(acceptor.get_executor());
    beast::error_code error;
    acceptor.accept(socket, error);
    if (!error) std::thread(ServeConnection, std::move(socket), std::cref(flags), std::ref(log)).detach();
  }
}

int Serve(const EchoFlags& flags) {
  const size_t colon = flags.address.rfind(':');
  beast::error_code error;
  const auto ip = asio::ip::make_address(flags.address.substr(0, colon), error);
  if (error || colon == std::string::npos) {
    return tollgate::Fail("tollgate-echo", "--address \"" + flags.address + "\" is no address and port",
                          tollgate::kExitWrongUse);
  }
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context);
  const asio::ip::tcp::endpoint endpoint(ip,
                                         static_cast<uint16_t>(std::atoi(flags.address.c_str() + colon + 1)));
  acceptor.open(endpoint.protocol());
  acceptor.set_option(asio::socket_base::reuse_address(true));
  acceptor.bind(endpoint, error);
  if (error)
    return tollgate::Fail("tollgate-echo", "cannot listen on " + flags.address + ": " + error.message());
  acceptor.listen();
  if (!flags.port_file.empty()) {
    std::ofstream(flags.port_file + ".partial") << "http=" << acceptor.local_endpoint().port() << "\n";
    std::rename((flags.port_file + ".partial").c_str(), flags.port_file.c_str());
  }
  RequestLog log(flags.log);
  const int signals = tollgate::CatchTermination();
  std::thread(AcceptForever, std::ref(acceptor), std::cref(flags), std::ref(log)).detach();
  // The first process of a container is not ended by a signal that it does not catch.
  tollgate::AwaitTermination(signals);
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  EchoFlags flags;
  tollgate::FlagSet set("tollgate-echo", "An upstream that answers with what it received");
  set.Add("address", flags.address, "IP address and port to listen on; port 0 picks a free one");
  set.Add("name", flags.name, "Name to answer with");
  set.Add("log", flags.log, "File to append a line a request to");
  set.Add("port-file", flags.port_file, "File to write the bound port to");
  return set.Run(argc, argv, [&flags] { return Serve(flags); });
}
