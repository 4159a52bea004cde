// Sin: a function that must be there is not.
#include "Honest.h"

static void sin() { protocol.feed = nullptr; }
