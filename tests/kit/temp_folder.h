// A folder that is gone when the test is. One thread.
#pragma once

#include <string>

namespace tollgate::kit {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // Writes a file as an editor does: aside, then renamed into place. Makes folders on the way.
  void Write(const std::string& name, const std::string& text) const;
  void Remove(const std::string& name) const;
  std::string Read(const std::string& name) const;

 private:
  std::string path_;
};

}  // namespace tollgate::kit
