#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "harness/checks/evaluators.h"
#include "harness/checks/shape_evaluators.h"
#include "harness/checks/stl/monitor.h"
#include "harness/scenario/formula_parser.h"
#include "tests/models/site/allocation_count.h"

namespace {

using namespace std::chrono_literals;
using namespace hil::harness;
using hil::sim::Time;

constexpr Time step = 10ms;

/// Two signals that wander, so that minima and maxima have to be looked for.
class Signals {
 public:
  Signals() {
    constexpr int length = 1 << 16;
    for (int k = 0; k < length; ++k) {
      values_.push_back(100.0 * std::sin(0.0037 * k) + 60.0 * std::sin(0.00011 * k * k));
    }
  }
  void next() {
    place_ = (place_ + 1) % values_.size();
    a = values_[place_];
    b = values_[(3 * place_) % values_.size()];
  }
  double a = 0.0;
  double b = 0.0;

 private:
  std::vector<double> values_;
  std::size_t place_ = 0;
};

/// One sample of `observe(now)`; what it allocates has to be 0.
template <typename Observe>
void each_sample(benchmark::State& state, Signals& signals, const Observe& observe) {
  Time now{0};
  const std::uint64_t before = hil::models::allocations_so_far();
  for (auto _ : state) {
    signals.next();
    observe(now += step);
  }
  state.counters["allocations"] = static_cast<double>(hil::models::allocations_so_far() - before);
}

/// The least that a check could do: hold the signal against a bound and keep the worst.
void bare_sample(benchmark::State& state) {
  Signals signals;
  double worst = 1e9;
  Time worst_at{0};
  each_sample(state, signals, [&](Time now) {
    const double margin = 120.0 - signals.a;
    if (margin < worst) {
      worst = margin;
      worst_at = now;
    }
    benchmark::DoNotOptimize(worst);
    benchmark::DoNotOptimize(worst_at);
  });
}

void check_formula(benchmark::State& state, const char* text) {
  Signals signals;
  stl::Monitor monitor(parse_formula(text), step,
                       [&](const std::string& name) { return name == "x.a" ? &signals.a : &signals.b; });
  each_sample(state, signals, [&](Time) { monitor.observe(); });
}

void check_never(benchmark::State& state, Time longer_than) {
  Signals signals;
  NeverCheck check;
  check.above = 120.0;
  check.longer_than = longer_than;
  NeverEvaluator evaluator(check, step);
  each_sample(state, signals, [&](Time now) { evaluator.observe(now, signals.a); });
}

void check_follows(benchmark::State& state) {
  Signals signals;
  FollowsCheck check;
  check.reference = "x.b";
  check.within = 50.0;
  check.time_tolerance = 1s;
  FollowsEvaluator evaluator(check, step);
  each_sample(state, signals, [&](Time now) { evaluator.observe_both(now, signals.a, signals.b); });
}

BENCHMARK(bare_sample);
BENCHMARK_CAPTURE(check_never, at_once, Time{0});
BENCHMARK_CAPTURE(check_never, longer_than_5s, Time{5s});
BENCHMARK_CAPTURE(check_formula, always, "always x.a below 120");
BENCHMARK_CAPTURE(check_formula, responds_5s, "always (x.a above 120 implies eventually[0,5] x.a below 60)");
BENCHMARK_CAPTURE(check_formula, responds_600s, "always (x.a above 120 implies eventually[0,600] x.a below 60)");
BENCHMARK_CAPTURE(check_formula, until_5s, "always (x.a below 120 until[0,5] x.b above 60)");
BENCHMARK(check_follows);

}  // namespace
