#include "api/base/flags.h"

#include <yaml-cpp/yaml.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>

#include "api/base/duration.h"

namespace tollgate {
namespace {

std::string EnvironmentName(const std::string& flag) {
  std::string name = "TOLLGATE_";
  for (const char c : flag)
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

// How a key of the --config file gets into its flag's target.
using KeyReader = std::function<Status<>(const YAML::Node&)>;

Status<> IllTyped(const std::string& what) { return Fault{"needs " + what}; }

Status<> ReadKey(const YAML::Node& node, std::string& target) {
  if (!node.IsScalar()) return IllTyped("one value");
  target = node.Scalar();
  return Done{};
}

// A list, or what the flag itself takes: values with commas between them.
Status<> ReadKey(const YAML::Node& node, std::vector<std::string>& target) {
  target.clear();
  if (node.IsScalar()) target = CLI::detail::split(node.Scalar(), ',');
  if (!node.IsScalar() && !node.IsSequence()) return IllTyped("a value or a list of them");
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) return IllTyped("a list of values");
    target.push_back(item.Scalar());
  }
  return Done{};
}

bool ReadNumber(const std::string& text, unsigned& target) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target);
  return error == std::errc() && end == text.data() + text.size();
}

Status<> ReadKey(const YAML::Node& node, unsigned& target) {
  const bool whole = node.IsScalar() && ReadNumber(node.Scalar(), target);
  return whole ? Status<>(Done{}) : IllTyped("a whole number");
}

Status<> ReadKey(const YAML::Node& node, bool& target) {
  return YAML::convert<bool>::decode(node, target) ? Status<>(Done{}) : IllTyped("true or false");
}

Status<> ReadKey(const YAML::Node& node, std::chrono::milliseconds& target) {
  if (!node.IsScalar()) return IllTyped("a duration");
  const Result<std::chrono::milliseconds> duration = ParseDuration(node.Scalar());
  if (!duration.ok()) return duration.error();
  target = *duration;
  return Done{};
}

YAML::Node LoadConfig(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw CLI::FileError("--config: cannot read \"" + path + "\": " + std::strerror(errno));
  }
  YAML::Node root = YAML::Load(file);
  if (!root.IsMap() && !root.IsNull()) throw CLI::FileError("--config: \"" + path + "\" is no YAML mapping");
  return root;
}

// Applies a file to the flags that `readers` know. CLI11's own reading of such files is not used: it would
// weigh more than the environment, and pass over the file of a command.
void ReadConfig(const std::string& path, const std::map<std::string, KeyReader>& readers) {
  try {
    for (const auto& entry : LoadConfig(path)) {
      const auto key = entry.first.as<std::string>();
      const auto reader = readers.find(key);
      if (reader == readers.end()) {
        throw CLI::FileError("--config: \"" + path + "\" has the key \"" + key + "\", which is no flag here");
      }
      if (const Status<> read = reader->second(entry.second); !read) {
        throw CLI::FileError("--config: the key \"" + key + "\" of \"" + path +
                             "\": " + read.error().message);
      }
    }
  } catch (const YAML::Exception& error) {
    throw CLI::FileError("--config: \"" + path + "\" cannot be read: " + error.what());
  }
}

}  // namespace

struct FlagSet::State {
  CLI::App* app = nullptr;
  std::unique_ptr<CLI::App> owned;
  std::map<std::string, KeyReader> readers;
  std::vector<std::unique_ptr<FlagSet>> commands;
  std::vector<std::pair<CLI::App*, std::function<int()>>> runs;

  // Before any flag is added: values are taken over in the order in which flags were, so that the file comes
  // first and what the environment and the command line say stands above it.
  void Prepare() {
    app->set_help_flag("--help", "Print this help");
    app->add_option_function<std::string>(
           "--config", [this](const std::string& path) { ReadConfig(path, readers); },
           "YAML file of flags: a mapping of names without dashes to values")
        ->type_name("FILE");
  }
  template <class T>
  CLI::Option* Known(const std::string& name, T& target, CLI::Option* option) {
    readers[name] = [&target](const YAML::Node& node) { return ReadKey(node, target); };
    return option->envname(EnvironmentName(name));
  }
};

FlagSet::FlagSet(std::string program, std::string description) : state_(std::make_unique<State>()) {
  state_->owned = std::make_unique<CLI::App>(std::move(description), std::move(program));
  state_->app = state_->owned.get();
  state_->Prepare();
}

FlagSet::FlagSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
FlagSet::~FlagSet() = default;

