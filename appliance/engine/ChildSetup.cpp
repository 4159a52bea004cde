#include "engine/ChildSetup.h"
