#include "server/plugin_host/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "server/plugin_host/plugin.h"
#include "tests/plugin_host/test_plugins.h"

namespace tenure::plugin_host {
namespace {

using testing::HasSubstr;

// Loads a copy of the good plugin beside this manifest.
absl::Status LoadBeside(const std::string& name, const std::string& manifest) {
  const std::string path = testing::TempDir() + name + ".so";
  std::filesystem::copy_file(TestPlugin("good"), path,
                             std::filesystem::copy_options::overwrite_existing);
  std::ofstream(testing::TempDir() + name + ".plugin.json") << manifest;
  return Plugin::Load(path).status();
}

std::string ManifestOf(const std::string& id, const std::string& version,
                       const std::string& sha256) {
  return absl::StrCat(R"({"id":")", id, R"(","version":")", version, R"(","sha256":")", sha256,
                      R"(","abi":1})");
}

std::string GoodSha() { return (*Plugin::Load(TestPlugin("good")))->sha256(); }

TEST(Manifest, Right_Loads) {
  EXPECT_TRUE(LoadBeside("right", ManifestOf("fixture", "1.2.3", GoodSha())).ok());
}

TEST(Manifest, OtherBytes_AreRefusedBeforeLoading) {
  const auto status = LoadBeside("bytes", ManifestOf("fixture", "1.2.3", std::string(64, '0')));
  EXPECT_THAT(std::string(status.message()), HasSubstr("found SHA-256 " + GoodSha()));
}

TEST(Manifest, OtherIdOrVersion_IsRefused) {
  EXPECT_THAT(std::string(LoadBeside("id", ManifestOf("x", "1.2.3", GoodSha())).message()),
              HasSubstr("found plugin fixture 1.2.3; accepted is x 1.2.3"));
  EXPECT_FALSE(LoadBeside("version", ManifestOf("fixture", "2.0.0", GoodSha())).ok());
}

TEST(Manifest, MalformedOrUnknownKeyOrMissingKey_IsRefused) {
  EXPECT_FALSE(LoadBeside("malformed", "{").ok());
  EXPECT_THAT(std::string(LoadBeside("unknown", R"({"tier":"trusted"})").message()),
              HasSubstr("\"tier\""));
  EXPECT_THAT(std::string(LoadBeside("missing", R"({"abi":1})").message()),
              HasSubstr("missing or empty"));
}

}  // namespace
}  // namespace tenure::plugin_host
