// Sin: its descriptor ends before what version 0.1 has.
#include "Honest.h"

static void sin() { plugin.size = sizeof(gh_plugin) - sizeof(void*); }
