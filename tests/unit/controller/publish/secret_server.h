// The Secrets of a namespace in memory, as the API server keeps them, with faults on demand. One thread.
#pragma once

#include <openssl/evp.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "controller/publish/secret_record.h"
#include "controller/publish/secret_store.h"

namespace tollgate::publish {

inline std::string ToBase64(const std::string& text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  encoded.resize(static_cast<size_t>(size));
  return encoded;
}

class SecretServer final : public SecretStore {
 public:
  int read_status = 0;   // not 0: what every read is answered with
  int write_status = 0;  // likewise
  // Runs once, just before the next write: somebody else who is faster.
  std::function<void()> before_write;
  int writes = 0;

  bool Has(const std::string& name) const { return secrets_.contains(name); }
  nlohmann::json& At(const std::string& name) { return secrets_.at(name); }
  std::string Value(const std::string& name, const std::string& key) {
    return ReadSecret(At(name).dump())->Value(key);
  }
  void Delete(const std::string& name) { secrets_.erase(name); }
  // As made by somebody else.
  void Put(const std::string& name, const std::map<std::string, std::string>& values) {
    nlohmann::json secret = {{"metadata", {{"name", name}}}, {"stringData", values}};
    Keep(name, std::move(secret));
  }

  Result<kube::Answer> Read(const std::string& name) override {
    if (read_status != 0) return kube::Answer{read_status, R"({"message":"no"})"};
    if (!Has(name)) return kube::Answer{404, ""};
    return kube::Answer{200, At(name).dump()};
  }

  Result<kube::Answer> Write(const std::string& name, const std::string& document, bool exists) override {
    ++writes;
    if (auto faster = std::exchange(before_write, nullptr)) faster();
    if (write_status != 0) return kube::Answer{write_status, R"({"message":"no"})"};
    nlohmann::json secret = nlohmann::json::parse(document);
    if (!exists) {
      if (Has(name)) return kube::Answer{409, ""};
      Keep(name, std::move(secret));
      return kube::Answer{201, ""};
    }
    if (!Has(name)) return kube::Answer{404, ""};
    if (secret["metadata"]["resourceVersion"] != At(name)["metadata"]["resourceVersion"])
      return kube::Answer{409, ""};
    nlohmann::json merged = At(name);
    merged.merge_patch(secret);
    Keep(name, std::move(merged));
    return kube::Answer{200, ""};
  }

 private:
  // stringData is merged into data, and not kept.
  void Keep(const std::string& name, nlohmann::json secret) {
    for (const auto& [key, value] : secret["stringData"].items()) {
      secret["data"][key] = ToBase64(value.get<std::string>());
    }
    secret.erase("stringData");
    secret["metadata"]["resourceVersion"] = std::to_string(++version_);
    secrets_[name] = std::move(secret);
  }

  std::map<std::string, nlohmann::json> secrets_;
  int version_ = 0;
};

}  // namespace tollgate::publish
