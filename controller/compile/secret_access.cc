#include "controller/compile/secret_access.h"

#include <algorithm>

namespace tollgate::compile {
namespace {

bool Names(const std::vector<std::string>& spaces, const std::string& space) {
  return std::find(spaces.begin(), spaces.end(), space) != spaces.end();
}

}  // namespace

std::string WhyNoSecrets(const std::string& space, const CompilerOptions& options,
                         const std::string& effect) {
  const std::string binding =
      " there, by which the controller's account can list and watch Secrets; the chart's value "
      "controller.secretNamespaces does it";
  if (options.secret_namespaces && !Names(*options.secret_namespaces, space)) {
    return "the Secrets of namespace " + space + " are not read, " + effect + ": add " + space +
           " to --secret-namespaces of tollgate-controller, and create a RoleBinding" + binding;
  }
  if (Names(options.secrets_denied_in, space)) {
    return "the Secrets of namespace " + space + " may not be read, " + effect + ": create a RoleBinding" +
           binding;
  }
  if (Names(options.secrets_denied_in, kEverySpace)) {
    return "the Secrets of namespace " + space +
           " may not be read, since those of all namespaces are asked for, " + effect + ": name " + space +
           " in --secret-namespaces of tollgate-controller, and create a RoleBinding" + binding;
  }
  return "";
}

}  // namespace tollgate::compile
