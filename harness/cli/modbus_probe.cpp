#include "harness/cli/modbus_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <ctime>
#include <optional>
#include <ostream>
#include <utility>

#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/cli/probe_hints.h"
#include "harness/live/port_spec.h"
#include "harness/live/serial_device.h"
#include "harness/probe/frame_decoder.h"
#include "harness/probe/modbus_master.h"
#include "harness/probe/register_access.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using Order = ModbusProbeOptions::Order;
using Rows = std::vector<const sim::RegisterRow*>;

/// A value for one row.
struct Write {
  const sim::RegisterRow* row = nullptr;
  std::vector<std::uint16_t> words;
  double wanted = 0.0;  ///< as given; registers have steps
};

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int /*signal*/) {
  interrupted = 1;
}

/// Ctrl-C ends what is repeated, after the present request.
void end_on_interrupt() {
  struct sigaction action {};
  action.sa_handler = interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

std::string clock_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  return fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

/// Those that can be read.
Rows rows_of(const sim::RegisterMap& map, const std::vector<std::string>& words, std::vector<std::string>& faults) {
  Rows rows;
  for (const std::string& word : words) {
    std::string fault;
    Rows named = rows_named(map, word, fault);
    const bool any = !named.empty();
    named.erase(
        std::remove_if(named.begin(), named.end(), [](const auto* row) { return row->access == sim::Access::write; }),
        named.end());
    if (any && named.empty()) fault = word + ": can be written only";
    if (!fault.empty()) faults.push_back(fault);
    rows.insert(rows.end(), named.begin(), named.end());
  }
  return rows;
}

/// "NAME=VALUE", in the unit of the row.
std::optional<Write> write_of(const sim::RegisterMap& map, const std::string& word, std::string& fault) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) {
    fault = word + ": must be NAME=VALUE, as export_limit_w=0";
    return std::nullopt;
  }
  const std::string name = word.substr(0, equals);
  const std::string number = word.substr(equals + 1);
  Rows rows = rows_named(map, name, fault);
  if (rows.empty()) return std::nullopt;
  // What is read at one address is written at another in some maps.
  const auto is_read_only = [](const sim::RegisterRow* row) { return row->access == sim::Access::read; };
  if (!std::all_of(rows.begin(), rows.end(), is_read_only)) std::erase_if(rows, is_read_only);
  if (rows.size() > 1) {
    fault = fmt::format("{}: stands for {} rows, the first at {}; write to one, by its address", name, rows.size(),
                        rows.front()->address);
    return std::nullopt;
  }
  double value = 0.0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (number.empty() || error != std::errc{} || end != number.data() + number.size()) {
    fault = fmt::format("{}: \"{}\" is no number", name, number);
    return std::nullopt;
  }
  Write write{rows.front(), words_for(*rows.front(), value, fault), value};
  if (!fault.empty()) return std::nullopt;
  return write;
}

/// One conversation with what is on a line.
class ModbusProbe {
 public:
  ModbusProbe(const ModbusProbeOptions& options, const sim::RegisterMap& map, const std::filesystem::path& library,
              std::string if_nobody, ModbusMaster master, Console console)
      : options_(options),
        map_(map),
        library_(library),
        if_nobody_(std::move(if_nobody)),
        master_(std::move(master)),
        console_(console) {
    master_.set_unit(options.unit);
  }

  /// False: something was not answered.
  bool read(const Rows& rows) {
    bool all = true;
    for (const RegisterRun& run : runs_of(map_, rows)) {
      try {
        const std::vector<std::uint16_t> words = master_.read(run.table, run.first, run.count);
        for (const sim::RegisterRow* row : run.rows) {
          console_.out << row_text(*row, value_text(*row, run.words_of(*row, words))) << '\n';
        }
      } catch (const ModbusFailure& failure) {
        all = false;
        tell(fmt::format("unit {}, registers {} to {}", options_.unit, run.first, run.first + run.count - 1), failure);
        if (failure.kind() == ModbusFailure::Kind::refused) hint_at_other_maps();
        if (failure.kind() == ModbusFailure::Kind::nobody) hint(std::exchange(if_nobody_, {}));
      }
    }
    console_.out << std::flush;
    return all;
  }

  /// What the unit then holds is read back, also when a later one is refused.
  bool write(const std::vector<Write>& writes) {
    Rows written;
    bool all = true;
    for (const Write& write : writes) {
      try {
        master_.write(write.row->table, write.row->address, write.words);
      } catch (const ModbusFailure& failure) {
        tell(fmt::format("unit {}, {}", options_.unit, name_of(*write.row)), failure);
        if (failure.kind() == ModbusFailure::Kind::refused) hint(unlock_hint(map_, *write.row));
        all = false;
        break;
      }
      tell_rounding(write);
      const sim::RegisterRow* const shown = read_back(*write.row);
      if (shown != nullptr) {
        written.push_back(shown);
      } else {
        console_.out << row_text(*write.row, value_text(*write.row, write.words)) << " (sent; it cannot be read)\n";
      }
    }
    return read(written) && all;
  }

