#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/record/content_hash.h"
#include "harness/record/number_text.h"
#include "harness/record/output_file.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// trace.csv: column time_s, then one per signal in order of registration; a row at the first step given, then at
/// the first step at or after each multiple of the record period. Decimals by unit, see write_number. Lines end with
/// LF.
///
/// Reaches the disk each 64 KiB or 60 virtual seconds, whichever comes first.
class TraceWriter {
 public:
  static constexpr sim::Time flush_each = std::chrono::seconds{60};

  /// `record_period`: > 0. The signals must outlive the writer.
  TraceWriter(const std::filesystem::path& file, const std::vector<const sim::Signal*>& signals,
              sim::Time record_period);

  /// StepPhase::record. Allocates nothing.
  void step(sim::Time now);
  void flush() { file_.flush(); }
  std::string failure() const { return file_.failure(); }
  bool failed() const { return file_.failed(); }
  /// Of all rows so far, header included.
  const ContentHash& hash() const { return hash_; }

 private:
  struct Column {
    const double* value = nullptr;
    NumberFormat format;
  };
  void write(std::string_view text);

  OutputFile file_;
  ContentHash hash_;
  std::vector<Column> columns_;
  std::vector<char> row_;
  sim::Time record_period_;
  sim::Time next_row_{0};
  sim::Time next_flush_{flush_each};
};

}  // namespace hil::harness
