#include "engine/EngineProcess.h"
