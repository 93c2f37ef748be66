#include "fixture.h"

/* An absolute address in the code: the linker has to write into it. */
__asm__(".text\n.quad tenure_plugin_entry_v1\n");
