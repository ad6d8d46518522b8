// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace nigh::server {

// From here on this process can read, write and wait on the descriptors it has or is sent, and
// little else: no file is opened, no program started, no socket made, no other process looked at.
// A call outside that ends the process. Does nothing in sanitizer builds, whose runtime needs more.
void enter_sandbox();

}  // namespace nigh::server
