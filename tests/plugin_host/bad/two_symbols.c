#include "fixture.h"

TENURE_EXPORT int second_symbol(void);
int second_symbol(void) { return 2; }
