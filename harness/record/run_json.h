#pragma once

#include <filesystem>

#include "harness/record/run.h"

namespace hil::harness {

/// Written whole or not at all. Throws std::runtime_error.
void write_run_json(const RunResult& result, const std::filesystem::path& file);

/// What write_run_json wrote; `folder` is the file's. Of a check's specification only the element, description,
/// requirement, why and place come back; `paced` does not. Throws std::runtime_error naming the file.
RunResult read_run_json(const std::filesystem::path& file);

}  // namespace hil::harness
