// The same of the tests of the harness.
#pragma once

#include "tests/precompiled/precompiled_for_harness.h"
#include "tests/precompiled/precompiled_for_tests.h"
