#include "proxy/exchange/error_templates.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/base/json_text.h"
#include "proxy/http/characters.h"
#include "proxy/http/known_header.h"

namespace tollgate::exchange {

ErrorTemplates::ErrorTemplates(const api::Route& route) {
  for (const api::ErrorTemplate& spec : route.errors()) {
    templates_.push_back(
        {spec.slug(), spec.content_type(), EscapeFor(spec.content_type()), Read(spec.body())});
  }
  std::stable_partition(templates_.begin(), templates_.end(),
                        [](const Template& item) { return !item.slug.empty(); });
}

ErrorTemplates::Escape ErrorTemplates::EscapeFor(std::string_view content_type) {
  const std::string_view type = http::TrimBlanks(content_type.substr(0, content_type.find(';')));
  const auto ends_with = [&](std::string_view end) {
    return type.size() >= end.size() && http::EqualsIgnoringCase(type.substr(type.size() - end.size()), end);
  };
  if (ends_with("/json") || ends_with("+json")) return Escape::kJson;
  const bool markup = ends_with("/html") || ends_with("/xml") || ends_with("+xml");
  return markup ? Escape::kMarkup : Escape::kNone;
}

std::vector<ErrorTemplates::Piece> ErrorTemplates::Read(std::string_view body) {
  constexpr std::array kNames = std::to_array<std::pair<std::string_view, Variable>>({
      {"{status}", Variable::kStatus},
      {"{title}", Variable::kTitle},
      {"{detail}", Variable::kDetail},
      {"{requestId}", Variable::kRequestId},
      {"{type}", Variable::kType},
  });
  std::vector<Piece> pieces;
  size_t begin = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    for (const auto& [name, variable] : kNames) {
      if (!body.substr(i).starts_with(name)) continue;
      pieces.push_back({body.substr(begin, i - begin), Variable::kNone});
      pieces.push_back({{}, variable});
      i += name.size() - 1;
      begin = i + 1;
      break;
    }
  }
  pieces.push_back({body.substr(begin), Variable::kNone});
  return pieces;
}

void ErrorTemplates::Append(std::string_view value, Escape escape, std::string& body) {
  if (escape == Escape::kNone) {
    body.append(value);
  } else if (escape == Escape::kJson) {
    AppendJsonEscaped(value, body);  // the quotes are the author's
  } else {
    for (const char c : value) {
      switch (c) {
        case '&': body.append("&amp;"); break;
        case '<': body.append("&lt;"); break;
        case '>': body.append("&gt;"); break;
        case '"': body.append("&quot;"); break;
        case '\'': body.append("&#39;"); break;
        default: body += c;
      }
    }
  }
}

bool ErrorTemplates::Fill(const Error& error, std::string_view request_id, Document& document) const {
  const ProblemRow& row = RowOf(error.problem);
  const auto found = std::find_if(templates_.begin(), templates_.end(), [&](const Template& item) {
    return item.slug.empty() || item.slug == row.slug;
  });
  if (found == templates_.end()) return false;
  document.content_type = found->content_type;
  for (const Piece& piece : found->pieces) {
    switch (piece.variable) {
      case Variable::kNone: document.body.append(piece.text); break;
      case Variable::kStatus: document.body.append(std::to_string(row.status)); break;
      case Variable::kTitle: Append(row.title, found->escape, document.body); break;
      case Variable::kDetail: Append(error.detail, found->escape, document.body); break;
      case Variable::kRequestId: Append(request_id, found->escape, document.body); break;
      case Variable::kType: document.body.append(kProblemTypePrefix).append(row.slug); break;
    }
  }
  return true;
}

ErrorTemplateTable::ErrorTemplateTable(const snapshot::Catalog& catalog) {
  for (const snapshot::RouteEntry& route : catalog.routes()) {
    templates_.push_back(route.spec.errors().empty() ? nullptr
                                                     : std::make_unique<const ErrorTemplates>(route.spec));
  }
}

}  // namespace tollgate::exchange
