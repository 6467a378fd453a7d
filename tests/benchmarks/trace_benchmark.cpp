#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/record/output_file.h"
#include "harness/record/trace_writer.h"
#include "tests/models/site/allocation_count.h"

// 60 signals as a site of ten inverters has them, a row a second; beside it the same bytes through fwrite. One
// iteration is a row: 60 values and their time.
namespace hil::harness {
namespace {

using models::allocations_so_far;
using namespace std::chrono_literals;

constexpr std::size_t signal_count = 60;
constexpr int rows_of_pattern = 997;  // so that no two rows in a row are alike

/// Powers, voltages, currents and states of charge that never stand still, and flags that do.
class SixtySignals {
 public:
  SixtySignals() {
    constexpr std::array names{"import_w", "voltage_ln_rms_v", "current_a", "frequency_hz", "battery_soc", "on"};
    for (std::size_t i = 0; i < signal_count; ++i) {
      registry_.add("s" + std::to_string(i) + "." + names[i % names.size()], "", &values_[i]);
    }
  }
  void move(int row) {
    const double phase = row % rows_of_pattern;
    for (std::size_t i = 0; i + 5 < signal_count; i += 6) {
      values_[i] = 13.7 * phase - 4711.1;
      values_[i + 1] = 230.0 + 0.01 * phase;
      values_[i + 2] = 0.0173 * phase;
      values_[i + 3] = 49.9 + 0.0002 * phase;
      values_[i + 4] = 0.2 + 0.000731 * phase;
      values_[i + 5] = row % 100 < 50 ? 0.0 : 1.0;
    }
  }
  const std::vector<const sim::Signal*>& all() const { return registry_.all(); }

 private:
  std::array<double, signal_count> values_{};
  sim::SignalRegistry registry_;
};

std::filesystem::path scratch_file() {
  return std::filesystem::temp_directory_path() / ("hilbench_trace_benchmark_" + std::to_string(::getpid()));
}

/// Rows as the writer makes them, for the side that only writes.
std::vector<std::string> written_rows() {
  SixtySignals signals;
  {
    TraceWriter writer(scratch_file(), signals.all(), 1s);
    for (int row = 1; row <= rows_of_pattern; ++row) {
      signals.move(row);
      writer.step(1s * row);
    }
  }
  std::vector<std::string> rows;
  std::string text = read_whole_file(scratch_file());
  for (std::size_t at = text.find('\n') + 1; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    rows.push_back(text.substr(at, end - at));
    at = end;
  }
  return rows;
}

void trace_row_writer(benchmark::State& state) {
  SixtySignals signals;
  TraceWriter writer(scratch_file(), signals.all(), 1s);
  int row = 0;
  const auto before = allocations_so_far();
  for (auto _ : state) {
    signals.move(++row);
    writer.step(1s * row);
  }
  state.counters["allocations"] = static_cast<double>(allocations_so_far() - before);
  state.counters["ns_per_value"] = benchmark::Counter(static_cast<double>(state.iterations() * signal_count),
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  writer.flush();
  state.SetBytesProcessed(static_cast<std::int64_t>(std::filesystem::file_size(scratch_file())));
  std::filesystem::remove(scratch_file());
}
BENCHMARK(trace_row_writer);

void trace_row_fwrite(benchmark::State& state) {
  const std::vector<std::string> rows = written_rows();
  std::FILE* file = std::fopen(scratch_file().c_str(), "wb");
  std::size_t row = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    const std::string& text = rows[row++ % rows.size()];
    std::fwrite(text.data(), 1, text.size(), file);
    bytes += static_cast<std::int64_t>(text.size());
  }
  std::fclose(file);
  state.SetBytesProcessed(bytes);
  std::filesystem::remove(scratch_file());
}
BENCHMARK(trace_row_fwrite);

/// What every text of the numbers costs that a standard library prints.
void trace_row_snprintf(benchmark::State& state) {
  SixtySignals signals;
  std::FILE* file = std::fopen(scratch_file().c_str(), "wb");
  std::array<char, 64> text{};
  int row = 0;
  for (auto _ : state) {
    signals.move(++row);
    for (const sim::Signal* signal : signals.all()) {
      const int size = std::snprintf(text.data(), text.size(), ",%.3f", *signal->value);
      std::fwrite(text.data(), 1, static_cast<std::size_t>(size), file);
    }
  }
  std::fclose(file);
  std::filesystem::remove(scratch_file());
}
BENCHMARK(trace_row_snprintf);

}  // namespace
}  // namespace hil::harness
