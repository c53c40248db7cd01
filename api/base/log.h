// The process log: one JSON object a line on stderr. For events of the process and its operator; requests
// have the access log (proxy/observe). Any thread. Messages never carry credentials.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace tollgate::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// A named value of a line.
struct Field {
  std::string_view name;
  std::string value;
};

// Lines below `level` are dropped. Call once, before threads start.
void SetLevel(Level level);

void Write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void Debug(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kDebug, message, fields);
}
inline void Info(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kInfo, message, fields);
}
inline void Warning(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kWarning, message, fields);
}
inline void Error(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kError, message, fields);
}

}  // namespace tollgate::log
