// Sin: it was built for another version of the contract.
#include "Honest.h"

static void sin() { plugin.abi_major = GH_ABI_MAJOR + 1; }
