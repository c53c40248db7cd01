#include "proxy/compress/compression.h"

#include <algorithm>
#include <array>
#include <string>

#include "proxy/compress/coding_choice.h"
#include "proxy/http/characters.h"

namespace tollgate::compress {
namespace {

using exchange::Answer;
using exchange::Exchange;
using http::EqualsIgnoringCase;

bool BeginsWith(std::string_view text, std::string_view begin) {
  return EqualsIgnoringCase(text.substr(0, begin.size()), begin);
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && EqualsIgnoringCase(text.substr(text.size() - end.size()), end);
}

// Texts by whatever name. What is compressed already, as pictures are, only grows; the reader of an event
// stream waits for each event, however short; and gRPC has a compression of its own.
bool IsCompressible(std::string_view content_type) {
  constexpr std::array kTypes = std::to_array<std::string_view>(
      {"application/json", "application/javascript", "application/ecmascript", "application/xml",
       "application/x-ndjson", "application/yaml", "application/graphql", "application/wasm",
       "application/x-www-form-urlencoded", "font/ttf", "font/otf", "image/bmp"});
  const std::string_view type = http::TrimBlanks(content_type.substr(0, content_type.find(';')));
  if (EqualsIgnoringCase(type, "text/event-stream") || BeginsWith(type, "application/grpc")) return false;
  if (BeginsWith(type, "text/") || EndsWith(type, "+json") || EndsWith(type, "+xml")) return true;
  return std::any_of(kTypes.begin(), kTypes.end(),
                     [&](std::string_view known) { return EqualsIgnoringCase(known, type); });
}

// RFC 9111, sections 5.2.1.6 and 5.2.2.6: either side may ask that nobody changes the body.
bool ForbidsChange(const http::Fields& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const http::Field& field) {
    return EqualsIgnoringCase(field.name, "Cache-Control") && http::ListContains(field.value, "no-transform");
  });
}

bool HasWholeBody(const Exchange& x, const Answer& answer) {
  if (answer.status < 200 || answer.status == 204 || answer.status == 205 || answer.status == 206)
    return false;
  return answer.framing.has_body() || x.head.method == "HEAD";
}

// Whether the body may be another one for some callers.
bool MayTransform(const Exchange& x, const Answer& answer) {
  if (!HasWholeBody(x, answer) || ForbidsChange(answer.fields)) return false;
  if (answer.fields.Find("Content-Encoding") != nullptr || answer.fields.Find("Content-Range") != nullptr) {
    return false;
  }
  const http::Field* const type = answer.fields.Find("Content-Type");
  return type != nullptr && IsCompressible(type->value);
}

bool IsShort(const Answer& answer) {
  if (answer.framing.kind == http::Framing::Kind::kLength) return answer.framing.length < kLeastBytes;
  // To HEAD; 0 where nobody has said how long it would be.
  return !answer.framing.has_body() && answer.has_declared_length && answer.declared_length < kLeastBytes;
}

void AddVary(Answer& answer) {
  for (const http::Field& field : answer.fields) {
    if (!EqualsIgnoringCase(field.name, "Vary")) continue;
    if (http::ListContains(field.value, "Accept-Encoding") || http::ListContains(field.value, "*")) return;
  }
  answer.Add("Vary", "Accept-Encoding");
}

// RFC 9110, section 8.8.1: the same strong tag may not stand for two forms of a body.
void WeakenTag(Exchange& x, Answer& answer) {
  const http::Field* const tag = answer.fields.Find("ETag");
  if (tag == nullptr || !tag->value.starts_with('"')) return;
  const std::string_view weak = x.arena.Concat({"W/", tag->value});
  answer.fields.EraseIf([](const http::Field& field) { return EqualsIgnoringCase(field.name, "ETag"); });
  answer.Add("ETag", weak);
}

// What the caller has is known by the tag that it names: it was weakened where the body was compressed.
void MatchTagOfCaller(Exchange& x, Answer& answer) {
  const http::Field* const tag = answer.fields.Find("ETag");
  if (tag == nullptr || !tag->value.starts_with('"')) return;
  const std::string weak = "W/" + std::string(tag->value);
  for (const http::Field& field : x.head.fields) {
    const bool names = field.known == http::KnownHeader::kIfNoneMatch;
    if (names && field.value.find(weak) != std::string_view::npos) return WeakenTag(x, answer);
  }
}

// Parts are counted, and digests made, of the body as it was.
void DropWhatWasOfTheBody(Answer& answer) {
  constexpr std::array kNames = std::to_array<std::string_view>(
      {"Accept-Ranges", "Content-MD5", "Content-Digest", "Repr-Digest", "Digest"});
  answer.fields.EraseIf([&](const http::Field& field) {
    return std::any_of(kNames.begin(), kNames.end(),
                       [&](std::string_view name) { return EqualsIgnoringCase(name, field.name); });
  });
}

}  // namespace

Compression Begin(Exchange& x, size_t& open, Answer& answer) {
  if (!x.routed || x.routed->rule->spec->compress().empty()) return {};
  if (answer.status == 304) {
    // It has to say what the answer would have said that it speaks of (RFC 9110, section 15.4.5).
    MatchTagOfCaller(x, answer);
    AddVary(answer);
    return {};
  }
  if (!MayTransform(x, answer)) return {};
  AddVary(answer);
  const CodingChoice choice = ChooseCoding(x.routed->rule->spec->compress(), x.head.fields);
  if (choice.coding == api::CODING_UNSPECIFIED || open >= kMostAtOnce) return {};
  if ((IsShort(answer) && !choice.refuses_plain) || ForbidsChange(x.head.fields)) return {};
  WeakenTag(x, answer);
  DropWhatWasOfTheBody(answer);
  answer.Add("Content-Encoding", NameOf(choice.coding));
  answer.has_declared_length = false;
  if (!answer.framing.has_body()) return {};  // to HEAD
  answer.framing = {http::Framing::Kind::kChunked, 0};
  return {Encoder::Make(choice.coding), open};
}

}  // namespace tollgate::compress
