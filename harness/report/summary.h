#pragma once

#include <string>
#include <vector>

#include "harness/record/run.h"

namespace hil::harness {

inline constexpr std::size_t terminal_columns = 100;

/// One screen: verdict, checks with margins, trace hash, real-time factor, where the report is.
/// `colour`: with terminal escapes; only for a terminal.
std::string summary_text(const RunResult& result, bool colour);

/// For a run of several: verdict, scenario, first trouble and how many more; where the report is, unless it passed.
std::string summary_line(const RunResult& result, bool colour);

/// Words in lines of at most terminal_columns, each behind `indent` spaces. A longer word keeps a line of its own.
std::string wrapped(const std::string& text, std::size_t indent);

/// "PASS        ", for a column.
std::string verdict_cell(Verdict verdict, bool colour);

/// "12 scenarios: 10 pass, 1 fail, 1 error", without what did not occur.
std::string total_text(const std::vector<RunResult>& results);

}  // namespace hil::harness
