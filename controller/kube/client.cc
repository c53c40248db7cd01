#include "controller/kube/client.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "controller/kube/line_splitter.h"
#include "controller/kube/query.h"
#include "controller/kube/transport.h"

namespace tollgate::kube {
namespace {

// A loaded API server takes seconds; one that takes longer than this has lost the request.
constexpr std::chrono::seconds kStatusLimit{30};
constexpr std::chrono::seconds kAnswerLimit{60};

// Far above any page of 500 objects that etcd's limit of 1.5 MiB an object makes likely; below what would
// end the controller.
constexpr size_t kMaxAnswer = 512 << 20;
// A watch event holds one object, perhaps escaped.
constexpr size_t kMaxLine = 16 << 20;
// A refusal is a Status object; what a proxy in between may send is not worth more.
constexpr size_t kMaxRefusal = 64 << 10;

constexpr char kJson[] = "application/json";
constexpr char kFieldManager[] = "tollgate-controller";

// Reads the rest of a body of at most `limit` bytes.
Result<std::string> ReadBody(Exchange& exchange, size_t limit, SteadyTime deadline,
                             const std::stop_token& stop) {
  std::string body;
  while (true) {
    const auto piece = exchange.AwaitPiece(deadline, stop);
    if (!piece) return piece.error();
    if (piece->empty()) return body;
    if (body.size() + piece->size() > limit) {
      return Fault{"The API server's answer is larger than " + std::to_string(limit) +
                   " bytes, so it was dropped."};
    }
    body.append(*piece);
  }
}

// Feeds the lines of an answer to the sink until one of them has enough.
Status<> ReadLines(Exchange& exchange, std::chrono::milliseconds silence_limit, LineSink& sink,
                   const std::stop_token& stop) {
  LineSplitter lines(kMaxLine);
  while (true) {
    const auto piece = exchange.AwaitPiece(SteadyNow() + silence_limit, stop);
    if (!piece) return piece.error();
    if (piece->empty()) return Done{};
    const auto outcome = lines.Feed(*piece, [&](std::string_view line) { return sink.OnLine(line); });
    if (outcome == LineSplitter::Outcome::kStopped) return Done{};
    if (outcome == LineSplitter::Outcome::kTooLong) {
      return Fault{"The API server sent an event of more than " + std::to_string(kMaxLine) +
                   " bytes, so the watch was dropped."};
    }
  }
}

}  // namespace

std::string Answer::Explanation() const {
  const auto status_object = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (status_object.is_object()) {
    const auto message = status_object.find("message");
    if (message != status_object.end() && message->is_string()) return message->get<std::string>();
  }
  return "no reason given";
}

Result<std::unique_ptr<ApiClient>> ApiClient::Open(Credentials credentials) {
  auto transport = Transport::Open(std::move(credentials));
  if (!transport) return transport.error();
  return std::unique_ptr<ApiClient>(new ApiClient(std::move(*transport)));
}

ApiClient::ApiClient(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}

ApiClient::~ApiClient() = default;

Result<Answer> ApiClient::Send(const Request& request, std::stop_token stop) const {
  const SteadyTime now = SteadyNow();
  const auto exchange = transport_->Send(request);
  if (!exchange) return exchange.error();
  const auto status = (*exchange)->AwaitStatus(now + kStatusLimit, stop);
  if (!status) return status.error();
  auto body = ReadBody(**exchange, kMaxAnswer, now + kAnswerLimit, stop);
  if (!body) return body.error();
  return Answer{*status, std::move(*body)};
}

Result<Answer> ApiClient::Get(const std::string& path, std::stop_token stop) const {
  return Send({"GET", path, "", ""}, std::move(stop));
}

Result<Answer> ApiClient::List(const Collection& collection, const Page& page, std::stop_token stop) const {
  Query query(collection.path);
  query.Add("labelSelector", collection.label_selector).Add("fieldSelector", collection.field_selector);
  if (page.limit > 0) query.Add("limit", std::to_string(page.limit));
  query.Add("continue", page.continue_token);
  return Get(query.target(), std::move(stop));
}

Result<Answer> ApiClient::Create(const std::string& path, std::string object, std::stop_token stop) const {
  return Send({"POST", path, kJson, std::move(object)}, std::move(stop));
}

Result<Answer> ApiClient::Apply(const std::string& path, std::string object, std::stop_token stop) const {
  Query query(path);
  query.Add("fieldManager", kFieldManager).Add("force", "true");
  // JSON is YAML; this is the type's one name.
  return Send({"PATCH", query.target(), "application/apply-patch+yaml", std::move(object)}, std::move(stop));
}

Result<Answer> ApiClient::MergePatch(const std::string& path, std::string patch, std::stop_token stop) const {
  Query query(path);
  query.Add("fieldManager", kFieldManager);
  return Send({"PATCH", query.target(), "application/merge-patch+json", std::move(patch)}, std::move(stop));
}

Result<Answer> ApiClient::Delete(const std::string& path, std::stop_token stop) const {
  return Send({"DELETE", path, "", ""}, std::move(stop));
}

Result<Answer> ApiClient::Follow(const std::string& path, std::chrono::milliseconds silence_limit,
                                 LineSink& sink, std::stop_token stop) const {
  const SteadyTime now = SteadyNow();
  const auto exchange = transport_->Send({"GET", path, "", ""});
  if (!exchange) return exchange.error();
  const auto status = (*exchange)->AwaitStatus(now + kStatusLimit, stop);
  if (!status) return status.error();
  if (*status != 200) {
    auto body = ReadBody(**exchange, kMaxRefusal, now + kAnswerLimit, stop);
    if (!body) return body.error();
    return Answer{*status, std::move(*body)};
  }
  sink.OnOpen();
  if (auto read = ReadLines(**exchange, silence_limit, sink, stop); !read) return read.error();
  return Answer{200, ""};
}

}  // namespace tollgate::kube
