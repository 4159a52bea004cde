#include "engine/Leftover.h"
