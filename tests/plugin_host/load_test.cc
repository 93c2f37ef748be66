#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <ostream>

#include "server/base/digest.h"
#include "server/plugin_host/plugin.h"
#include "tests/plugin_host/test_plugins.h"

namespace tenure::plugin_host {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string Write(const std::string& name, const std::string& bytes) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

TEST(PluginLoad, GoodPlainC_SaysWhatItIs) {
  const auto plugin = Plugin::Load(TestPlugin("good"));
  ASSERT_TRUE(plugin.ok()) << plugin.status();
  EXPECT_EQ((*plugin)->id(), "fixture");
  EXPECT_EQ((*plugin)->version(), "1.2.3");
  EXPECT_EQ((*plugin)->vendor(), "tests");
  EXPECT_THAT((*plugin)->stages(), testing::ElementsAre("repeat"));
  ASSERT_EQ((*plugin)->columns().size(), 2u);
  EXPECT_EQ((*plugin)->columns()[0].name, "p_alive");
  EXPECT_TRUE((*plugin)->columns()[0].required);
  EXPECT_FALSE((*plugin)->columns()[1].required);
  EXPECT_EQ((*plugin)->sha256(), Sha256Hex(Bytes(TestPlugin("good"))));
}

// S2: room that a later version uses is no reason to refuse while it is empty.
TEST(PluginLoad, TailsOfZeros_AreAccepted) {
  const auto plugin = Plugin::Load(TestPlugin("good_zero_tails"));
  EXPECT_TRUE(plugin.ok()) << plugin.status();
}

struct BadFile {
  const char* name;
  const char* found;
  const char* accepted;
  friend void PrintTo(const BadFile& bad, std::ostream* out) { *out << bad.name; }
};

class PluginLoadRefusal : public testing::TestWithParam<BadFile> {};

TEST_P(PluginLoadRefusal, BadFile_IsOneSentenceWithFileFoundAccepted) {
  const std::string path = TestPlugin(GetParam().name);
  const auto plugin = Plugin::Load(path);
  ASSERT_FALSE(plugin.ok());
  EXPECT_THAT(std::string(plugin.status().message()),
              AllOf(HasSubstr(path), HasSubstr(GetParam().found), HasSubstr(GetParam().accepted)));
}

INSTANTIATE_TEST_SUITE_P(
    EachFault, PluginLoadRefusal,
    testing::Values(BadFile{"wrong_version", "found ABI version 2", "version 1"},
                    BadFile{"needs_newer_host", "found a need for ABI 1.9", "1.0 at most"},
                    BadFile{"bad_id", "found the id 'Bad Id'", "a-z, 0-9"},
                    BadFile{"open_schema", "additionalProperties", "schema must say"},
                    BadFile{"two_symbols",
                            "found 2 exported symbols (second_symbol, tenure_plugin_entry_v1)",
                            "tenure_plugin_entry_v1 alone"},
                    BadFile{"missing_symbol", "found 1 exported symbols (another_entry)", "alone"},
                    BadFile{"unique_symbol", "STB_GNU_UNIQUE", "-fno-gnu-unique"},
                    BadFile{"executable_stack", "found an executable stack", "without execution"},
                    BadFile{"text_relocation", "found text relocations", "position-independent"},
                    BadFile{"needs_library", "found a need for libcrypto.so.3", "runtimes alone"},
                    BadFile{"filter", "a filter on libcrypto.so.3 (DT_FILTER)", "code of its own"},
                    BadFile{"auxiliary", "a filter on libcrypto.so.3 (DT_AUXILIARY)", "of its own"},
                    BadFile{"table_tail", "found a table of 88 bytes with more than", "zeros"},
                    BadFile{"manifest_tail", "found a manifest of 184 bytes with more", "zeros"},
                    BadFile{"endless_table", "found a table of 18446744073709551615 bytes", "80"},
                    BadFile{"endless_manifest", "found a manifest of 18446744073709551615", "176"},
                    BadFile{"short_manifest", "found a manifest of 8 bytes", "176"},
                    BadFile{"null_columns", "found 2 columns and no address", "an address"},
                    BadFile{"null_stages", "found 1 stages and no address", "an address"},
                    BadFile{"null_reasons", "found 1 reasons and no address", "an address"},
                    BadFile{"not_deterministic", "found no TENURE_DETERMINISTIC", "both"},
                    BadFile{"not_batch_invariant", "found no TENURE_BATCH_INVARIANT", "both"}),
    [](const auto& fault) { return std::string(fault.param.name); });

TEST(PluginLoad, NoSuchFile_IsNotFound) {
  EXPECT_EQ(Plugin::Load("/nowhere/x.so").status().code(), absl::StatusCode::kNotFound);
}

TEST(PluginLoad, NotElf_IsRefused) {
  const auto plugin = Plugin::Load(Write("text.so", "#!/bin/sh\necho hello\n"));
  EXPECT_THAT(std::string(plugin.status().message()), HasSubstr("found a file that is not ELF"));
}

TEST(PluginLoad, Executable_IsRefused) {
  const auto plugin = Plugin::Load("/proc/self/exe");
  EXPECT_FALSE(plugin.ok());
}

// Wherever a copy was cut off, the file is refused before anything of it runs.
TEST(PluginLoad, TruncatedAnywhere_IsRefused) {
  const std::string bytes = Bytes(TestPlugin("good"));
  ASSERT_GT(bytes.size(), 1'000u);
  for (size_t size = 0; size < bytes.size(); size += 97) {
    const auto plugin = Plugin::Load(Write("cut.so", bytes.substr(0, size)));
    EXPECT_FALSE(plugin.ok()) << size;
  }
}

// A path whose file was replaced must not give the earlier library back.
TEST(PluginLoad, FileReplacedAtItsPath_GivesTheNewOne) {
  const std::string path = Write("replaced.so", Bytes(TestPlugin("good")));
  const auto before = Plugin::Load(path);
  Write("replaced.so", Bytes(TestPlugin("slow")));
  const auto after = Plugin::Load(path);
  ASSERT_TRUE(before.ok() && after.ok()) << before.status() << after.status();
  EXPECT_EQ((*before)->id(), "fixture");
  EXPECT_EQ((*after)->id(), "slow");
}

}  // namespace
}  // namespace tenure::plugin_host
