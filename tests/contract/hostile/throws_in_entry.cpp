// Sin: an exception leaves its entry.
#include "Honest.h"

#include <stdexcept>

static void sin() { throw std::runtime_error("from the entry"); }
