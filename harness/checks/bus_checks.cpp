#include "harness/checks/bus_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/checks/bus_evaluators.h"
#include "harness/checks/signal_lookup.h"
#include "harness/checks/windowed_check.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

/// A unit as the controller knows it from the scenario; one that takes another address in the run is lost from sight.
struct BusUnit {
  std::string line;
  std::uint8_t address = 0;
  std::string register_map;
};

BusUnit unit_of(const CheckSpec& spec, const std::string& name, const Scenario& scenario) {
  for (const UnitSpec& unit : units_of(scenario.site)) {
    if (unit.name == name) return {unit.line, static_cast<std::uint8_t>(unit.unit), unit.register_map};
  }
  refuse(spec, "unit " + in_quotes(name) + " does not exist");
}

/// Where a named register stands. A name may stand in several rows; any of them counts.
class NamedRegister {
 public:
  NamedRegister(const CheckSpec& spec, const RegisterName& name, bool writable, const Scenario& scenario)
      : unit_(unit_of(spec, name.unit, scenario)) {
    std::vector<std::string> known;
    for (const sim::RegisterRow& row : scenario.register_maps.at(unit_.register_map).rows) {
      if (row.binding.empty() || (row.access == sim::Access::read && writable)) continue;
      if (row.binding == name.name) rows_.push_back({row.table, row.address, row.count});
      if (std::find(known.begin(), known.end(), row.binding) == known.end()) known.push_back(row.binding);
    }
    if (!rows_.empty()) return;
    refuse(spec, fmt::format("{} has no {} register {}, known: {}", name.unit, writable ? "writable" : "readable",
                             in_quotes(name.name), list_nearest_first(name.name, std::move(known))));
  }

  const BusUnit& unit() const { return unit_; }
  bool read_by(const BusExchange& exchange) const {
    return touched(exchange, [&](const Row& row) { return exchange.reads(row.table); });
  }
  bool written_by(const BusExchange& exchange) const {
    return touched(exchange, [&](const Row& row) { return exchange.writes(row.table); });
  }

 private:
  struct Row {
    sim::Table table = sim::Table::holding;
    std::uint16_t address = 0;
    int count = 1;
  };
  template <typename OfTable>
  bool touched(const BusExchange& exchange, const OfTable& of_table) const {
    return exchange.unit == unit_.address && std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
             return of_table(row) && exchange.covers(row.address, row.count);
           });
  }

  BusUnit unit_;
  std::vector<Row> rows_;
};

/// What the exchanges on a line, and with its units on Modbus TCP, tell a check about. It is shared with their
/// monitors, which live as long as the bench.
template <typename Evaluator>
struct Watch {
  Watch(const Window& seen, Evaluator fed) : window(seen), evaluator(std::move(fed)) {}
  ObservationWindow window;
  Evaluator evaluator;
};

template <typename Evaluator>
class BusWatching : public WindowedCheck {
 public:
  BusWatching(const CheckSpec& spec, std::string margin_unit, std::string line, Evaluator evaluator)
      : WindowedCheck(spec, std::move(margin_unit)),
        line_(std::move(line)),
        watch_(std::make_shared<Watch<Evaluator>>(spec.window, std::move(evaluator))) {}
  void marked(std::string_view mark, sim::Time now) override { watch_->window.marked(mark, now); }
  void step(sim::Time now) override {
    if (!watch_->window.contains(now)) return;
    if constexpr (requires { watch_->evaluator.observe(now); }) {
      watch_->evaluator.observe(now);
    } else if constexpr (requires { watch_->evaluator.observe(now, now); }) {
      watch_->evaluator.observe(watch_->window.since_begin(now), now);
    }
  }
  std::string line() const override { return line_; }

  /// Hands exchanges with units of the line that begin inside the window on to `requested` and `concluded`.
  template <typename Requested, typename Concluded>
  void listen(Bench& bench, const std::string& line, Requested requested, Concluded concluded) const {
    const auto inside_only = [](auto handler) {
      return [handler](Evaluator& evaluator, const BusExchange& exchange, bool inside) {
        if (inside) handler(evaluator, exchange);
      };
    };
    listen_always(bench, line, inside_only(requested), inside_only(concluded));
  }
  /// The others too, and whether each began inside.
  template <typename Requested, typename Concluded>
  void listen_always(Bench& bench, const std::string& line, Requested requested, Concluded concluded) const {
    ExchangeListener listener;
    listener.requested = [watch = watch_, requested](const BusExchange& exchange) {
      requested(watch->evaluator, exchange, watch->window.contains(exchange.begin));
    };
    listener.concluded = [watch = watch_, concluded](const BusExchange& exchange) {
      concluded(watch->evaluator, exchange, watch->window.contains(exchange.begin));
    };
    // An EMS on the network asks the units of the line without it.
    for (const UnitSpec& unit : units_of(bench.scenario().site)) {
      if (unit.line != line) continue;
      auto of_unit = std::make_shared<TcpExchangeFollower>(listener);
      bench.on_tcp_exchange(unit.name, [of_unit](const TcpExchange& part) { of_unit->exchange(part); });
    }
    auto follower = std::make_shared<ExchangeFollower>(std::move(listener));
    bench.on_frame(line, [follower](const sim::SerialLine::FrameRecord& record) { follower->frame(record); });
  }

