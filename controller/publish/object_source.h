// One watched collection of one kind: what the API server reports becomes typed objects in the rebuild loop.
// Called on the watch's thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "controller/kube/watch.h"
#include "controller/publish/rebuild_loop.h"
#include "controller/publish/source_health.h"

namespace tollgate::publish {

template <class T>
class ObjectSource final : public kube::WatchObserver {
 public:
  // Objects of `space` ("*": all namespaces). The kind's name is for logs and metrics.
  ObjectSource(RebuildLoop& loop, std::string kind, std::string space, const WallClock& clock);

  const SourceHealth& health() const { return health_; }

 private:
  void OnReplaced(std::vector<std::string> objects) override;
  void OnEvent(kube::ObjectChange change, std::string_view object) override;
  void OnOpened() override { health_.Hear(clock_.Now()); }
  void OnBookmark() override { health_.Hear(clock_.Now()); }
  void OnState(kube::WatchState state, const std::string& sentence) override;

  RebuildLoop& loop_;
  const std::string space_;
  const WallClock& clock_;
  const RebuildLoop::SourceId id_;
  SourceHealth health_;
};

}  // namespace tollgate::publish
