// The same of the harness: nearly each of its sources sees the whole of a scenario, which takes the longest to parse.
#pragma once

#include "harness/record/run.h"
#include "harness/scenario/reader.h"
#include "tests/precompiled/precompiled.h"
