#include "api/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "api/base/json_text.h"

namespace tollgate::log {
namespace {

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarning: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::err;
}

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::stderr_logger_mt("tollgate");
    // The message is the rest of an object, already escaped; spdlog adds time and level.
    made->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

}  // namespace

void SetLevel(Level level) { Logger().set_level(ToSpdlog(level)); }

void Write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!Logger().should_log(ToSpdlog(level))) return;
  std::string line = "\"message\":";
  AppendJsonString(message, line);
  for (const Field& field : fields) {
    line += ',';
    AppendJsonString(field.name, line);
    line += ':';
    AppendJsonString(field.value, line);
  }
  Logger().log(ToSpdlog(level), "{}", line);
}

}  // namespace tollgate::log
