#include "tests/unit/fault/steps.hpp"

namespace streamgauge::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FaultSpec, WritesWhatItReads) {
  for (const char* text :
       {"idle-cut=5s", "latency=50ms:jitter=10ms:share=0.5", "hold-bytes",
        "hold-bytes=4KiB:times=3:direction=both:path=/a%3Ab:from=1s:until=2s",
        "stall-after:events=3:plus=10:for=1m", "status=503:retry_after=5s:body=text"}) {
    const auto spec = parse_fault(text);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(to_string(*spec), text);
  }
}

TEST(FaultSpec, ReadsSeveralFaultsInTheirOrder) {
  const auto specs = parse_faults("header-hold+latency=20ms");
  ASSERT_TRUE(specs) << specs.error().message;
  EXPECT_EQ(to_string(*specs), "header-hold+latency=20ms");
}

TEST(FaultSpec, SaysWhatIsWrongAndWhatWouldDo) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"latncy=1s", "unknown fault 'latncy' (did you mean 'latency'?); accepted: latency,"},
      {"latency=1x", "key 'delay': found '1x', expected a duration such as 250ms, 15s, 2m"},
      {"latency", "missing key 'delay' in fault 'latency', expected a duration"},
      {"latency=1s,jitter=2s", "key 'delay': found '1s,jitter=2s'"},
      {"latency=1s:jtter=2s", "unknown key 'jtter' in fault 'latency' (did you mean 'jitter'?)"},
      {"latency=1s:jitter", "found 'jitter', expected fault=value:key=value"},
      {"latency=1s:jitter=2s", "key 'jitter': at most the delay"},
      {"stall-after", "when? expected time, bytes, events or blocks"},
      {"refuse:direction=up", "unknown key 'direction' in fault 'refuse'"},
      {"idle-cut=1s:from=2s:until=1s", "key 'until': must be later than 'from'"},
      {"status=200", "key 'code': found '200', expected a whole number from 400 to 599"},
      {"latency=%4", "expected fault=value"},
      {"", "unknown fault ''"},
      {"reset+", "unknown fault ''"}};
  for (const auto& [text, message] : cases) {
    const auto specs = parse_faults(text);
    ASSERT_FALSE(specs) << text;
    EXPECT_THAT(specs.error().message, testing::HasSubstr(message)) << text;
  }
}

TEST(FaultSpec, ReadsTheFormsOfAFile) {
  const auto tree = yaml::parse(
      "- reset\n- idle-cut: 5s\n- latency: {delay: 50ms, share: 0.5}\n- slice=2B+truncate\n", "f");
  ASSERT_TRUE(tree);
  yaml::Reading reading{"f"};
  const auto specs = read_faults(reading, "chaos", **tree);
  ASSERT_TRUE(reading.ok()) << reading.error()->message;
  EXPECT_EQ(to_string(specs), "reset+idle-cut=5s+latency=50ms:share=0.5+slice=2B+truncate");
}

TEST(FaultSpec, AnErrorInAFileNamesItsPlace) {
  const auto tree = yaml::parse("- idle-cut: 5s\n- latency: {delay: 50}\n", "f.yaml");
  ASSERT_TRUE(tree);
  yaml::Reading reading{"f.yaml"};
  (void)read_faults(reading, "chaos", **tree);
  ASSERT_FALSE(reading.ok());
  EXPECT_THAT(reading.error()->message, testing::HasSubstr("f.yaml:2:20: key 'delay': found '50'"));
}

TEST(FaultSpec, ATimeScaleLeavesWhatIsNoWaiting) {
  EXPECT_EQ(to_string(scaled(*parse_fault("idle-cut=60s:from=20s"), 0.05)), "idle-cut=3s:from=1s");
  EXPECT_EQ(to_string(scaled(*parse_fault("latency=50ms"), 0.05)), "latency=50ms");
}

TEST(FaultTable, EachKindCanBeWrittenByItsFallbacks) {
  for (const FaultType& type : all_faults()) {
    EXPECT_FALSE(type.meaning.empty()) << type.name;
    EXPECT_NE(type.make, nullptr) << type.name;
    EXPECT_EQ(find_fault(type.name), &type);
  }
}

}  // namespace
}  // namespace streamgauge::fault
