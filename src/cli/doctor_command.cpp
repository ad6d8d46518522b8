// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/doctor_arguments.hpp"
#include "cli/findings.hpp"

namespace nigh::cli {
namespace {

boost::asio::awaitable<int> diagnose(const DoctorArguments& arguments) {
  auto options = connect_options(arguments.host, arguments.connect);
  auto findings = co_await async::diagnose(arguments.host, options);
  auto text = arguments.json
                  ? findings_json(arguments.host, findings)
                  : findings_text(findings, text_columns(STDOUT_FILENO), Style::of(STDOUT_FILENO));
  int printed = print(text, 1);
  co_return printed != 0 || all_well(findings) ? printed : 1;
}

int act(const DoctorArguments& arguments) {
  Supervisor supervisor;
  try {
    return supervisor.run(diagnose(arguments));
  } catch (const Failure& failure) {
    throw Failure(failure.code(), fmt::format("{}: {}", arguments.host, failure.what()));
  }
}

}  // namespace

int doctor_command(const Arguments& arguments) {
  return handle(doctor_usage(), parse_doctor(arguments), act);
}

}  // namespace nigh::cli
