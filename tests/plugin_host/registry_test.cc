#include "server/plugin_host/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/plugin_host/test_plugins.h"

namespace tenure::plugin_host {
namespace {

using testing::HasSubstr;

TEST(Registry, MixedFolder_LoadsTheGoodAndCollectsTheRest) {
  const std::string folder = testing::TempDir() + "mixed_plugins/";
  std::filesystem::create_directory(folder);
  const auto overwrite = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(TestPlugin("good"), folder + "a.so", overwrite);
  std::filesystem::copy_file(TestPlugin("wrong_version"), folder + "b.so", overwrite);
  std::filesystem::copy_file(TestPlugin("declines"), folder + "c.so", overwrite);  // the same id
  std::filesystem::copy_file(TestPlugin("slow"), folder + "d.so", overwrite);
  const auto registry = Registry::LoadFolder(folder);
  ASSERT_TRUE(registry.ok()) << registry.status();
  ASSERT_EQ(registry->all().size(), 2u);
  EXPECT_EQ(registry->all()[0]->id(), "fixture");
  ASSERT_NE(registry->Find("slow"), nullptr);
  EXPECT_EQ(registry->Find("nobody"), nullptr);
  ASSERT_EQ(registry->refusals().size(), 2u);
  EXPECT_THAT(registry->refusals()[0].path, HasSubstr("b.so"));
  EXPECT_THAT(std::string(registry->refusals()[1].status.message()), HasSubstr("'fixture', which"));
}

TEST(Registry, NoSuchFolder_IsNotFound) {
  EXPECT_EQ(Registry::LoadFolder("/nowhere").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tenure::plugin_host
