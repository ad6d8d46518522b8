// SPDX-License-Identifier: Apache-2.0
// What a worker says to the process of the channels that it starts.
#pragma once

#include <cstdint>
#include <tuple>
#include <variant>

#include "server/link/messages.hpp"

namespace nigh::server {

inline constexpr char kChannelsRole[] = "nigh-channels";
inline constexpr char kChannelsDirectory[] = "channels";  // in the state directory
inline constexpr char kChannelsSocket[] = "socket";       // in that one

using ToChannels = std::variant<ChannelsSettings>;

}  // namespace nigh::server
