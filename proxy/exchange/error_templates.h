// In which form a route tells its refusals: texts with {status}, {title}, {detail}, {requestId} and {type},
// every other brace standing for itself. Built from a catalog, then immutable; any thread may read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/exchange/error.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::exchange {

// Of one route.
class ErrorTemplates {
 public:
  explicit ErrorTemplates(const api::Route& route);

  struct Document {
    std::string_view content_type;
    std::string body;
  };
  // False where the route has no template for the problem.
  bool Fill(const Error& error, std::string_view request_id, Document& document) const;

 private:
  enum class Variable : uint8_t { kNone, kStatus, kTitle, kDetail, kRequestId, kType };
  // What a value must not break out of.
  enum class Escape : uint8_t { kNone, kJson, kMarkup };
  struct Piece {
    std::string_view text;  // of kNone; slices the catalog
    Variable variable;
  };
  struct Template {
    std::string_view slug;  // empty: every other one
    std::string_view content_type;
    Escape escape;
    std::vector<Piece> pieces;
  };

  static Escape EscapeFor(std::string_view content_type);
  static std::vector<Piece> Read(std::string_view body);
  static void Append(std::string_view value, Escape escape, std::string& body);

  std::vector<Template> templates_;  // the one for every other stands last
};

class ErrorTemplateTable {
 public:
  explicit ErrorTemplateTable(const snapshot::Catalog& catalog);

  // nullptr: problem details.
  const ErrorTemplates* Of(snapshot::RouteIndex route) const { return templates_[route].get(); }

 private:
  std::vector<std::unique_ptr<const ErrorTemplates>> templates_;
};

}  // namespace tollgate::exchange
