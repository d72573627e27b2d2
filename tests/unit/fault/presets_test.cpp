// The presets under scenarios/proxies that are made of faults.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

TEST(Presets, AreMadeOfFaultsThatThereAre) {
  int presets = 0;
  const std::filesystem::path folder = SG_SOURCE_DIR "/scenarios/proxies";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const auto tree = yaml::parse(text.str(), entry.path().string());
    ASSERT_TRUE(tree) << tree.error().message;
    for (const yaml::Entry& key : (*tree)->entries) {
      if (key.key != "chaos") continue;
      ++presets;
      yaml::Reading reading{entry.path().string()};
      EXPECT_FALSE(read_faults(reading, "chaos", *key.value).empty());
      EXPECT_TRUE(reading.ok()) << reading.error()->message;
    }
  }
  EXPECT_GE(presets, 7);
}

}  // namespace
}  // namespace streamgauge::fault
