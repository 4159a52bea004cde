#include "engine/ProcessRecord.h"
