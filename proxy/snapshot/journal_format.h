// A snapshot as the bytes of its file (journal.h shows them), and back. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/base/result.h"
#include "api/snapshot.pb.h"

namespace tollgate::snapshot {

std::string EncodeJournal(const api::Snapshot& snapshot);

// Fails with what is wrong with the bytes, as the end of a sentence: "it is truncated".
Result<api::Snapshot> DecodeJournal(std::string_view bytes);

}  // namespace tollgate::snapshot
