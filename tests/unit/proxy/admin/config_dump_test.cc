// What of a configuration an operator may read: everything, but for what opens something.
#include "proxy/admin/config_dump.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/kit/snapshot_builder.h"

namespace tollgate::admin {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::HasSubstr;
using ::testing::Not;

// Gives every field of a message and of those in it a value that is nobody else's, and notes it by the field.
class Filler {
 public:
  void Fill(Message& message) {
    const auto& descriptor = *message.GetDescriptor();
    for (int i = 0; i < descriptor.field_count(); ++i) FillField(message, *descriptor.field(i));
  }
  std::map<std::string, std::set<std::string>> texts, bytes;  // by the field's full name

 private:
  void FillField(Message& message, const FieldDescriptor& field) {
    const auto& reflection = *message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Fill(*(field.is_repeated() ? reflection.AddMessage(&message, &field)
                                 : reflection.MutableMessage(&message, &field)));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string value = "value-" + std::to_string(1'000 + count_++) + "-of-it";
      (field.type() == FieldDescriptor::TYPE_BYTES ? bytes : texts)[field.full_name()].insert(value);
      if (field.is_repeated()) {
        reflection.AddString(&message, &field, value);
      } else {
        reflection.SetString(&message, &field, value);
      }
    }
  }
  int count_ = 0;
};

const std::set<std::string> kSecretTexts = {"tollgate.api.ValueMatch.value",
                                            "tollgate.api.HeaderValue.value"};
const std::set<std::string> kOpenBytes = {
    "tollgate.api.ClientCertificate.authorities", "tollgate.api.UpstreamTls.authorities",
    "tollgate.api.Certificate.chain", "tollgate.api.ErrorTemplate.body", "tollgate.api.Respond.body"};

void ExpectShown(const std::map<std::string, std::set<std::string>>& fields, const std::string& text,
                 const std::function<bool(const std::string&)>& is_shown) {
  for (const auto& [field, values] : fields) {
    for (const std::string& value : values) {
      EXPECT_EQ(text.find(value) != std::string::npos, is_shown(field)) << field;
    }
  }
}

template <class T>
class EveryResource : public ::testing::Test {};
using Resources = ::testing::Types<api::Plan, api::Consumer, api::Upstream, api::Settings, api::Certificate,
                                   api::Security, api::Cors, api::Tls, api::ErrorTemplate, api::Match,
                                   api::Target, api::Redirect, api::Respond, api::HeaderEdits, api::Cache>;
TYPED_TEST_SUITE(EveryResource, Resources);

// Also what comes to the messages later: bytes are secret as long as nobody says that they are not.
TYPED_TEST(EveryResource, ShowsItsTextsAndNoneOfItsSecrets) {
  TypeParam spec;
  Filler filler;
  filler.Fill(spec);
  const std::string text = SpecText(spec);
  EXPECT_TRUE(nlohmann::json::accept(text)) << text;
  ExpectShown(filler.texts, text, [](const std::string& field) { return !kSecretTexts.contains(field); });
  ExpectShown(filler.bytes, text, [](const std::string& field) { return kOpenBytes.contains(field); });
}

TEST(ConfigDump, NamesWhatServes) {
  kit::SnapshotBuilder builder;
  api::Route& route = builder.Route("shop/all");
  route.add_hosts("a.example");
  kit::AddTarget(kit::AddRule(route, "first"), "shop/upstream:80");
  builder.Upstream("shop/upstream:80", {"10.0.0.1"});
  const auto catalog = *snapshot::Catalog::Decode(builder.Seal());
  const auto json = nlohmann::json::parse(ConfigDump(*catalog));
  EXPECT_EQ(json["version"].get<std::string>().size(), 64U);
  EXPECT_EQ(json["routes"][0]["resource"], "shop/all");
  EXPECT_EQ(json["routes"][0]["spec"]["rules"][0]["name"], "first");
  EXPECT_EQ(json["upstreams"][0]["spec"]["endpoints"][0]["address"], "10.0.0.1");
  EXPECT_EQ(json["consumersLeftOut"], 0);
}

}  // namespace
}  // namespace tollgate::admin
