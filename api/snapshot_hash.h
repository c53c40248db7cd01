// The version of a snapshot: a Merkle root over (kind, name, content hash) of its resources, two levels deep,
// so that the check of a delta costs what the edit costs. Pure; any thread.
//
//   leaf(r)   = kind as 4 bytes, little endian | length of name as 4 bytes, little endian | name | hash
//   bucket(i) = SHA-256 of the leaves whose SHA-256(kind, name) begins with byte i, sorted by kind, name
//   version   = SHA-256 of bucket(0) … bucket(255)
#pragma once

#include <string>
#include <string_view>

#include "api/base/result.h"
#include "api/snapshot.pb.h"

namespace tollgate::api {

// The schema that this build writes and the newest that it reads: 2 since there are Settings, without which
// an older proxy would admit more than it should while the shared store is away; 3 since matches have
// conditions and routes terms of TLS and guards: it would serve requests that a rule is not for, in plain
// text what is to be led to TLS, and callers who are to be refused.
inline constexpr uint32_t kSnapshotSchema = 3;

// The name of the one resource of kind SETTINGS.
inline constexpr char kSettingsName[] = "settings";

// A resource around a message: serializes it deterministically and hashes the bytes.
Resource MakeResource(ResourceKind kind, std::string name, const google::protobuf::MessageLite& body);

// The root over resources in any order. 32 bytes.
std::string SnapshotVersion(const google::protobuf::RepeatedPtrField<Resource>& resources);

// Sorts the resources and sets `version`.
void SealSnapshot(Snapshot& snapshot);

// Whether a snapshot is what it says: schema readable here, resources sorted and distinct, each body's
// hash right, and the version the root over them. Says what is wrong and what to do.
Status<> VerifySnapshot(const Snapshot& snapshot);

}  // namespace tollgate::api
