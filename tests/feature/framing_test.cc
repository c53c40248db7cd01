// RFC 9112 at the socket: each of the vectors from elsewhere through the whole gateway to an upstream that
// writes down what arrives. The vectors' classes are explained in their README.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::HasSubstr;

std::string DecodeBase64(const std::string& text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<uint32_t>(value);
    if ((have += 6) >= 8) bytes += static_cast<char>(bits >> (have -= 8) & 0xFF);
  }
  return bytes;
}

int StatusOf(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::atoi(answer.c_str() + 9) : 0;
}

// How many vectors there are of each class: a file that is cut short or reshaped proves nothing.
const std::map<std::string, size_t> kVectors = {{"either", 115}, {"forward", 52}, {"refuse", 113}};

class Framing : public testing::Test {
 protected:
  void SetUp() override { Start(gateway_, {}); }
  // From here on it is the one that is spoken to.
  void Start(kit::Gateway& gateway, std::vector<std::string> flags) {
    gateway.WriteService("test", "upstream", upstream_.port());
    std::string route = kit::PublicRoute("unused");
    // Every host: the vectors name many.
    route.erase(route.find("  hosts:"), route.find("  access:") - route.find("  hosts:"));
    gateway.Write("route.yaml", route);
    flags.push_back("--host-policy=Open");
    ASSERT_TRUE(gateway.Start(flags)) << gateway.Stderr();
    port_ = gateway.port();
  }

  // Sends the bytes, in pieces of `piece` bytes, and returns all that comes back.
  std::string Exchange(const std::string& bytes, size_t piece) {
    std::vector<std::string> pieces;
    for (size_t at = 0; at < bytes.size(); at += piece) pieces.push_back(bytes.substr(at, piece));
    return Exchange(pieces);
  }
  std::string Exchange(const std::vector<std::string>& pieces) {
    upstream_.Forget();
    kit::RawClient client(port_);
    for (const std::string& piece : pieces) {
      if (!client.Send(piece)) break;
    }
    client.FinishSending();
    return client.ReadToEnd();
  }

  // The requests that have arrived complete by the time at which one that is sent now has.
  std::vector<kit::RecordingUpstream::Request> Arrived();
  void Check(const nlohmann::json& vector, size_t piece);

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
  int port_ = 0;
};

std::vector<kit::RecordingUpstream::Request> Framing::Arrived() {
  EXPECT_EQ(kit::HttpClient(port_).Get("/sentinel", {"Host: a"}).status, 200);
  std::vector<kit::RecordingUpstream::Request> arrived = upstream_.Complete();
  const auto sentinels = std::erase_if(
      arrived, [](const auto& request) { return request.head.starts_with("GET /sentinel HTTP/1.1\r\n"); });
  EXPECT_EQ(sentinels, 1u);
  return arrived;
}

void Framing::Check(const nlohmann::json& vector, size_t piece) {
  const std::string kind = vector["class"];
  const std::string raw = DecodeBase64(vector["raw"]);
  const std::string answer = Exchange(raw, piece);
  const std::string what = vector["id"].get<std::string>() + " in pieces of " + std::to_string(piece) + "\n" +
                           raw.substr(0, 400) + "\n→ " + answer.substr(0, 300);
  const auto arrived = Arrived();
  if (kind == "forward") {
    EXPECT_EQ(StatusOf(answer), 200) << what;
    EXPECT_EQ(arrived.size(), vector["requests"].get<size_t>()) << what;
  } else if (kind == "refuse") {
    const int status = StatusOf(answer);
    EXPECT_TRUE(status == 400 || status == 501 || status == 505) << what;
    EXPECT_EQ(arrived.size(), 0u) << what;
  }
  // "either": never a request whose start lies inside another's head or body. Each that arrived begins where
  // a request line stands in the input, and none is the continuation of the one before.
  for (const auto& request : arrived) {
    const size_t space = request.head.find(' ');
    const std::string target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
    EXPECT_TRUE(target.starts_with('/')) << what;
  }
  if (kind == "either" && arrived.size() > 1) {
    ADD_FAILURE() << "more than one request came of an ambiguous input: " << what;
  }
}

TEST_F(Framing, VectorsFromElsewhereAreReadAsTheirClassSays) {
  const std::string path = kit::SourcePath("../shared/vectors/http1-framing.json");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "there is no " << path << "; the catalogue below covers the rules";
  const nlohmann::json vectors = nlohmann::json::parse(std::ifstream(path));
  std::map<std::string, size_t> run;
  for (const nlohmann::json& vector : vectors) {
    if (vector["class"] == "proxy-protocol") continue;  // needs a listener that speaks it
    Check(vector, std::string::npos / 2);
    ++run[vector["class"]];
  }
  EXPECT_EQ(run, kVectors);
}

