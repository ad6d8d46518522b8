// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>

#include "service/sync/receiving.hpp"
#include "service/sync/target.hpp"

namespace nigh::sync {

// Answers what the sender wants to know of files that are here: signatures, digests, and whether a
// file is the one that it would have to send. Used by one thread, beside those that write.
class Questions {
 public:
  Questions(Receiving& receiving, const Target& target) : receiving_(receiving), target_(target) {}

  void answer(const Ask& ask);
  // Begins to hash; the file is taken or not when the sender's hash is there.
  void hash(const CandidateRecord& candidate);
  void take(const TakeRecord& take, const std::shared_ptr<const files::Directory>& directory,
            const CandidateRecord& candidate, const std::string& path);

 private:
  struct Found {
    std::shared_ptr<const files::Directory> directory;
    std::string name;
  };
  Result<Found> find(const std::string& path) const;
  Result<std::string> digest(const Ask& ask) const;
  Result<std::string> sign(const Ask& ask) const;
  Result<void> move_or_copy(const std::shared_ptr<const files::Directory>& directory,
                            const CandidateRecord& candidate);
  Result<void> copy(const Found& from, const files::Directory& directory,
                    const files::Entry& entry);

  Receiving& receiving_;
  const Target& target_;
  std::unordered_map<FileId, std::string> hashes_;
};

}  // namespace nigh::sync
