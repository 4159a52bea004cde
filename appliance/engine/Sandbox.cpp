#include "engine/Sandbox.h"
