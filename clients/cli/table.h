// Plain tables for people.
#ifndef TENURE_CLIENTS_CLI_TABLE_H_
#define TENURE_CLIENTS_CLI_TABLE_H_

#include <string>
#include <vector>

namespace tenure::cli {

// Columns as wide as their widest cell, two spaces between them; numbers to the right. Not
// thread-safe.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void Add(std::vector<std::string> row);
  // To standard output.
  void Print() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the header first
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_TABLE_H_