  bool watch(const Rows& rows) {
    end_on_interrupt();
    bool all = true;
    const auto period = std::chrono::duration<double>(options_.every_s);
    auto due = std::chrono::steady_clock::now();
    for (int turn = 0; interrupted == 0 && (options_.times == 0 || turn < options_.times); ++turn) {
      if (turn > 0) console_.out << '\n';
      console_.out << clock_text() << '\n';
      all = read(rows) && all;
      due += std::chrono::duration_cast<std::chrono::steady_clock::duration>(period);
      if (turn + 1 != options_.times) sleep_until(due);
    }
    return all;
  }

  /// Who answers at all, an exception included; what it says of itself.
  bool scan() {
    end_on_interrupt();
    int found = 0;
    int unit = options_.first_unit;
    for (; unit <= options_.last_unit && interrupted == 0; ++unit) {
      master_.set_unit(unit);
      const std::string answer = identity();
      if (answer.empty()) continue;
      ++found;
      console_.out << fmt::format("unit {:3}  {}\n", unit, answer) << std::flush;
    }
    console_.out << fmt::format("{} of units {} to {} answer\n", found, options_.first_unit, unit - 1) << std::flush;
    if (found == 0) hint(if_nobody_);
    if (refused_) hint_at_other_maps();
    return found > 0;
  }

 private:
  /// Where the device shows what was written; nullptr: nowhere.
  const sim::RegisterRow* read_back(const sim::RegisterRow& row) const {
    if (row.access == sim::Access::read_write) return &row;
    const auto shows = [&row](const sim::RegisterRow& each) {
      return !row.binding.empty() && each.binding == row.binding && each.access != sim::Access::write;
    };
    const auto found = std::find_if(map_.rows.begin(), map_.rows.end(), shows);
    return found == map_.rows.end() ? nullptr : &*found;
  }

  void tell_rounding(const Write& write) {
    const std::string sent = value_text(*write.row, write.words);
    const double step = std::abs(write.row->scale);
    const double steps = write.wanted / step;
    constexpr double unseen = 1e-6;
    if (write.row->encoding == sim::Encoding::float32_high_first) return;
    if (std::abs(steps - std::round(steps)) < unseen) return;
    console_.err << fmt::format("probe: {}: {} was sent for {:g}: the register has steps of {:g}\n",
                                name_of(*write.row), sent, write.wanted, step)
                 << std::flush;
  }

  void tell(const std::string& what, const ModbusFailure& failure) {
    console_.err << fmt::format("probe: {}: {}\n", what, failure.what()) << std::flush;
  }

  void hint(const std::string& text) {
    if (!text.empty()) console_.err << "probe: " << text << '\n' << std::flush;
  }

  /// Once: watching asks again and again.
  void hint_at_other_maps() {
    if (!std::exchange(hinted_, true)) hint(other_maps_hint(map_, library_));
  }

  static void sleep_until(std::chrono::steady_clock::time_point due) {
    const std::chrono::nanoseconds at = due.time_since_epoch();
    constexpr long per_s = 1'000'000'000;
    const timespec until{.tv_sec = at.count() / per_s, .tv_nsec = at.count() % per_s};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);  // a signal ends it early
  }

  /// Empty: nobody is there. Throws when the port or connection fails: that is no answer of a unit.
  std::string identity() {
    Rows texts;
    for (const sim::RegisterRow& row : map_.rows) {
      if (row.binding == "model" || row.binding == "serial") texts.push_back(&row);
    }
    if (texts.empty()) texts.push_back(&map_.rows.front());
    std::string text;
    for (const RegisterRun& run : runs_of(map_, texts)) {
      try {
        const std::vector<std::uint16_t> words = master_.read(run.table, run.first, run.count);
        for (const sim::RegisterRow* row : run.rows) {
          text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name_of(*row),
                              value_text(*row, run.words_of(*row, words)));
        }
      } catch (const ModbusFailure& failure) {
        if (failure.kind() == ModbusFailure::Kind::nobody) return text;
        if (failure.kind() == ModbusFailure::Kind::link) throw;
        refused_ = refused_ || failure.kind() == ModbusFailure::Kind::refused;
        text += (text.empty() ? "" : ", ") + std::string(failure.what());
      }
    }
    return text;
  }

  const ModbusProbeOptions& options_;
  const sim::RegisterMap& map_;
  const std::filesystem::path& library_;
  std::string if_nobody_;  ///< a hint, said once
  ModbusMaster master_;
  Console console_;
  bool refused_ = false;  ///< by a unit that a scan found
  bool hinted_ = false;
};

