#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"
#include "controller/resource/metadata.h"
#include "controller/resource/parse.h"
#include "controller/resource/yaml.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

constexpr std::string_view kGroup = "tollgate.dev/";

// The documents of one file, as they come.
class ManifestReader {
 public:
  explicit ManifestReader(const std::string& path) : path_(path) {}

  Status<> Add(int line, const json& document) {
    const std::string source = path_ + ":" + std::to_string(line);
    Manifest manifest{source, Text(document, "apiVersion"), Text(document, "kind"), ""};
    if (manifest.kind.empty() || manifest.api_version.empty()) {
      return Fault{source + ": this document has no apiVersion or no kind; a manifest needs both"};
    }
    if (manifest.kind == "List" && manifest.api_version == "v1") return AddItems(line, document);
    if (Status<> status = CheckKind(manifest); !status) return status;
    return Keep(std::move(manifest), document);
  }

  std::vector<Manifest> Finish() && { return std::move(manifests_); }

 private:
  Status<> AddItems(int line, const json& list) {
    for (const json& item : ListAt(list, "items")) {
      if (Status<> status = Add(line, item); !status) return status;
    }
    return Done{};
  }

  // A kind of our own group that we do not have would otherwise be passed over, and its rules with it.
  static Status<> CheckKind(const Manifest& manifest) {
    const bool is_ours = manifest.api_version.starts_with(kGroup);
    const bool is_kind = manifest.kind == "GatewayRoute" || manifest.kind == "ApiPlan";
    if (!is_ours || (is_kind && manifest.api_version == kGroupVersion)) return Done{};
    return Fault{manifest.source + ": no kind " + manifest.kind + " in " + manifest.api_version +
                 "; there are GatewayRoute and ApiPlan in " + kGroupVersion};
  }

  Status<> Keep(Manifest manifest, const json& document) {
    try {
      manifest.json = document.dump();
    } catch (const json::exception&) {
      return Fault{manifest.source + ": this document holds text that is not UTF-8; save the file as UTF-8"};
    }
    manifests_.push_back(std::move(manifest));
    return Done{};
  }

  const std::string& path_;
  std::vector<Manifest> manifests_;
};

// What kubectl would refuse in a file.
template <class T>
T FromFile(T object, std::vector<Mistake> mistakes) {
  object.mistakes.insert(object.mistakes.begin(), mistakes.begin(), mistakes.end());
  return object;
}

}  // namespace

Result<std::vector<Manifest>> ReadManifests(std::string_view yaml, const std::string& path) {
  ManifestReader reader(path);
  const Status<> status =
      VisitYaml(yaml, path, [&](int line, const json& document) { return reader.Add(line, document); });
  if (!status) return status.error();
  return std::move(reader).Finish();
}

std::optional<Object> ParseManifest(const Manifest& manifest) {
  const json object = json::parse(manifest.json, nullptr, /*allow_exceptions=*/false);
  const auto is = [&](std::string_view api_version, std::string_view kind) {
    return manifest.api_version == api_version && manifest.kind == kind;
  };
  if (is(kGroupVersion, "GatewayRoute"))
    return FromFile(ParseGatewayRoute(object, Origin::kFile), CheckMetadataFields(object));
  if (is(kGroupVersion, "ApiPlan")) return FromFile(ParseApiPlan(object), CheckMetadataFields(object));
  if (is("v1", "ConfigMap")) return ParseConfigMap(object);
  if (is("v1", "Service")) return ParseService(object);
  if (is("discovery.k8s.io/v1", "EndpointSlice")) return ParseEndpointSlice(object);
  if (is("v1", "Secret") && Text(object, "type") == kApiKeySecretType) {
    return FromFile(ParseConsumerSecret(object), CheckSecretFields(object));
  }
  if (is("v1", "Secret") && OptionalText(object, "type").value_or(kOpaqueSecretType) == kOpaqueSecretType) {
    return FromFile(ParseOpaqueSecret(object), CheckSecretFields(object));
  }
  if (is("v1", "Secret") && Text(object, "type") == kTlsSecretType) {
    return FromFile(ParseTlsSecret(object), CheckSecretFields(object));
  }
  return std::nullopt;
}

}  // namespace tollgate::resource
