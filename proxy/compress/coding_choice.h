// Which coding a caller gets (RFC 9110, section 12.5.3). Pure; any thread.
#pragma once

#include "api/snapshot.pb.h"
#include "proxy/http/head.h"

namespace tollgate::compress {

struct CodingChoice {
  api::Coding coding = api::CODING_UNSPECIFIED;  // that: the body as it is
  bool refuses_plain = false;  // the caller has said that it does not take the body as it is
};

// Of the codings that the rule offers, in the order of its preference, the one that the caller likes best;
// none where it names none of them, or likes the body as it is better. Who says nothing gets it as it is: a
// client that cannot decode does not know that it has to say so.
CodingChoice ChooseCoding(const google::protobuf::RepeatedField<int>& offered, const http::Fields& fields);

}  // namespace tollgate::compress
