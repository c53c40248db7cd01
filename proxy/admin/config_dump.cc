#include "proxy/admin/config_dump.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "api/base/digest.h"
#include "api/base/json_text.h"

namespace tollgate::admin {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kSecret[] = "(secret)";
constexpr size_t kMostConsumers = 1'000;

// Bytes are secret unless they stand here, so that a field that is new is not shown by mistake.
const std::set<std::string_view> kOpenBytes = {
    "tollgate.api.ClientCertificate.authorities", "tollgate.api.UpstreamTls.authorities",
    "tollgate.api.Certificate.chain", "tollgate.api.ErrorTemplate.body", "tollgate.api.Respond.body"};

// Texts that may be somebody's password: what a route asks for in a request, or puts into one.
const std::set<std::string_view> kSecretTexts = {"tollgate.api.ValueMatch.value",
                                                 "tollgate.api.HeaderValue.value"};

bool IsSecret(const FieldDescriptor& field) {
  if (field.type() == FieldDescriptor::TYPE_BYTES) return !kOpenBytes.contains(field.full_name());
  return kSecretTexts.contains(field.full_name());
}

void AppendMessage(const Message& message, std::string& json);

// One value of a field; `at` counts where it is repeated.
class Value {
 public:
  Value(const Message& message, const FieldDescriptor& field, int at)
      : message_(message), reflection_(*message.GetReflection()), field_(field), at_(at) {}

  void Append(std::string& json) const {
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: return AppendMessage(Submessage(), json);
      case FieldDescriptor::CPPTYPE_STRING: return AppendJsonString(Text(), json);
      case FieldDescriptor::CPPTYPE_ENUM: return AppendJsonString(Enum().name(), json);
      case FieldDescriptor::CPPTYPE_BOOL: json += Flag() ? "true" : "false"; return;
      default: json += Number(); return;
    }
  }

 private:
  bool repeated() const { return field_.is_repeated(); }
  const Message& Submessage() const {
    return repeated() ? reflection_.GetRepeatedMessage(message_, &field_, at_)
                      : reflection_.GetMessage(message_, &field_);
  }
  std::string Text() const {
    if (IsSecret(field_)) return kSecret;
    return repeated() ? reflection_.GetRepeatedString(message_, &field_, at_)
                      : reflection_.GetString(message_, &field_);
  }
  const google::protobuf::EnumValueDescriptor& Enum() const {
    return repeated() ? *reflection_.GetRepeatedEnum(message_, &field_, at_)
                      : *reflection_.GetEnum(message_, &field_);
  }
  bool Flag() const { return reflection_.GetBool(message_, &field_); }
  std::string Number() const {
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT64: return std::to_string(reflection_.GetInt64(message_, &field_));
      case FieldDescriptor::CPPTYPE_UINT64: return std::to_string(reflection_.GetUInt64(message_, &field_));
      case FieldDescriptor::CPPTYPE_UINT32:
        return std::to_string(repeated() ? reflection_.GetRepeatedUInt32(message_, &field_, at_)
                                         : reflection_.GetUInt32(message_, &field_));
      default: return "null";  // a kind of number that no message of ours has
    }
  }

  const Message& message_;
  const Reflection& reflection_;
  const FieldDescriptor& field_;
  const int at_;
};

void AppendField(const Message& message, const FieldDescriptor& field, std::string& json) {
  AppendJsonString(field.json_name(), json);
  json += field.is_repeated() ? ":[" : ":";
  const int count = field.is_repeated() ? message.GetReflection()->FieldSize(message, &field) : 1;
  for (int i = 0; i < count; ++i) {
    if (i > 0) json += ",";
    Value(message, field, i).Append(json);
  }
  if (field.is_repeated()) json += "]";
}

// Not protobuf's own JSON: it writes bytes, of which most are texts here, in base64.
void AppendMessage(const Message& message, std::string& json) {
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  json += "{";
  for (const FieldDescriptor* field : set) {
    if (field != set.front()) json += ",";
    AppendField(message, *field, json);
  }
  json += "}";
}

template <class Entries>
void AppendNamed(std::string_view section, const Entries& entries, std::string& json) {
  json.append(",\n\"").append(section).append("\":[");
  for (const auto& entry : entries) {
    json += &entry == &entries.front() ? "\n{\"resource\":" : ",\n{\"resource\":";
    AppendJsonString(entry.name, json);
    json += ",\"spec\":";
    AppendMessage(entry.spec, json);
    json += "}";
  }
  json += "]";
}

}  // namespace

std::string SpecText(const Message& spec) {
  std::string json;
  AppendMessage(spec, json);
  return json;
}

std::string ConfigDump(const snapshot::Catalog& catalog) {
  std::string json = "{\"version\":\"" + ToHex(catalog.version()) + "\",\"installation\":";
  AppendJsonString(catalog.installation(), json);
  json += ",\"proxies\":" + std::to_string(catalog.proxies());
  AppendNamed("routes", catalog.routes(), json);
  AppendNamed("plans", catalog.plans(), json);
  AppendNamed("upstreams", catalog.upstreams(), json);
  AppendNamed("certificates", catalog.certificates(), json);
  const auto& consumers = catalog.consumers();
  const size_t shown = std::min(consumers.size(), kMostConsumers);
  json += ",\n\"consumers\":[";
  for (size_t i = 0; i < shown; ++i) {
    json += i == 0 ? "\n" : ",\n";
    AppendMessage(consumers[i].spec, json);
  }
  json += "],\n\"consumersLeftOut\":" + std::to_string(consumers.size() - shown) + "}\n";
  return json;
}

}  // namespace tollgate::admin
