#include "engine/Engines.h"
