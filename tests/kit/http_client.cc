#include "tests/kit/http_client.h"

#include <curl/curl.h>

#include <algorithm>

namespace tollgate::kit {
namespace {

size_t AppendBody(char* data, size_t, size_t n, void* answer) {
  static_cast<HttpAnswer*>(answer)->body.append(data, n);
  return n;
}

size_t AppendHeader(char* data, size_t, size_t n, void* into) {
  auto& answer = *static_cast<HttpAnswer*>(into);
  const std::string line(data, n);
  if (line.starts_with("HTTP/")) {
    answer.headers.clear();
    answer.version = line.substr(0, line.find(' '));
  }
  const size_t colon = line.find(':');
  if (colon == std::string::npos) return n;
  std::string name = line.substr(0, colon);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const size_t begin = line.find_first_not_of(' ', colon + 1);
  const size_t end = line.find_last_not_of("\r\n ");
  answer.headers.emplace(name, begin <= end ? line.substr(begin, end - begin + 1) : "");
  return n;
}

}  // namespace

std::string HttpAnswer::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

HttpClient::HttpClient(int port, HttpVersion version) : HttpClient("127.0.0.1", port, version) {}
HttpClient::HttpClient(std::string host, int port, HttpVersion version)
    : base_("http://" + std::move(host) + ":" + std::to_string(port)),
      version_(version),
      curl_(curl_easy_init()) {}
HttpClient::HttpClient(const TlsTarget& target)
    : base_("https://" + target.host + ":" + std::to_string(target.port)),
      version_(target.version),
      connect_to_("::" + target.address + ":" + std::to_string(target.port)),
      trusted_(target.trusted),
      shown_chain_(target.shown_chain),
      shown_key_(target.shown_key),
      curl_(curl_easy_init()) {}
HttpClient::~HttpClient() { curl_easy_cleanup(curl_); }

HttpAnswer HttpClient::Send(const HttpRequest& request) {
  HttpAnswer answer;
  curl_easy_reset(curl_);
  const std::string url = base_ + request.target;
  curl_slist* headers = nullptr;
  for (const std::string& header : request.headers) headers = curl_slist_append(headers, header.c_str());
  headers = curl_slist_append(headers, "Expect:");
  curl_slist* connect_to = connect_to_.empty() ? nullptr : curl_slist_append(nullptr, connect_to_.c_str());
  curl_blob trusted{const_cast<char*>(trusted_.data()), trusted_.size(), CURL_BLOB_NOCOPY};
  curl_blob shown_chain{const_cast<char*>(shown_chain_.data()), shown_chain_.size(), CURL_BLOB_NOCOPY};
  curl_blob shown_key{const_cast<char*>(shown_key_.data()), shown_key_.size(), CURL_BLOB_NOCOPY};
  if (!shown_chain_.empty()) curl_easy_setopt(curl_, CURLOPT_SSLCERT_BLOB, &shown_chain);
  if (!shown_chain_.empty()) curl_easy_setopt(curl_, CURLOPT_SSLKEY_BLOB, &shown_key);
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl_, CURLOPT_CONNECT_TO, connect_to);
  if (!trusted_.empty()) curl_easy_setopt(curl_, CURLOPT_CAINFO_BLOB, &trusted);
  curl_easy_setopt(curl_, CURLOPT_FRESH_CONNECT, request.own_connection ? 1L : 0L);
  curl_easy_setopt(curl_, CURLOPT_FORBID_REUSE, request.own_connection ? 1L : 0L);
  const long version2 = connect_to_.empty() ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_2TLS;
  curl_easy_setopt(curl_, CURLOPT_HTTP_VERSION,
                   version_ == HttpVersion::k1 ? long{CURL_HTTP_VERSION_1_1} : version2);
  curl_easy_setopt(curl_, CURLOPT_PATH_AS_IS, 1L);
  // libcurl 7.88 loses a connection of this kind when it is used again, whoever the server is.
  if (version_ == HttpVersion::k2 && connect_to_.empty()) curl_easy_setopt(curl_, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(curl_, CURLOPT_PROXY, "");
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, request.timeout_ms);
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  if (request.method == "HEAD") curl_easy_setopt(curl_, CURLOPT_NOBODY, 1L);
  if (!request.body.empty()) {
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, AppendBody);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, AppendHeader);
  curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &answer);
  const CURLcode code = curl_easy_perform(curl_);
  curl_slist_free_all(headers);
  curl_slist_free_all(connect_to);
  long status = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK) {
    answer.status = static_cast<int>(status);
  } else {
    answer.error = curl_easy_strerror(code);
  }
  return answer;
}

}  // namespace tollgate::kit