int decode(const ModbusProbeOptions& options, const sim::RegisterMap& map, Console console) {
  std::vector<std::vector<std::uint8_t>> frames;
  for (const std::string& word : options.words) {
    frames.push_back(bytes_of_hex(word));
    if (!frames.back().empty()) continue;
    console.err << fmt::format(
        "decode: \"{}\" is no frame, must be bytes in hexadecimal, as \"01 03 88 b8 00 01 2f 8f\"\n", word);
    return exit_bad_input;
  }
  FrameDecoder decoder(map);
  for (const auto& frame : frames) console.out << decoder.decode(frame);
  return exit_pass;
}

bool map_was_not_given(const ModbusProbeOptions& options) {
  return options.map == ModbusProbeOptions{}.map;
}

/// Whether one of the names is none of the map's, which may be that of another device.
bool names_nothing(const ModbusProbeOptions& options, const sim::RegisterMap& map) {
  const auto is_unknown = [&map](const std::string& word) {
    std::string fault;
    return rows_named(map, word.substr(0, word.find('=')), fault).empty();
  };
  return options.order != Order::scan && std::any_of(options.words.begin(), options.words.end(), is_unknown);
}

/// Where to: a serial port or a TCP port; what is wrong with it goes to `faults`.
struct Port {
  std::optional<PortSpec> serial;
  std::optional<SocketAddress> tcp;
};

Port port_of(const ModbusProbeOptions& options, std::vector<std::string>& faults) {
  Port port;
  if (options.port.empty() == options.tcp.empty()) {
    faults.emplace_back("probe: needs --port or --tcp, one of them");
  } else if (!options.tcp.empty()) {
    port.tcp = socket_address(options.tcp);
    if (!port.tcp || port.tcp->raw.sin_port == 0) {
      faults.push_back("--tcp " + options.tcp + ": " +
                       address_fault(options.tcp, "must be ADDRESS:PORT, as 192.168.1.50:502"));
    }
  } else {
    std::string fault;
    port.serial = read_port_spec(options.port, "", {}, fault);
    if (port.serial && (port.serial->path.empty() || is_serial_server(port.serial->path)))
      fault = "must be a serial port, PATH[:BAUD[,FORMAT]]";
    if (!fault.empty()) faults.push_back("--port " + options.port + ": " + fault);
  }
  return port;
}

}  // namespace

int modbus_probe_command(const ModbusProbeOptions& options, Console console) {
  Diagnostics diagnostics;
  const std::filesystem::path library = library_folder(options.library);
  std::string no_map;
  const std::optional<std::filesystem::path> file = register_map_file(options.map, library, no_map);
  if (!file) {
    console.err << no_map << '\n';
    return exit_bad_input;
  }
  const auto map = read_register_map(*file, library, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) console.err << fault.text() << '\n';
  if (!map) return exit_bad_input;
  if (options.order == Order::decode) return decode(options, *map, console);

  std::vector<std::string> faults;
  const Port port = port_of(options, faults);
  Rows rows;
  std::vector<Write> writes;
  if (options.order == Order::read || options.order == Order::watch) rows = rows_of(*map, options.words, faults);
  for (const std::string& word : options.words) {
    if (options.order != Order::write) break;
    std::string fault;
    const std::optional<Write> write = write_of(*map, word, fault);
    write ? writes.push_back(*write) : faults.push_back(fault);
  }
  if (options.first_unit > options.last_unit) faults.emplace_back("scan: --from must not be beyond --to");
  for (const std::string& fault : faults) console.err << fault << '\n';
  if (map_was_not_given(options) && names_nothing(options, *map)) {
    console.err << fmt::format("probe: without --map it is {}\n", map->name);
  }
  if (!faults.empty()) return exit_bad_input;

  try {
    ModbusProbe probe(options, *map, library, port.serial ? nobody_hint(port.serial->format) : "",
                      port.tcp ? ModbusMaster::over_tcp(*port.tcp, options.timeout_s)
                               : ModbusMaster::on_serial_port(port.serial->path, port.serial->format, options.timeout_s,
                                                              port.serial->direction),
                      console);
    bool done = false;
    switch (options.order) {
      case Order::scan:
        done = probe.scan();
        break;
      case Order::read:
        done = probe.read(rows);
        break;
      case Order::write:
        done = probe.write(writes);
        break;
      case Order::watch:
        done = probe.watch(rows);
        break;
      case Order::decode:
      case Order::none:
        break;
    }
    return done ? exit_pass : exit_error;
  } catch (const ModbusFailure& failure) {
    console.err << "probe: " << failure.what() << '\n';
    return exit_error;
  }
}

}  // namespace hil::harness
