// The public data that golden tests read: beside the repository, never in it.
#ifndef TENURE_TESTS_CLV_SHARED_DATA_H_
#define TENURE_TESTS_CLV_SHARED_DATA_H_

#include <optional>
#include <string>
#include <vector>

namespace tenure::clv {

using Table = std::vector<std::vector<std::string>>;

// The rows below the header of a CSV without quotes but for whole fields, or nothing where the
// shared data are absent. Found through TENURE_SHARED_DIR, else $TENURE_SOURCE_DIR/../shared.
std::optional<Table> ReadShared(const std::string& path);

inline constexpr char kNoSharedData[] =
    "the shared data folder is absent: set TENURE_SHARED_DIR to run this test";

// CDNOW, split 1997-09-30, in exact weeks: columns x, t_x, T, mean spend, holdout purchases.
struct Cdnow {
  std::vector<double> x, t_x, T, spend, holdout;
};
std::optional<Cdnow> ReadCdnow();

}  // namespace tenure::clv

#endif  // TENURE_TESTS_CLV_SHARED_DATA_H_
