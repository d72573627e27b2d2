// Real clients against the groups of client cases: which of them does what.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result/matrix.hpp"
#include "harness/run/client_suite.hpp"
#include "harness/run/home.hpp"

namespace streamgauge::run {

/// A client that can be had here: a folder of tests/interop/clients.
struct KnownClient {
  std::string_view name;         // "eventsource-4", and its folder
  std::string_view description;  // one sentence
  std::string_view command;      // run in its folder; "{url}" for a program
  bool service = false;          // prints "listening on URL" and speaks the contract-test protocol
  std::string_view package;      // of npm, whose version is the client's; empty: none
  std::string_view version;      // the command that prints the version where there is no package
  std::vector<client_case::Capability> can;
  Duration reconnection_time = std::chrono::seconds{3};
};
[[nodiscard]] const std::vector<KnownClient>& known_clients();

struct ClientMatrixOptions {
  std::vector<std::string> clients;  // names; empty: all
  ClientSuiteOptions suite;
};

struct ClientMatrixResult {
  Matrix matrix;
  std::vector<RunResult> runs;  // of the clients that could be run, in the rows' order
};

/// Clients one after the other, their cases side by side. A client whose program or packages cannot
/// be had is a skipped row. Errors: unknown names, a selection of cases that is empty.
[[nodiscard]] Result<ClientMatrixResult> client_matrix(const Home& home,
                                                       const ClientMatrixOptions& options,
                                                       const ClientSuiteHooks& hooks);

/// The columns: first the questions that one asks of a client (what does it do about a 503?), then
/// the sections of the suite.
[[nodiscard]] std::vector<MatrixColumn> client_matrix_columns();
/// A client's cells, in the order of the columns. Pure.
[[nodiscard]] std::vector<MatrixCell> client_matrix_cells(const RunResult& run);

}  // namespace streamgauge::run
