// streamgauge: load-testing and conformance harness for Server-Sent Events.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "harness/cli/commands.hpp"
#include "harness/run/version.hpp"

namespace {

/// As a shell would take it back: a report shows the line for people to type again.
std::string quoted_if_needed(std::string_view word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./:,@%";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string typed(int argc, char** argv) {
  std::string line = "streamgauge";
  for (int i = 1; i < argc; ++i) line += " " + quoted_if_needed(argv[i]);
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace streamgauge;
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"Load-testing and conformance harness for Server-Sent Events", "streamgauge"};
  app.set_version_flag("--version", std::string(run::version));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 pass, 1 a guarantee is violated, 2 usage or configuration, 3 target or\n"
      "machine, 4 nothing was judged, 5 inconclusive.");
  cli::Chosen chosen;
  cli::add_gate(app, chosen);
  cli::add_run(app, chosen);
  cli::add_judge(app, chosen);
  cli::add_selftest(app, chosen);
  cli::add_matrix(app, chosen);
  cli::add_capacity(app, chosen);
  cli::add_compare(app, chosen);
  cli::add_client(app, chosen);
  cli::add_test_service(app, chosen);
  cli::add_list(app, chosen);
  cli::add_proxy(app, chosen);
  if (argc == 1) {
    fmt::print(stderr, "{}", app.help());
    return static_cast<int>(ExitCode::usage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 answers 0 for --help and --version; everything else is a usage error.
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  try {
    return static_cast<int>(chosen({run::Home::find(), typed(argc, argv)}));
  } catch (const std::exception& error) {
    fmt::print(stderr, "streamgauge: internal error: {}\n", error.what());
    return static_cast<int>(ExitCode::target);
  }
}
