#include "models/grid_code/interface_protection.h"
#include "models/grid_code/grid_support.h"
