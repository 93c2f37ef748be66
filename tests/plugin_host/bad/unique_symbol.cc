// A variable of an inline function with default visibility: one for the whole process.
#include "fixture.h"

__attribute__((visibility("default"))) inline int* Shared() {
  static int shared = 0;
  return &shared;
}
int* Use() { return Shared(); }
