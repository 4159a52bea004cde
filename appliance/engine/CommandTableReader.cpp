#include "engine/CommandTableReader.h"