 protected:
  Finding so_far() const override { return watch_->evaluator.finding(); }
  bool open_after(sim::Time now) const { return watch_->window.open_after(now); }

 private:
  std::string line_;
  std::shared_ptr<Watch<Evaluator>> watch_;
};

constexpr auto nothing = [](auto& /*evaluator*/, const BusExchange& /*exchange*/) {};

class Answers final : public BusWatching<AnswersEvaluator> {
 public:
  Answers(const CheckSpec& spec, const AnswersCheck& check)
      : BusWatching(spec, unit_text(check.measure), check.line, AnswersEvaluator(check)), check_(check) {}
  CheckResult result() const override {
    const Finding finding = so_far();
    return in_words(finding, worst_text(finding));
  }
  bool may_mend_after(sim::Time now) const override { return check_.measure == Measure::share && open_after(now); }

 private:
  using Measure = AnswersCheck::Measure;
  static std::string unit_text(Measure measure) {
    if (measure == Measure::share) return "";
    return measure == Measure::retries ? "repetitions" : "requests";
  }
  std::string worst_text(const Finding& finding) const {
    const std::string at = finding.worst_at ? " at " + time_text(*finding.worst_at) : "";
    if (check_.measure == Measure::share) {
      return trimmed(finding.worst) + " in time" + (at.empty() ? "" : ", the first that was not" + at);
    }
    if (check_.measure == Measure::retries) return "repeated " + trimmed(finding.worst) + " times" + at;
    return trimmed(finding.worst) + " unanswered" + (at.empty() ? "" : ", the last" + at);
  }
  AnswersCheck check_;
};

class PollGaps final : public BusWatching<PollGapEvaluator> {
 public:
  PollGaps(const CheckSpec& spec, const BusCheck& check, std::size_t units)
      : BusWatching(spec, "s", check.line, PollGapEvaluator(check, units)) {}
  CheckResult result() const override {
    const Finding finding = so_far();
    return in_words(finding, "longest period " + value_at(finding.worst, "s", finding.worst_at));
  }
};

class Fresh final : public BusWatching<FreshEvaluator> {
 public:
  Fresh(const CheckSpec& spec, const FreshCheck& check, std::string line)
      : BusWatching(spec, "s", std::move(line), FreshEvaluator(check)) {}
  CheckResult result() const override {
    const Finding finding = so_far();
    return in_words(finding, "age " + value_at(finding.worst, "s", finding.worst_at));
  }
};

class Order final : public BusWatching<OrderEvaluator> {
 public:
  /// `line`: empty when reading and writing are on two.
  Order(const CheckSpec& spec, const OrderCheck& check, std::string line)
      : BusWatching(spec, "readings", std::move(line), OrderEvaluator(check)) {}
  CheckResult result() const override {
    const Finding finding = so_far();
    return in_words(finding, value_at(finding.worst, "readings", std::nullopt) + " before the write at " +
                                 time_text(finding.worst_at.value_or(sim::Time{0})));
  }
};

void require_line(const CheckSpec& spec, const std::string& name, const Scenario& scenario) {
  const auto& lines = scenario.site.lines;
  const auto is_it = [&](const LineSpec& line) { return line.name == name; };
  if (std::none_of(lines.begin(), lines.end(), is_it)) refuse(spec, "line " + in_quotes(name) + " is unknown");
}

bool has_register(const UnitSpec& unit, const std::string& name, const Scenario& scenario) {
  const std::vector<sim::RegisterRow>& rows = scenario.register_maps.at(unit.register_map).rows;
  return std::any_of(rows.begin(), rows.end(), [&](const sim::RegisterRow& row) { return row.binding == name; });
}

/// The unit's address, which must be on that line; nullopt: all units are meant.
std::optional<std::uint8_t> address_of(const CheckSpec& spec, const std::string& name, const std::string& line,
                                       const Scenario& scenario) {
  if (name.empty()) return std::nullopt;
  const BusUnit unit = unit_of(spec, name, scenario);
  if (unit.line != line) {
    refuse(spec, fmt::format("unit {} is on {}, must be on the line {}", name, unit.line, line));
  }
  return unit.address;
}

/// Of all units on a line.
std::vector<std::uint8_t> addresses_on(const std::string& line, const SiteSpec& site) {
  std::vector<std::uint8_t> addresses;
  for (const UnitSpec& unit : units_of(site)) {
    if (unit.line == line) addresses.push_back(static_cast<std::uint8_t>(unit.unit));
  }
  return addresses;
}

