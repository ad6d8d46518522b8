// SPDX-License-Identifier: Apache-2.0
#include "http2/types.hpp"

#include <algorithm>

namespace nigh::http2 {

const std::string* find(const Fields& fields, std::string_view name) {
  auto field = std::ranges::find(fields, name, &Field::name);
  return field == fields.end() ? nullptr : &field->value;
}

}  // namespace nigh::http2
