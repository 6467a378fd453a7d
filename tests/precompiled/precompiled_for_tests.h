// The same of the tests.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/precompiled/precompiled.h"
