#include "controller/kube/kubeconfig.h"

#include <openssl/evp.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <span>

namespace tollgate::kube {
namespace {

// What cannot be honoured is refused by name: to leave it out silently would be to connect in another way
// than the file says.
struct Refusal {
  const char* key;
  const char* sentence;
};

constexpr Refusal kClusterRefusals[] = {
    {"proxy-url", "proxies are not supported; use a server address that can be reached directly"},
};
constexpr Refusal kUserRefusals[] = {
    {"exec", "exec plugins are not run here; use a token, a tokenFile or a client certificate"},
    {"auth-provider",
     "auth-provider plugins are not run here; use a token, a tokenFile or a client certificate"},
    {"username", "passwords are not supported; use a token, a tokenFile or a client certificate"},
    {"password", "passwords are not supported; use a token, a tokenFile or a client certificate"},
    {"as", "impersonation is not supported; use credentials of the account itself"},
    {"as-uid", "impersonation is not supported; use credentials of the account itself"},
    {"as-groups", "impersonation is not supported; use credentials of the account itself"},
    {"as-user-extra", "impersonation is not supported; use credentials of the account itself"},
};

// One of the three kinds of named entry in the file, with the place for errors: "cluster \"prod\"".
struct Entry {
  YAML::Node body;
  std::string place;
};

// All that is thrown in this class is a Fault of its own or an exception of yaml-cpp; ParseKubeconfig
// catches both.
class Reader {
 public:
  Reader(std::string_view text, const std::string& path)
      : path_(path), folder_(std::filesystem::path(path).parent_path()) {
    root_ = YAML::Load(std::string(text));
  }

  Credentials Read() {
    if (!root_.IsMap())
      Refuse("it is no kubeconfig: a mapping with clusters, users and contexts is expected");
    const std::string current = Text(root_, "current-context");
    if (current.empty()) Refuse("no current-context is set; run kubectl config use-context NAME");
    const Entry context = Find("contexts", "context", current);
    Credentials credentials;
    credentials.source = path_;
    credentials.space = Text(context.body, "namespace");
    if (credentials.space.empty()) credentials.space = "default";
    ReadCluster(Find("clusters", "cluster", Text(context.body, "cluster")), credentials);
    ReadUser(Find("users", "user", Text(context.body, "user")), credentials);
    return credentials;
  }

 private:
  [[noreturn]] void Refuse(const std::string& reason) const {
    throw Fault{"Cannot use the kubeconfig " + path_ + ": " + reason + "."};
  }

  // A scalar member; empty where it is absent.
  std::string Text(const YAML::Node& map, const char* key) const {
    const YAML::Node value = map[key];
    if (!value || value.IsNull()) return "";
    if (!value.IsScalar()) Refuse(std::string(key) + " must be a string");
    return value.Scalar();
  }

  // The entry called `name` in the list `list`, where its content stands under `kind`.
  Entry Find(const char* list, const char* kind, const std::string& name) const {
    const std::string place = std::string(kind) + " \"" + name + "\"";
    const YAML::Node entries = root_[list];
    if (entries && !entries.IsSequence()) Refuse(std::string(list) + " must be a list");
    for (const YAML::Node& entry : entries) {
      if (!entry.IsMap()) Refuse("an entry of " + std::string(list) + " is no mapping");
      if (Text(entry, "name") == name && entry[kind].IsMap()) return {entry[kind], place};
    }
    Refuse("the current context needs " + place + ", which the file does not have");
  }

  void RefuseAny(const Entry& entry, std::span<const Refusal> refusals) const {
    for (const auto& [key, sentence] : refusals) {
      if (const auto value = entry.body[key]; value && !value.IsNull())
        Refuse(entry.place + " sets " + key + ": " + sentence);
    }
  }

