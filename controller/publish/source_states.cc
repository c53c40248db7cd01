#include "controller/publish/source_states.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tollgate::publish {

SourceStates::Id SourceStates::Add(SourceTraits traits) {
  sources_.push_back({.traits = std::move(traits), .listed = false, .refused_since = {}, .denied = false});
  return sources_.size() - 1;
}

void SourceStates::Report(Id source, State state, SteadyTime now) {
  Source& known = sources_[source];
  switch (state) {
    case State::kSynced:
      changed_ = changed_ || !known.listed || known.denied;
      known.listed = true;
      known.denied = false;
      known.refused_since.reset();
      return;
    case State::kRefused:
      if (!known.denied && !known.refused_since) known.refused_since = now;
      return;
    // Nobody refuses any more; what was judged stays judged until it is shown.
    case State::kAway: known.refused_since.reset(); return;
  }
}

void SourceStates::Judge(SteadyTime now) {
  for (Source& source : sources_) {
    if (!source.refused_since || now - *source.refused_since < patience_) continue;
    source.refused_since.reset();
    source.denied = true;
    changed_ = true;
  }
}

bool SourceStates::undecided() const {
  return std::any_of(sources_.begin(), sources_.end(),
                     [](const Source& source) { return source.refused_since.has_value(); });
}

bool SourceStates::MayCompile() const {
  const bool each = std::all_of(sources_.begin(), sources_.end(),
                                [](const Source& source) { return source.listed || source.denied; });
  return each && EssentialsListed();
}

bool SourceStates::EssentialsListed() const {
  std::set<std::string> wanted;
  std::set<std::string> listed;
  for (const Source& source : sources_) {
    wanted.insert(source.traits.essential_kind);
    if (source.listed) listed.insert(source.traits.essential_kind);
  }
  wanted.erase("");
  return std::includes(listed.begin(), listed.end(), wanted.begin(), wanted.end());
}

std::vector<std::string> SourceStates::DeniedSpaces() const {
  std::set<std::string> denied;
  for (const Source& source : sources_) {
    if (source.denied && !source.traits.secrets_space.empty()) denied.insert(source.traits.secrets_space);
  }
  return {denied.begin(), denied.end()};
}

bool SourceStates::TakeChanged() { return std::exchange(changed_, false); }

}  // namespace tollgate::publish
