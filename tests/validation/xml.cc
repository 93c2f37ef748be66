#include "tests/validation/xml.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

namespace tenure::validation {
namespace {

constexpr char kParser[] = R"(
import math, re, sys, xml.etree.ElementTree as tree
for element in tree.parse(sys.argv[1]).iter():
    for name, value in element.attrib.items():
        if name in ('x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'width', 'height', 'd', 'transform'):
            for number in re.sub('[ML(),]|translate|rotate', ' ', value).split():
                if not (math.isfinite(float(number)) and -100 < float(number) < 1000):
                    print(element.tag, name, value)
)";

}  // namespace

std::string XmlProblem(const std::string& text) {
  const std::string path = testing::TempDir() + "validation_" + std::to_string(getpid()) + ".xml";
  const std::string script = path + ".py";
  std::ofstream(path, std::ios::binary) << text;
  std::ofstream(script) << kParser;
  std::FILE* const python = popen(("python3 " + script + " " + path + " 2>&1").c_str(), "r");
  if (python == nullptr) return "python3 does not start";
  std::string said;
  std::array<char, 4096> buffer;
  while (const size_t got = std::fread(buffer.data(), 1, buffer.size(), python)) {
    said.append(buffer.data(), got);
  }
  if (pclose(python) != 0 && said.empty()) said = "python3 failed";
  std::remove(path.c_str());
  std::remove(script.c_str());
  return said;
}

}  // namespace tenure::validation