  void ReadCluster(const Entry& cluster, Credentials& credentials) const {
    RefuseAny(cluster, kClusterRefusals);
    const std::string insecure = Text(cluster.body, "insecure-skip-tls-verify");
    if (!insecure.empty() && insecure != "false") {
      Refuse(cluster.place +
             " sets insecure-skip-tls-verify: whoever stands in between could read every Secret; "
             "give the cluster's certificate-authority instead");
    }
    credentials.server = Text(cluster.body, "server");
    if (!credentials.server.starts_with("https://")) {
      Refuse("the server of " + cluster.place + " must begin with https://");
    }
    while (credentials.server.ends_with('/')) credentials.server.pop_back();
    credentials.server_name = Text(cluster.body, "tls-server-name");
    credentials.authority = Material(cluster, "certificate-authority");
  }

  void ReadUser(const Entry& user, Credentials& credentials) const {
    RefuseAny(user, kUserRefusals);
    credentials.client_certificate = Material(user, "client-certificate");
    credentials.client_key = Material(user, "client-key");
    if (credentials.client_certificate.has_value() != credentials.client_key.has_value()) {
      Refuse(user.place + " needs both client-certificate and client-key, or neither");
    }
    // As client-go has it: the file wins, since only it can be renewed.
    if (const auto file = Text(user.body, "tokenFile"); !file.empty()) {
      credentials.token = TextSource::File(Beside(file));
    } else if (const auto token = Text(user.body, "token"); !token.empty()) {
      credentials.token = TextSource::Inline(token, "token of " + user.place + " in " + path_);
    }
  }

  // PEM from `key`-data, which wins, or from the file that `key` names.
  std::optional<TextSource> Material(const Entry& entry, const std::string& key) const {
    const std::string data_key = key + "-data";
    if (const auto data = Text(entry.body, data_key.c_str()); !data.empty()) {
      return TextSource::Inline(Decode(data, data_key, entry),
                                data_key + " of " + entry.place + " in " + path_);
    }
    const auto file = Text(entry.body, key.c_str());
    if (file.empty()) return std::nullopt;
    return TextSource::File(Beside(file));
  }

  // Base64 (RFC 4648, section 4), perhaps over several lines.
  std::string Decode(std::string text, const std::string& key, const Entry& entry) const {
    std::erase_if(text, [](char c) { return c == '\n' || c == ' '; });
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) Refuse(key + " of " + entry.place + " is not base64");
    // OpenSSL counts the padding as zero bytes.
    const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    bytes.resize(static_cast<size_t>(size) - padding);
    return bytes;
  }

  std::string Beside(const std::string& file) const { return (folder_ / file).string(); }

  const std::string& path_;
  const std::filesystem::path folder_;
  YAML::Node root_;
};

}  // namespace

Result<Credentials> ParseKubeconfig(std::string_view text, const std::string& path) {
  try {
    return Reader(text, path).Read();
  } catch (const Fault& fault) {
    return fault;
  } catch (const YAML::Exception& e) {
    // Not its message: that repeats what it took for an alias, which may be a part of a token.
    return Fault{"Cannot use the kubeconfig " + path + ": it is not YAML at line " +
                 std::to_string(e.mark.line + 1) + ", column " + std::to_string(e.mark.column + 1) + "."};
  }
}

Result<Credentials> LoadKubeconfig(const std::string& path) {
  auto text = ReadFile(path);
  if (!text) {
    return Fault{
        text.error().message +
        " Name a kubeconfig that this process may read by --kubeconfig; in a pod, leave the flag out."};
  }
  auto credentials = ParseKubeconfig(*text, path);
  if (!credentials) return credentials;
  for (const auto* part : {&credentials->authority, &credentials->client_certificate,
                           &credentials->client_key, &credentials->token}) {
    if (!part->has_value()) continue;
    if (auto content = (*part)->Read(); !content) {
      return Fault{content.error().message + " The kubeconfig " + path +
                   " names it: put the file there, or correct the path."};
    }
  }
  return credentials;
}

}  // namespace tollgate::kube
