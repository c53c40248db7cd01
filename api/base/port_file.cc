#include "api/base/port_file.h"

#include <cstdio>
#include <fstream>

namespace tollgate {

Status<> WritePortFile(const std::string& path, const std::vector<std::pair<std::string, uint16_t>>& ports) {
  if (path.empty()) return Done{};
  const std::string partial = path + ".partial";
  std::ofstream file(partial);
  for (const auto& [name, port] : ports) file << name << '=' << port << '\n';
  file.close();
  if (!file || std::rename(partial.c_str(), path.c_str()) != 0) {
    return Fault{"cannot write --port-file \"" + path + "\"; give a path in a folder that can be written"};
  }
  return Done{};
}

}  // namespace tollgate
