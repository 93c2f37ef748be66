// A small simulated shop with the shipped policies, its truth kept, for tests of planning.
#ifndef TENURE_TESTS_PLANNING_SMALL_SHOP_H_
#define TENURE_TESTS_PLANNING_SMALL_SHOP_H_

#include <memory>
#include <string>
#include <vector>

#include "server/customers/population.h"
#include "server/decision/world.h"
#include "server/planning/strategies.h"
#include "server/plugin_host/registry.h"

namespace tenure::planning {

inline constexpr int64_t kNow = 17'533 * int64_t{86'400'000'000};  // 2018-01-02

struct SmallShop {
  std::unique_ptr<plugin_host::Registry> plugins;
  customers::Population population;
  std::vector<Truth> truth;
  std::shared_ptr<const decision::World> world;   // by a model fitted to the orders
  std::shared_ptr<const decision::World> oracle;  // by the parameters they were drawn with
};

// `budgets` is the YAML after "budgets:". A failure ends the test run.
std::unique_ptr<SmallShop> MakeShop(const std::string& budgets, int customers, uint64_t seed);

}  // namespace tenure::planning

#endif  // TENURE_TESTS_PLANNING_SMALL_SHOP_H_
