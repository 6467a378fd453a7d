#include "tests/precompiled/precompiled.h"
