// Whether a text is XML, by a parser that has nothing to do with what wrote it.
#ifndef TENURE_TESTS_VALIDATION_XML_H_
#define TENURE_TESTS_VALIDATION_XML_H_

#include <string>

namespace tenure::validation {

// What Python's parser says against it; empty where it is well-formed and every attribute that is a
// coordinate is made of finite numbers.
std::string XmlProblem(const std::string& text);

}  // namespace tenure::validation

#endif  // TENURE_TESTS_VALIDATION_XML_H_
