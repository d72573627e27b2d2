// tests/interop/clients/proofs.txt is played by a slow test; that it is whole is seen here.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "harness/core/client_case/case.hpp"

namespace streamgauge::client_case {
namespace {

struct ProofLine {
  std::string who;
  std::vector<std::string> cases;
  std::string reason;  // behind " -- "
};

std::string text_of(const char* path) {
  std::ifstream in{path};
  EXPECT_TRUE(in) << path << " cannot be read";
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<ProofLine> proof_lines() {
  std::istringstream in{text_of(SG_SOURCE_DIR "/tests/interop/clients/proofs.txt")};
  std::vector<ProofLine> lines;
  for (std::string text; std::getline(in, text);) {
    if (text.empty() || text.front() == '#') continue;
    ProofLine line;
    if (const auto dashes = text.find(" -- "); dashes != std::string::npos) {
      line.reason = text.substr(dashes + 4);
      text.resize(dashes);
    }
    std::istringstream words{text};
    words >> line.who;
    for (std::string id; words >> id;) line.cases.push_back(id);
    lines.push_back(std::move(line));
  }
  return lines;
}

TEST(ProofsOfClientCases, EveryCaseIsProvedOrListedAsNotYetProvableAndNeverBoth) {
  std::set<std::string> proved, open, known;
  for (const ProofLine& line : proof_lines()) {
    (line.who == "not-yet" ? open : proved).insert(line.cases.begin(), line.cases.end());
  }
  for (const Case& item : all_cases()) {
    known.insert(item.id);
    EXPECT_EQ(proved.count(item.id) + open.count(item.id), 1u) << item.id;
  }
  std::set<std::string> named = proved;
  named.insert(open.begin(), open.end());
  EXPECT_THAT(named, testing::ElementsAreArray(known));
}

TEST(ProofsOfClientCases, WhatIsNotYetProvableSaysWhy) {
  for (const ProofLine& line : proof_lines()) {
    EXPECT_FALSE(line.cases.empty()) << line.who;
    EXPECT_EQ(line.reason.empty(), line.who != "not-yet") << line.who << ' ' << line.cases.front();
  }
}

TEST(ProofsOfClientCases, EachFlawOfThePlainClientIsOneThatItHas) {
  const std::string client = text_of(SG_SOURCE_DIR "/tests/interop/clients/plain/client.mjs");
  for (const ProofLine& line : proof_lines()) {
    if (!line.who.starts_with("plain:")) continue;
    const std::string quoted = "has('" + line.who.substr(6) + "')";
    EXPECT_NE(client.find(quoted), std::string::npos) << line.who;
  }
}

}  // namespace
}  // namespace streamgauge::client_case
