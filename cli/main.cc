// tollgatectl: the command line of Tollgate's users.

#include "api/base/flags.h"
#include "api/base/version.h"
#include "cli/run_command.h"

int main(int argc, char** argv) {
  tollgate::FlagSet flags("tollgatectl", std::string("Tollgate ") + tollgate::kVersion +
                                             ": an API gateway for Kubernetes and for a single machine");
  tollgate::cli::AddRunCommand(flags);
  return flags.Run(argc, argv);
}
