#include "engine/Link.h"
