#include "engine/EngineUser.h"
