#include "engine/EngineConfiguration.h"
