// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nigh::client {

// The path of a URL below `resource` ("/v1/files/", "/v1/tree/") for a path as <nigh/files.hpp> has
// them: percent-encoded, an absolute one without its first slash, others behind "~/", which is the
// home. Throws Errc::usage for what no file can be called: a path with a zero byte, or a longer one
// than Linux takes.
std::string files_url(std::string_view resource, std::string_view path);

// A path as the host has it ("~/a/b") in the way in which somebody asked for it: without the "~/"
// if `asked` had none.
std::string as_asked(std::string_view asked, std::string path);

}  // namespace nigh::client
