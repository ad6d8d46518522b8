// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/tunnels.hpp>

#include "base/error.hpp"

namespace CLI {
class App;
}

namespace nigh::cli {

// -L, -R and -D, which three commands have.
void add_forward_options(CLI::App& app, Forwards& forwards);

}  // namespace nigh::cli