TEST_F(Framing, VectorsCutIntoSmallPiecesReadTheSame) {
  const std::string path = kit::SourcePath("../shared/vectors/http1-framing.json");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "there is no " << path << "; the catalogue below covers the rules";
  size_t run = 0;
  for (const nlohmann::json& vector : nlohmann::json::parse(std::ifstream(path))) {
    if (vector["class"] == "proxy-protocol" || DecodeBase64(vector["raw"]).size() > 600) continue;
    Check(vector, 1);
    ++run;
  }
  EXPECT_EQ(run, 256u);
}

// Of a vector for listeners that speak the PROXY protocol, cut anywhere. A header that is none is answered by
// nobody; behind one that is, requests are as everywhere.
TEST_F(Framing, VectorsOfTheProxyProtocolReadTheSameHoweverTheyAreCut) {
  const std::string path = kit::SourcePath("../shared/vectors/http1-framing.json");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "there is no " << path << "; ProxyProtocol.* covers it";
  kit::Gateway behind_a_proxy;
  Start(behind_a_proxy, {"--proxy-protocol"});
  const std::map<std::string, std::string> callers = {{"gunicorn/valid/pp_01.http", "192.168.0.1"},
                                                      {"gunicorn/valid/pp_04.http", "192.168.1.10"},
                                                      {"gunicorn/valid/pp_05.http", "2001:db8::1"}};
  size_t run = 0;
  for (const nlohmann::json& vector : nlohmann::json::parse(std::ifstream(path))) {
    if (vector["class"] != "proxy-protocol") continue;
    ++run;
    const std::string id = vector["id"];
    const std::string raw = DecodeBase64(vector["raw"]);
    const bool served = vector["valid"];
    const bool has_header = id.starts_with("gunicorn/valid/");
    for (size_t cut = 1; cut <= raw.size(); ++cut) {
      const std::string answer = Exchange({raw.substr(0, cut), raw.substr(cut)});
      const std::string what = id + " cut at " + std::to_string(cut) + " → " + answer;
      EXPECT_EQ(StatusOf(answer), served ? 200 : has_header ? 400 : 0) << what;
      EXPECT_EQ(answer.empty(), !has_header) << what;
      ASSERT_EQ(upstream_.Complete().size(), served ? 1u : 0u) << what;
      if (!served) continue;
      EXPECT_THAT(upstream_.Complete()[0].head, HasSubstr("X-Forwarded-For: " + callers.at(id) + "\r\n"));
    }
  }
  EXPECT_EQ(run, 7u);
}

struct Sample {
  const char* why;
  const char* raw;
  const char* status;  // the beginning of the answer
  size_t requests;     // that reach the upstream complete
};

// The project's own catalogue, from RFC 9112.
constexpr Sample kCatalogue[] = {
    {"3: a request line and Host", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200", 1},
    {"2.2: an empty line before a request is skipped", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
     "HTTP/1.1 200", 1},
    {"2.2: a bare LF ends no line", "GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1 400", 0},
    {"2.3: another major version", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505", 0},
    {"3.2: Host is needed", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400", 0},
    {"3.2: one Host", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400", 0},
    {"3.2.3: CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 501", 0},
    {"3.2.4: OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404", 0},
    {"5.1: no space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "HTTP/1.1 400", 0},
    {"5.2: no folded lines", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", "HTTP/1.1 400", 0},
    {"6.1: an unknown coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
     "HTTP/1.1 501", 0},
    {"6.1: length beside chunks",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "HTTP/1.1 400", 0},
    {"6.2: length twice", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
     "HTTP/1.1 400", 0},
    {"7.1: a body in chunks",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "HTTP/1.1 200",
     1},
    {"7.1: a chunk longer than it says",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", "HTTP/1.1 400",
     0},
    {"8: a body that is cut", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", "HTTP/1.1 400",
     0},
    {"9.3.2: two requests in one piece",
     "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200", 2},
    {"9.6: nothing after close",
     "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
     "HTTP/1.1 200", 1},
};

TEST_F(Framing, TheCatalogueHoldsHoweverItIsCut) {
  for (const Sample& sample : kCatalogue) {
    const std::string raw = sample.raw;
    for (const size_t piece : {raw.size(), size_t{1}, size_t{7}}) {
      const std::string answer = Exchange(raw, piece);
      EXPECT_TRUE(answer.starts_with(sample.status))
          << sample.why << " in pieces of " << piece << ": " << answer;
      EXPECT_EQ(upstream_.Complete().size(), sample.requests) << sample.why << " in pieces of " << piece;
    }
  }
}

}  // namespace
}  // namespace tollgate
