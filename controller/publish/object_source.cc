#include "controller/publish/object_source.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "api/base/log.h"
#include "controller/resource/parse.h"

namespace tollgate::publish {
namespace {

template <class T>
T ParseObject(const nlohmann::json& object) {
  if constexpr (std::is_same_v<T, resource::GatewayRoute>) return resource::ParseGatewayRoute(object);
  if constexpr (std::is_same_v<T, resource::ApiPlan>) return resource::ParseApiPlan(object);
  if constexpr (std::is_same_v<T, resource::ConsumerSecret>) return resource::ParseConsumerSecret(object);
  if constexpr (std::is_same_v<T, resource::OpaqueSecret>) return resource::ParseOpaqueSecret(object);
  if constexpr (std::is_same_v<T, resource::TlsSecret>) return resource::ParseTlsSecret(object);
  if constexpr (std::is_same_v<T, resource::ConfigMap>) return resource::ParseConfigMap(object);
  if constexpr (std::is_same_v<T, resource::Service>) return resource::ParseService(object);
  if constexpr (std::is_same_v<T, resource::EndpointSlice>) return resource::ParseEndpointSlice(object);
}

template <class T>
std::optional<T> Read(std::string_view text) {
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (object.is_discarded() || !object.is_object()) {
    log::Error("the API server sent an object that is no JSON; it is left out");
    return std::nullopt;
  }
  return ParseObject<T>(object);
}

// Makes one namespace's objects of a kind (or all of them) those that were listed.
template <class T>
bool Replace(store::ResourceStore& store, const std::string& space, const std::vector<T>& listed) {
  std::set<resource::ObjectName> present;
  for (const T& object : listed) present.insert(object.meta.name);
  std::vector<resource::ObjectName> gone;
  for (const auto& [name, object] : store::MapOf<T>(store.objects())) {
    if ((space == "*" || name.space == space) && !present.contains(name)) gone.push_back(name);
  }
  bool matters = false;
  for (const resource::ObjectName& name : gone) matters = store.Remove<T>(name) || matters;
  for (const T& object : listed) matters = store.Upsert(object) || matters;
  return matters;
}

// Nothing where a list begins, which changes nothing of what is known.
std::optional<SourceStates::State> StateOf(kube::WatchState state) {
  switch (state) {
    case kube::WatchState::kListing: return std::nullopt;
    case kube::WatchState::kSynced: return SourceStates::State::kSynced;
    case kube::WatchState::kForbidden:
    case kube::WatchState::kAbsent: return SourceStates::State::kRefused;
    case kube::WatchState::kUnreachable: return SourceStates::State::kAway;
  }
  return std::nullopt;
}

template <class T>
SourceTraits TraitsOf(const std::string& kind, const std::string& space) {
  SourceTraits traits;
  if (std::is_same_v<T, resource::ConsumerSecret> || std::is_same_v<T, resource::OpaqueSecret> ||
      std::is_same_v<T, resource::TlsSecret>) {
    traits.secrets_space = space;
  }
  if (std::is_same_v<T, resource::GatewayRoute> || std::is_same_v<T, resource::ApiPlan>) {
    traits.essential_kind = kind;
  }
  return traits;
}

}  // namespace

template <class T>
ObjectSource<T>::ObjectSource(RebuildLoop& loop, std::string kind, std::string space, const WallClock& clock)
    : loop_(loop),
      space_(std::move(space)),
      clock_(clock),
      id_(loop.AddSource(TraitsOf<T>(kind, space_))),
      health_(std::move(kind), space_) {}

template <class T>
void ObjectSource<T>::OnReplaced(std::vector<std::string> objects) {
  health_.Hear(clock_.Now());
  health_.CountList();
  std::vector<T> listed;
  for (const std::string& text : objects) {
    if (std::optional<T> object = Read<T>(text)) listed.push_back(std::move(*object));
  }
  loop_.Report([space = space_, listed = std::move(listed)](store::ResourceStore& store) {
    return Replace<T>(store, space, listed);
  });
}

template <class T>
void ObjectSource<T>::OnEvent(kube::ObjectChange change, std::string_view text) {
  health_.Hear(clock_.Now());
  std::optional<T> object = Read<T>(text);
  if (!object) return;
  if (change == kube::ObjectChange::kDeleted) {
    loop_.Report([name = object->meta.name](store::ResourceStore& store) { return store.Remove<T>(name); });
    return;
  }
  loop_.Report([object = std::move(*object)](store::ResourceStore& store) { return store.Upsert(object); });
}

template <class T>
void ObjectSource<T>::OnState(kube::WatchState state, const std::string& sentence) {
  const bool fine = state == kube::WatchState::kSynced || state == kube::WatchState::kListing;
  (fine ? log::Info : log::Warning)(
      sentence.empty() ? std::string(kube::ToString(state)) : sentence,
      {{"kind", health_.kind()}, {"namespace", space_}, {"state", std::string(kube::ToString(state))}});
  health_.Tell(state, sentence);
  if (const auto known = StateOf(state)) loop_.ReportState(id_, *known);
}

template class ObjectSource<resource::GatewayRoute>;
template class ObjectSource<resource::ApiPlan>;
template class ObjectSource<resource::ConsumerSecret>;
template class ObjectSource<resource::OpaqueSecret>;
template class ObjectSource<resource::TlsSecret>;
template class ObjectSource<resource::ConfigMap>;
template class ObjectSource<resource::Service>;
template class ObjectSource<resource::EndpointSlice>;

}  // namespace tollgate::publish
