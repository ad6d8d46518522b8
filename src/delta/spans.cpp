// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "delta/regions.hpp"

namespace nigh::delta {

namespace {

std::uint64_t end_of(const Span& span) { return span.offset + span.length; }

}  // namespace

std::vector<Span> normalised(std::vector<Span> spans, std::uint64_t size) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.offset < b.offset; });
  std::vector<Span> result;
  for (auto span : spans) {
    if (span.offset >= size) break;
    span.length = std::min(span.length, size - span.offset);
    if (span.length == 0) continue;
    if (!result.empty() && span.offset <= end_of(result.back()))
      result.back().length = std::max(end_of(result.back()), end_of(span)) - result.back().offset;
    else
      result.push_back(span);
  }
  return result;
}

std::vector<Span> without(const std::vector<Span>& spans, const std::vector<Span>& taken) {
  std::vector<Span> result;
  auto next = taken.begin();
  for (const auto& span : spans) {
    auto at = span.offset;
    const auto end = end_of(span);
    while (next != taken.end() && end_of(*next) <= at) ++next;
    for (auto it = next; it != taken.end() && it->offset < end; ++it) {
      if (it->offset > at) result.push_back({at, it->offset - at});
      at = std::min(end, end_of(*it));
    }
    if (at < end) result.push_back({at, end - at});
  }
  return result;
}

std::vector<Span> common(const std::vector<Span>& a, const std::vector<Span>& b) {
  return without(a, without(a, b));
}

std::uint64_t total(const std::vector<Span>& spans) {
  std::uint64_t sum = 0;
  for (const auto& span : spans) sum += span.length;
  return sum;
}

}  // namespace nigh::delta
