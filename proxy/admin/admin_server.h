// A small HTTP server for operators, on a thread of its own so that it answers however busy the cores are:
// health, metrics, status. Never reached by callers' traffic.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/base/result.h"
#include "proxy/http/head.h"
#include "proxy/io/loop.h"
#include "proxy/io/tcp.h"

namespace tollgate::admin {

struct AdminAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class AdminServer {
 public:
  struct Page {
    // Called on the server's thread; must not block for long.
    std::function<AdminAnswer()> answer;
    bool acts = false;  // for POST alone; the others for GET and HEAD
  };

  // `pages` by path; answers from Start() on. Fails with a sentence that names the address.
  // `inherited`: what listens there already, from another process; of several the first counts.
  static Result<std::unique_ptr<AdminServer>> Open(const io::Address& on, std::map<std::string, Page> pages,
                                                   std::vector<io::Descriptor> inherited = {});
  ~AdminServer();

  // Before it starts. A page of the web that somebody here looks at can reach loopback, too: what a browser
  // sends by itself, and names that lead here as "rebinding" does it, are refused.
  void RefuseBrowsers() { refuses_browsers_ = true; }
  void Start();
  // Another process listens there, too, and is the one to ask from now on.
  void StopAccepting();

  const io::Address& local() const { return acceptor_->local(); }
  // Stays this one's.
  int socket() const { return acceptor_->socket(); }

 private:
  explicit AdminServer(std::map<std::string, Page> pages) : pages_(std::move(pages)) {}
  io::Task<void> AcceptConnections();
  io::Task<void> ServeConnection(std::unique_ptr<io::Stream> stream);
  io::Task<bool> Send(io::Stream& stream, const AdminAnswer& answer, bool with_body, bool keep_alive);
  AdminAnswer Answer(const http::RequestHead& head) const;

  const std::map<std::string, Page> pages_;
  io::Loop loop_;
  std::unique_ptr<io::Acceptor> acceptor_;
  bool refuses_browsers_ = false;
  bool leaving_ = false;  // the thread's: connections end with the answer under way
  std::thread thread_;
};

}  // namespace tollgate::admin
