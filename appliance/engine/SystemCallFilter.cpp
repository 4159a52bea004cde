#include "engine/SystemCallFilter.h"
