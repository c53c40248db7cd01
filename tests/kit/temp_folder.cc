#include "tests/kit/temp_folder.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tollgate::kit {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "tollgate-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = pattern;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void TempFolder::Write(const std::string& name, const std::string& text) const {
  const fs::path path = fs::path(path_) / name;
  fs::create_directories(path.parent_path());
  const fs::path partial = path.string() + ".partial";
  std::ofstream(partial, std::ios::binary) << text;
  fs::rename(partial, path);
}

void TempFolder::Remove(const std::string& name) const { fs::remove_all(fs::path(path_) / name); }

std::string TempFolder::Read(const std::string& name) const {
  std::ifstream file(fs::path(path_) / name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace tollgate::kit
