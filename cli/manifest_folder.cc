#include "cli/manifest_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "controller/resource/parse.h"

namespace tollgate::cli {
namespace {

namespace fs = std::filesystem;
using Mistakes = std::vector<std::string>;

bool IsManifest(const fs::path& path) {
  const std::string ending = path.extension();
  return ending == ".yaml" || ending == ".yml" || ending == ".json";
}

void CollectFiles(const std::string& path, std::set<std::string>& files, Mistakes& mistakes) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    mistakes.push_back(path + ": there is no such file or folder");
    return;
  }
  if (!fs::is_directory(path, error)) {
    files.insert(path);
    return;
  }
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    std::error_code unreadable;
    if (hidden && at->is_directory(unreadable)) at.disable_recursion_pending();
    if (hidden || !IsManifest(at->path())) continue;
    const bool is_file = at->is_regular_file(unreadable);
    if (unreadable) mistakes.push_back(at->path().string() + ": cannot be read: " + unreadable.message());
    if (is_file) files.insert(at->path());
  }
  if (error) mistakes.push_back(path + ": cannot be read: " + error.message());
}

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) return Fault{path + ": cannot be read: " + std::strerror(errno) + "; check its permissions"};
  return text.str();
}

std::string Line(const resource::Manifest& manifest, const resource::ObjectName& name,
                 const resource::Mistake& mistake) {
  return manifest.source + ": " + manifest.kind + " \"" + name.name + "\": " + mistake.field + ": " +
         mistake.message;
}

// Sorts the objects of one apply into a set and collects what is wrong with them.
class Intake {
 public:
  explicit Intake(Mistakes& mistakes) : mistakes_(mistakes) {}

  void Take(const resource::Manifest& manifest) {
    std::optional<resource::Object> object = resource::ParseManifest(manifest);
    if (!object) return;
    std::visit([&](auto& value) { Add(manifest, std::move(value)); }, *object);
  }

  store::ObjectSet objects;

 private:
  template <class T>
  void Add(const resource::Manifest& manifest, T value) {
    Judge(manifest, value);
    const resource::ObjectName name = value.meta.name;
    auto& map = store::MapOf<T>(objects);
    if (!map.emplace(name, std::make_shared<const T>(std::move(value))).second) {
      mistakes_.push_back(manifest.source + ": " + manifest.kind + " \"" + name.ToString() +
                          "\" stands twice in these files; remove one");
    }
  }

  template <class T>
  void Judge(const resource::Manifest& manifest, const T& value) {
    if constexpr (requires { value.mistakes; }) Note(manifest, value.meta.name, value.mistakes);
    if constexpr (requires { value.rules; }) {
      for (const auto& rule : value.rules) Note(manifest, value.meta.name, rule.mistakes);
    }
  }

  // What a cluster accepts is left to the compiler, which contains it: one mistyped line of one caller must
  // not hold back what else was edited, such as a key that was revoked.
  void Note(const resource::Manifest& manifest, const resource::ObjectName& name,
            const std::vector<resource::Mistake>& mistakes) {
    for (const resource::Mistake& mistake : mistakes) {
      if (!mistake.admissible) mistakes_.push_back(Line(manifest, name, mistake));
    }
  }

  Mistakes& mistakes_;
};

}  // namespace

Result<store::ObjectSet, Mistakes> ReadFolder(const std::vector<std::string>& paths) {
  Mistakes mistakes;
  std::set<std::string> files;
  for (const std::string& path : paths) CollectFiles(path, files, mistakes);
  Intake intake(mistakes);
  for (const std::string& file : files) {
    const Result<std::string> text = ReadFile(file);
    if (!text.ok()) {
      mistakes.push_back(text.error().message);
      continue;
    }
    const Result<std::vector<resource::Manifest>> manifests = resource::ReadManifests(*text, file);
    if (!manifests.ok()) {
      mistakes.push_back(manifests.error().message);
      continue;
    }
    for (const resource::Manifest& manifest : *manifests) intake.Take(manifest);
  }
  if (!mistakes.empty()) return mistakes;
  return std::move(intake.objects);
}

std::vector<std::string> FoldersOf(const std::vector<std::string>& paths) {
  std::set<std::string> folders;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      const fs::path parent = fs::path(path).parent_path();
      folders.insert(parent.empty() ? "." : parent.string());
      continue;
    }
    folders.insert(path);
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      const bool hidden = at->path().filename().string().starts_with('.');
      std::error_code unreadable;
      if (!at->is_directory(unreadable)) continue;
      if (hidden) at.disable_recursion_pending();
      if (!hidden) folders.insert(at->path());
    }
  }
  return {folders.begin(), folders.end()};
}

}  // namespace tollgate::cli
