// The server without a file and scenarios/contracts/default.yaml promise the same.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "harness/core/contract/load.hpp"
#include "reference-server/core/settings.hpp"

namespace streamgauge::server {
namespace {

/// What is promised, without what is said about it.
std::string promises(Contract contract) {
  contract.description.clear();
  return write_contract(contract);
}

TEST(DefaultContract, is_the_file_of_that_name) {
  std::ifstream in{SG_SOURCE_DIR "/scenarios/contracts/default.yaml"};
  std::stringstream text;
  text << in.rdbuf();
  const auto file = load_contract(text.str(), "default.yaml");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(promises(default_contract()), promises(*file));
}

}  // namespace
}  // namespace streamgauge::server