// Given twice, the last one counts: whoever wraps a command may override what stands in it.
void FlagSet::Add(const std::string& name, std::string& target, const std::string& help) {
  CLI::Option* const option = state_->app->add_option("--" + name, target, help);
  state_->Known(name, target, option)->take_last()->capture_default_str();
}

void FlagSet::Add(const std::string& name, std::vector<std::string>& target, const std::string& help) {
  CLI::Option* const option = state_->app->add_option("--" + name, target, help);
  state_->Known(name, target, option)->delimiter(',')->capture_default_str();
}

void FlagSet::Add(const std::string& name, unsigned& target, const std::string& help) {
  const auto read = [name, &target](const std::string& text) {
    if (ReadNumber(text, target)) return;
    throw CLI::ValidationError("--" + name, "\"" + text + "\" is no whole number: write one such as 4");
  };
  CLI::Option* const option = state_->app->add_option_function<std::string>("--" + name, read, help);
  state_->Known(name, target, option)->take_last()->type_name("UINT")->default_str(std::to_string(target));
}

void FlagSet::Add(const std::string& name, bool& target, const std::string& help) {
  // CLI11 shows no default of those that take no value.
  const std::string text = help + (target ? " (default: true)" : "");
  state_->Known(name, target, state_->app->add_flag("--" + name + ",!--no-" + name, target, text));
}

void FlagSet::Add(const std::string& name, std::chrono::milliseconds& target, const std::string& help) {
  const auto read = [name, &target](const std::string& text) {
    const Result<std::chrono::milliseconds> duration = ParseDuration(text);
    if (!duration.ok()) throw CLI::ValidationError("--" + name, duration.error().message);
    target = *duration;
  };
  CLI::Option* const option = state_->app->add_option_function<std::string>("--" + name, read, help);
  state_->Known(name, target, option)
      ->take_last()
      ->type_name("DURATION")
      ->default_str(FormatDuration(target));
}

void FlagSet::AddOperands(const std::string& name, std::vector<std::string>& target,
                          const std::string& help) {
  state_->app->add_option(name, target, help)->required()->configurable(false);
}

FlagSet& FlagSet::AddCommand(const std::string& name, const std::string& description,
                             std::function<int()> run) {
  auto state = std::make_unique<State>();
  state->app = state_->app->add_subcommand(name, description);
  state->Prepare();
  state_->app->require_subcommand(1);
  state_->runs.emplace_back(state->app, std::move(run));
  state_->commands.push_back(std::unique_ptr<FlagSet>(new FlagSet(std::move(state))));
  return *state_->commands.back();
}

namespace {

// The name that an argument has or may be meant to be, never a value: that may be a password, or the address
// of a store with one in it.
std::string NameIn(const std::string& argument) {
  const auto end = std::find_if(argument.begin(), argument.end(), [](unsigned char c) {
    return std::isalnum(c) == 0 && c != '-' && c != '_' && c != '.' && c != '/';
  });
  const bool is_name = end == argument.end() || argument.starts_with('-');
  return is_name ? "\"" + std::string(argument.begin(), end) + "\"" : "an argument without \"--\"";
}

// CLI11 speaks of what is missing first, although the reason is what could not be understood; it repeats that
// as it came; and of a switch it does not say what it takes (all other types are read by ours).
std::string Describe(const CLI::App& app, const CLI::Error& error) {
  constexpr std::string_view kIllTyped = "Could not convert: ";
  const std::string said = error.what();
  if (said.starts_with(kIllTyped)) return said.substr(kIllTyped.size()) + " is neither true nor false";
  const std::vector<std::string> unknown = app.remaining(true);
  const bool missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const bool surplus = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  return (missing || surplus) && !unknown.empty() ? NameIn(unknown.front()) + " is no command or flag here"
                                                  : said;
}

}  // namespace

int FlagSet::Run(int argc, char** argv, std::function<int()> run) {
  try {
    state_->app->parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help
    return state_->app->exit(asked);
  } catch (const CLI::Error& error) {
    return Fail(state_->app->get_name(), Describe(*state_->app, error) + "; --help lists what there is",
                kExitWrongUse);
  }
  for (const auto& [command, run_command] : state_->runs) {
    if (command->parsed()) return run_command();
  }
  return run ? run() : kExitDone;
}

int Fail(const std::string& program, const std::string& message, ExitCode code) {
  std::string line = program + ": " + message;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::fprintf(stderr, "%s\n", line.c_str());
  return code;
}

}  // namespace tollgate
