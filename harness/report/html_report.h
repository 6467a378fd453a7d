#pragma once

#include "harness/record/run.h"
#include "harness/report/plots.h"

namespace hil::harness {

/// report.html in the result's folder, from the result and the files beside it: one file that needs no other,
/// plots and style inside. Throws std::runtime_error when it cannot be written.
void write_html_report(const Scenario& scenario, const RunResult& result, const PlotSet& plots);

}  // namespace hil::harness
