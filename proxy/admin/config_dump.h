// The configuration that serves, as an operator may read it. Any thread.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "proxy/snapshot/catalog.h"

namespace tollgate::admin {

// JSON. What could open something to whoever reads it is replaced by "(secret)": keys and their digests,
// private keys, edge tokens, and the values of headers that a route sets or asks for. Of callers no more than
// the first 1,000 are listed.
std::string ConfigDump(const snapshot::Catalog& catalog);

// A message of it in the same way.
std::string SpecText(const google::protobuf::Message& spec);

}  // namespace tollgate::admin
