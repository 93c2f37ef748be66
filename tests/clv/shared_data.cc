#include "tests/clv/shared_data.h"

#include <cstdlib>
#include <fstream>

namespace tenure::clv {

std::optional<Table> ReadShared(const std::string& path) {
  const char* shared = std::getenv("TENURE_SHARED_DIR");
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  std::string folder;
  if (shared != nullptr) {
    folder = shared;
  } else if (source != nullptr) {
    folder = std::string(source) + "/../shared";
  }
  std::ifstream file(folder + "/data/" + path);
  std::string line;
  if (!file || !std::getline(file, line)) return std::nullopt;
  Table table;
  while (std::getline(file, line)) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.emplace_back();
      } else if (c != '\r') {
        fields.back() += c;
      }
    }
    table.push_back(std::move(fields));
  }
  return table;
}

std::optional<Cdnow> ReadCdnow() {
  const std::optional<Table> table = ReadShared("cdnow/summary.csv");
  if (!table) return std::nullopt;
  Cdnow cdnow;
  for (const auto& row : *table) {
    cdnow.x.push_back(std::stod(row[1]));
    cdnow.t_x.push_back(std::stod(row[2]));
    cdnow.T.push_back(std::stod(row[3]));
    cdnow.spend.push_back(row[4].empty() ? 0 : std::stod(row[4]));
    cdnow.holdout.push_back(std::stod(row[5]));
  }
  return cdnow;
}

}  // namespace tenure::clv
