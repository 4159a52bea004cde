#include "engine/EngineFolders.h"
