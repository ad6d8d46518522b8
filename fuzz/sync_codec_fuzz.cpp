// SPDX-License-Identifier: Apache-2.0
// Every message of a transfer (the first byte says which): what is accepted is encoded as it came,
// or at least is accepted again and then stays as it is.
#include <cstdint>

#include "service/sync/answers.hpp"
#include "service/sync/spec.hpp"

using namespace nigh::sync;

template <class Decode, class Encode>
static void settle(std::string_view bytes, Decode decode, Encode encode_it) {
  auto value = decode(bytes);
  if (!value) return;
  std::string once(encode_it(*value).payload());
  auto again = decode(once);
  nigh::expect(again.has_value(), "what was accepted is refused");
  nigh::expect(encode_it(*again).payload() == once, "what was accepted changes");
}

static void records(std::string_view bytes) {
  const EntryFields fields{true, true};
  nigh::wire::VarintReader in(bytes);
  std::string once;
  while (!in.at_end()) {
    auto record = get_record(in, fields);
    if (!record) return;
    put_record(once, *record, fields);
  }
  nigh::wire::VarintReader second(once);
  while (!second.at_end())
    nigh::expect(get_record(second, fields).has_value(), "a record that was accepted is refused");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const EntryFields fields{true, true};
  auto encode_it = [](const auto& value) { return encode(value); };
  switch (data[0] % 14) {
    case 0:
      return settle(bytes, decode_owners, encode_it), 0;
    case 1:
      return settle(bytes, decode_round, encode_it), 0;
    case 2:
      return settle(bytes, decode_digests, encode_it), 0;
    case 3:
      return settle(bytes, decode_totals, encode_it), 0;
    case 4:
      return settle(bytes, decode_complete, encode_it), 0;
    case 5:
      return settle(bytes, decode_ask, encode_it), 0;
    case 6:
      settle(
          bytes, [&](std::string_view b) { return decode_listing(b, fields); },
          [&](const Listing& value) { return encode(value, fields); });
      return 0;
    case 7:
      return settle(bytes, decode_signature, encode_it), 0;
    case 8:
      return settle(bytes, decode_outcome, encode_it), 0;
    case 9:
      return settle(bytes, decode_failed, encode_it), 0;
    case 10:
      return settle(bytes, decode_result, encode_it), 0;
    case 11:
      return settle(bytes, decode_spec, encode_it), 0;
    case 12:
      return (void)unpack(bytes), 0;
    default:
      return records(bytes), 0;
  }
}
