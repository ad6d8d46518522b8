// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "service/sync/receiving.hpp"

namespace nigh::sync {

// Writes what a record holds whole. Each reports what goes wrong and how it went; `path` is as the
// sender knows it, the entry's name as it is here.
using SharedDirectory = std::shared_ptr<const files::Directory>;
void write_small(Receiving& receiving, const SharedDirectory& directory, const std::string& path,
                 const FileRecord& record);
void write_special(Receiving& receiving, const SharedDirectory& directory, const std::string& path,
                   const SpecialRecord& record);
void write_attributes(Receiving& receiving, const SharedDirectory& directory,
                      const std::string& path, const AttributesRecord& record);

// A folder that stands where a file is to be: goes if it is empty, or if what the source does not
// have is to be removed.
bool remove_folder_in_the_way(const Receiving& receiving, const files::Directory& directory,
                              const std::string& name);

}  // namespace nigh::sync
