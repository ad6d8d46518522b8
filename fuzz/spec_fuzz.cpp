// SPDX-License-Identifier: Apache-2.0
// What control frames and run requests carry.
#include <cstdint>

#include "service/run/messages.hpp"

using namespace nigh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto spec = run::decode_spec(text); spec && !spec->pty) {
    auto again = run::decode_spec(run::encode_spec(*spec));
    expect(again && again->argv == spec->argv && again->environment == spec->environment &&
               again->command_line == spec->command_line && again->directory == spec->directory &&
               again->resume == spec->resume && again->keep == spec->keep &&
               again->name == spec->name,
           "a SPEC does not survive its encoding");
  }
  if (auto exit = run::decode_exit(text)) (void)exit->shell_status();
  (void)run::decode_run_request(text);
  if (auto started = run::decode_started(text); started && started->session)
    expect(
        run::decode_started(run::encode_started(*started))->session->out == started->session->out,
        "a STARTED does not survive its encoding");
  (void)run::decode_ack(text);
  (void)run::decode_resize(text);
  (void)run::signal_number(text);
  return 0;
}