/// Only the reads of one register count, of the one unit or of those on the line that have it.
std::unique_ptr<Check> make_read_gap_check(const CheckSpec& spec, const BusCheck& check, Bench& bench) {
  const Scenario& scenario = bench.scenario();
  std::vector<NamedRegister> registers;
  for (const UnitSpec& unit : units_of(scenario.site)) {
    const bool meant = check.unit.empty() ? unit.line == check.line && has_register(unit, check.read, scenario)
                                          : unit.name == check.unit;
    if (meant) registers.emplace_back(spec, RegisterName{unit.name, check.read}, false, scenario);
  }
  if (registers.empty())
    refuse(spec, fmt::format("no unit on {} has a register {}", check.line, in_quotes(check.read)));
  auto made = std::make_unique<PollGaps>(spec, check, registers.size());
  const auto requested = [registers](PollGapEvaluator& evaluator, const BusExchange& exchange) {
    for (std::size_t i = 0; i < registers.size(); ++i) {
      if (registers[i].read_by(exchange)) evaluator.polled(i, exchange.begin);
    }
  };
  made->listen(bench, check.line, requested, nothing);
  return made;
}

}  // namespace

std::unique_ptr<Check> make_poll_gap_check(const CheckSpec& spec, const BusCheck& check, Bench& bench) {
  const Scenario& scenario = bench.scenario();
  require_line(spec, check.line, scenario);
  const auto only = address_of(spec, check.unit, check.line, scenario);
  if (!check.read.empty()) return make_read_gap_check(spec, check, bench);
  std::vector<std::uint8_t> units = addresses_on(check.line, scenario.site);
  if (only) units = {*only};
  auto made = std::make_unique<PollGaps>(spec, check, units.size());
  // On a line the bench knows its units also when they have changed their address.
  const auto requested = [&bench, line = check.line, units](PollGapEvaluator& evaluator, const BusExchange& exchange) {
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (!exchange.on_network) evaluator.polled(i, bench.last_poll(line, units[i]));
      if (exchange.on_network && units[i] == exchange.unit) evaluator.polled(i, exchange.begin);
    }
  };
  made->listen(bench, check.line, requested, nothing);
  return made;
}

std::unique_ptr<Check> make_answers_check(const CheckSpec& spec, const AnswersCheck& check, Bench& bench) {
  require_line(spec, check.line, bench.scenario());
  const std::optional<std::uint8_t> address = address_of(spec, check.unit, check.line, bench.scenario());
  const auto concerns = [address](const BusExchange& exchange) { return !address || *address == exchange.unit; };
  auto made = std::make_unique<Answers>(spec, check);
  made->listen(
      bench, check.line,
      [concerns](AnswersEvaluator& evaluator, const BusExchange& exchange) {
        if (concerns(exchange)) evaluator.requested(exchange);
      },
      [concerns](AnswersEvaluator& evaluator, const BusExchange& exchange) {
        if (concerns(exchange)) evaluator.concluded(exchange);
      });
  return made;
}

std::unique_ptr<Check> make_fresh_check(const CheckSpec& spec, const FreshCheck& check, Bench& bench) {
  const NamedRegister target(spec, check.write, true, bench.scenario());
  auto made = std::make_unique<Fresh>(spec, check, target.unit().line);
  made->listen(bench, target.unit().line, nothing, [target](FreshEvaluator& evaluator, const BusExchange& exchange) {
    if (exchange.answered && !exchange.refused && target.written_by(exchange)) evaluator.written(exchange.answered_at);
  });
  return made;
}

std::unique_ptr<Check> make_order_check(const CheckSpec& spec, const OrderCheck& check, Bench& bench) {
  const NamedRegister source(spec, check.read, false, bench.scenario());
  const NamedRegister target(spec, check.before_write, true, bench.scenario());
  const std::string& line = target.unit().line;
  auto made = std::make_unique<Order>(spec, check, source.unit().line == line ? line : "");
  // What was read ahead of the window counts for the first write in it.
  const auto nothing_at_all = [](OrderEvaluator&, const BusExchange&, bool) {};
  made->listen_always(bench, source.unit().line, nothing_at_all,
                      [source](OrderEvaluator& evaluator, const BusExchange& exchange, bool) {
                        if (exchange.answered && !exchange.refused && source.read_by(exchange)) evaluator.read();
                      });
  made->listen_always(
      bench, line,
      [target](OrderEvaluator& evaluator, const BusExchange& exchange, bool inside) {
        if (!exchange.repeated && target.written_by(exchange)) evaluator.written(exchange.begin, inside);
      },
      nothing_at_all);
  return made;
}

}  // namespace hil::harness
