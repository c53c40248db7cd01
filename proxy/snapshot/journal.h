// The last good snapshot on disk, so that a proxy serves at once after a restart, also where no controller
// can be reached. It holds digests of keys: only the owner may read it. One thread at a time.
//
//   magic "TOLLGATE" | format version, 4 bytes | length of the body, 8 bytes | checksum, 32 bytes | body
//
// Numbers are little endian. The checksum is SHA-256(all before it | SHA-256(body)); the body is a serialized
// api::Snapshot. A file is written under another name, synced and renamed: there is either the old one or the
// new one, whole.
#pragma once

#include <optional>
#include <string>

#include "api/base/result.h"
#include "api/snapshot.pb.h"

namespace tollgate::snapshot {

class Journal {
 public:
  // Makes the folder (mode 0700) where it is missing; fails where nothing can be written there.
  static Result<Journal> Open(const std::string& folder);

  // The snapshot that was written last; nothing where there is none. A file that is damaged, or of a newer
  // release, is refused with a sentence and set aside (".corrupt"), never served; one that cannot be read is
  // refused and left. What comes out is what went
  // in, but is yet to be verified like any other snapshot.
  Result<std::optional<api::Snapshot>> Load() const;

  // On the disk when this returns. Where it fails, the one before stays.
  Status<> Write(const api::Snapshot& snapshot) const;

  const std::string& path() const { return path_; }

 private:
  explicit Journal(std::string folder);
  // What to say of a file that is none of ours, or none any more.
  Fault SetAside(const Fault& why) const;

  std::string folder_;
  std::string path_;
};

}  // namespace tollgate::snapshot
