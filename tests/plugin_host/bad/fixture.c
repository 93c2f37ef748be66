/* The fixture as it is, or with what the build redefines. */
#include "fixture.h"
