// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_arguments.hpp"

#include <CLI/CLI.hpp>

#include "cli/one_host.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, DoctorArguments& doctor) {
  app.add_flag("--json", doctor.json, "Print a JSON object: host, ok, findings.");
  doctor.connect.add_options(app);
}

}  // namespace

Result<DoctorArguments> parse_doctor(const Arguments& arguments) {
  DoctorArguments doctor;
  CLI::App app;
  add_options(app, doctor);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  doctor.help = parsed->help;
  if (doctor.help) return doctor;
  auto host = one_host(parsed->words, "doctor");
  if (!host) return std::unexpected(host.error());
  doctor.host = *host;
  if (auto r = doctor.connect.finish(); !r) return std::unexpected(r.error());
  return doctor;
}

const Usage& doctor_usage() {
  static const Usage usage{
      .name = "doctor",
      .summary = "find out why a host cannot be reached",
      .synopsis = {"doctor [options] HOST"},
      .description =
          "Walks the way to a host step by step: name, port, TLS, host key, the keys that are "
          "offered, the account. Says what was found, and at the first thing that is wrong what to "
          "do about it.",
      .examples = {{"nigh doctor web1", "what works, and what does not"},
                   {"nigh doctor -i ~/.ssh/id_work admin@web1:7000", "with one key only"},
                   {"nigh doctor --json web1", "for programs"}},
      .exits = {{"0", "all is well"}, {"1", "something is wrong"}, {"2", "usage error"}},
      .add_options = [](CLI::App& app) {
        static DoctorArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
