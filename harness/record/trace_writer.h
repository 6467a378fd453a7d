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

/// A column of the trace.
struct RecordedSignal {
  const sim::Signal* signal = nullptr;
  sim::Time period{0};     ///< > 0
  bool on_change = false;  ///< besides, in each step in which it reads otherwise than in the last row with one
};

/// trace.csv: column time_s, then one per signal in the order given. A signal has a value in the row of the first step,
/// then of the first step at or after each multiple of its period. A row is written when one signal is due; the cells
/// of those that are not are empty. Decimals by unit, see write_number. Lines end with LF.
///
/// Reaches the disk each 64 KiB or 60 virtual seconds, whichever comes first.
class TraceWriter {
 public:
  static constexpr sim::Time flush_each = std::chrono::seconds{60};

  /// The signals must outlive the writer.
  TraceWriter(const std::filesystem::path& file, const std::vector<RecordedSignal>& recorded);
  /// All at one period, > 0.
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
    std::size_t clock = 0;  ///< its period, in clocks_
    bool on_change = false;
    double written = 0.0;
    std::string text;  ///< of on_change: as it was written last
    bool changed() const;
  };
  /// What the signals of one period wait for.
  struct Clock {
    sim::Time period{0};
    sim::Time next{0};
    bool due = true;
  };
  std::size_t clock_of(sim::Time period);
  bool look(sim::Time now);
  void write_row(sim::Time now);
  void write(std::string_view text);

  OutputFile file_;
  ContentHash hash_;
  std::vector<Column> columns_;
  std::vector<std::size_t> on_change_;  ///< columns
  std::vector<Clock> clocks_;
  std::vector<char> row_;
  sim::Time next_flush_{flush_each};
};

}  // namespace hil::harness
