#include "controller/core/commissioning.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hil::controller {
namespace {

constexpr std::size_t max_on_a_port = 4;
constexpr double largest_capacity_w = 300e3;
constexpr double largest_ct_ratio = 1000.0;
constexpr double largest_limit_w = 100e3;
constexpr std::size_t split_counts_above = 3;
constexpr std::int32_t lowest_baud = 300;
constexpr std::int32_t highest_baud = 115200;
/// Capacities are entered in steps of 0.1 kW by the clients known (sec1000-lan-protocol 3.4).
constexpr double capacity_step_w = 100.0;

std::size_t entered(const Settings::Line& line) {
  return std::min(line.count, max_units_per_line);
}

bool line_format_exists(std::int32_t baud, std::int32_t bits) {
  return baud >= lowest_baud && baud <= highest_baud && bits >= 10 && bits <= 12;
}

void check_addresses(const Settings& settings, SetupFaults& faults) {
  std::array<bool, 256> used{};
  std::uint8_t lowest = 255;
  std::uint8_t highest = 0;
  std::size_t count = 0;
  for (const Settings::Line& line : settings.inverter_lines) {
    for (std::size_t k = 0; k < entered(line); ++k) {
      const std::uint8_t address = line.addresses[k];
      faults.add_if(address == 0 || address > highest_address, SetupFault::address_out_of_range);
      faults.add_if(used[address], SetupFault::address_twice);
      used[address] = true;
      lowest = std::min(lowest, address);
      highest = std::max(highest, address);
      ++count;
    }
  }
  faults.add_if(count > 0 && highest - lowest >= static_cast<int>(scanned_range), SetupFault::addresses_too_far);
  faults.add_if(count > 1 && used[factory_address], SetupFault::factory_address_used);
}

void check_counts(const Settings& settings, SetupFaults& faults) {
  std::size_t sum = 0;
  std::size_t fewest = max_units_per_line;
  std::size_t most = 0;
  for (const Settings::Line& line : settings.inverter_lines) {
    sum += line.count;
    fewest = std::min(fewest, line.count);
    most = std::max(most, line.count);
  }
  faults.add_if(sum == 0, SetupFault::no_inverters);
  faults.add_if(most > max_on_a_port, SetupFault::too_many_on_a_port);
  faults.add_if(sum > max_inverters, SetupFault::too_many_inverters);
  faults.add_if(sum > split_counts_above && most > fewest + 1, SetupFault::uneven_split);
}

bool limits(const Settings& settings) {
  return settings.control_mode != ControlMode::off;
}

double number_or_zero(double value) {
  return std::isfinite(value) ? value : 0.0;
}

}  // namespace

SetupFaults check_setup(const Settings& settings) noexcept {
  SetupFaults faults;
  check_counts(settings, faults);
  check_addresses(settings, faults);

  const bool has_capacity = settings.total_capacity_w > 0.0;
  faults.add_if(!has_capacity, SetupFault::no_capacity);
  faults.add_if(has_capacity && settings.total_capacity_w > largest_capacity_w, SetupFault::capacity_out_of_range);

  const bool has_ratio = settings.ct_ratio > 0.0;
  faults.add_if(!has_ratio, SetupFault::no_ct_ratio);
  faults.add_if(has_ratio && (settings.ct_ratio < 1.0 || settings.ct_ratio > largest_ct_ratio),
                SetupFault::ct_ratio_out_of_range);

  const bool has_limit = !std::isnan(settings.export_limit_w);
  faults.add_if(limits(settings) && !has_limit, SetupFault::no_export_limit);
  faults.add_if(has_limit && std::abs(settings.export_limit_w) > largest_limit_w, SetupFault::limit_out_of_range);

  bool formats = line_format_exists(settings.meter_baud, settings.meter_bits_per_character);
  for (const Settings::Line& line : settings.inverter_lines) {
    formats = formats && (line.count == 0 || line_format_exists(line.baud, line.bits_per_character));
  }
  faults.add_if(!formats, SetupFault::bad_line_format);
  return faults;
}

Settings factory_settings() noexcept {
  Settings settings;
  settings.export_limit_w = std::numeric_limits<double>::quiet_NaN();
  return settings;
}

Settings operable(const Settings& settings) noexcept {
  Settings sound = settings;
  std::size_t left = max_inverters;
  for (Settings::Line& line : sound.inverter_lines) {
    const std::size_t given = entered(line);
    line.count = 0;
    for (std::size_t k = 0; k < given && left > 0; ++k) {
      const std::uint8_t address = line.addresses[k];
      if (address == 0 || address > highest_address) continue;  // 0 would speak to all, unanswered
      line.addresses[line.count++] = address;
      --left;
    }
    if (!line_format_exists(line.baud, line.bits_per_character)) {
      line.baud = Settings::Line{}.baud;
      line.bits_per_character = Settings::Line{}.bits_per_character;
    }
  }
  if (!line_format_exists(sound.meter_baud, sound.meter_bits_per_character)) {
    sound.meter_baud = Settings{}.meter_baud;
    sound.meter_bits_per_character = Settings{}.meter_bits_per_character;
  }
  sound.export_limit_w = number_or_zero(sound.export_limit_w);
  sound.total_capacity_w = std::max(number_or_zero(sound.total_capacity_w), 0.0);
  sound.ct_ratio = number_or_zero(sound.ct_ratio);
  return sound;
}

void CommissioningReport::add(const Finding& finding) noexcept {
  if (finding_count == findings.size()) {
    findings_lost = true;
    return;
  }
  findings[finding_count++] = finding;
}

bool CommissioningReport::has(FindingKind kind) const noexcept {
  return std::any_of(findings.begin(), findings.begin() + static_cast<std::ptrdiff_t>(finding_count),
                     [&](const Finding& finding) { return finding.kind == kind; });
}

namespace {

/// What is wrong with a unit that should be there.
void report_unit(const UnitRecord& record, std::uint8_t port, std::uint8_t address, CommissioningReport& report) {
  using Presence = UnitRecord::Presence;
  const auto add = [&](FindingKind kind, double found = 0.0, double expected = 0.0) {
    report.add({.kind = kind, .port = port, .address = address, .other = 0, .found = found, .expected = expected});
  };
  if (record.presence == Presence::silent) add(FindingKind::missing);
  if (record.presence == Presence::garbled) add(FindingKind::garbled);
  if (record.presence == Presence::refusing) add(FindingKind::not_an_inverter);
  if (record.two_units) add(FindingKind::two_units);
  if (record.presence != Presence::answering) return;
  if (record.own_meter) add(FindingKind::own_meter);
  if (!record.firmware) return;
  if (record.firmware->dsp_version < oldest_dsp_version) {
    add(FindingKind::old_firmware, record.firmware->dsp_version, oldest_dsp_version);
  } else if (record.firmware->arm_version < oldest_arm_version) {
    add(FindingKind::old_firmware, record.firmware->arm_version, oldest_arm_version);
  }
}

/// 1..3, or 0 when no port has it.
std::uint8_t port_of(const Settings& settings, std::uint8_t address) {
  for (std::size_t port = 0; port < settings.inverter_lines.size(); ++port) {
    const Settings::Line& line = settings.inverter_lines[port];
    const auto end = line.addresses.begin() + static_cast<std::ptrdiff_t>(entered(line));
    if (std::find(line.addresses.begin(), end, address) != end) return static_cast<std::uint8_t>(port + 1);
  }
  return 0;
}

}  // namespace

void report_port(const UnitScan& scan, std::size_t port, const Settings& settings,
                 CommissioningReport& report) noexcept {
  const auto port_number = static_cast<std::uint8_t>(port + 1);
  for (std::size_t k = 0; k < scan.count(); ++k) {
    report_unit(scan.record(k), port_number, scan.address(k), report);
    if (report.unit_count == report.units.size()) continue;
    report.units[report.unit_count++] = {port_number, scan.address(k), scan.record(k)};
  }
  for (const UnitScan::Stranger& stranger : scan.strangers()) {
    Finding finding{.kind = FindingKind::unexpected, .port = port_number, .address = stranger.address};
    if (const std::uint8_t meant = port_of(settings, stranger.address); meant != 0) {
      finding.kind = FindingKind::wrong_port;
      finding.other = meant;
    } else if (!scan.in_range(stranger.address)) {
      finding.kind = FindingKind::outside_range;
    }
    report.add(finding);
    UnitRecord more = stranger.record;
    if (more.presence == UnitRecord::Presence::silent) more.presence = UnitRecord::Presence::not_asked;
    report_unit(more, port_number, stranger.address, report);
  }
}

void report_capacity(const Settings& settings, CommissioningReport& report) noexcept {
  double sum_w = 0.0;
  bool all = report.unit_count > 0;
  for (std::size_t k = 0; k < report.unit_count; ++k) {
    const UnitRecord& record = report.units[k].record;
    if (record.presence == UnitRecord::Presence::answering) {
      sum_w += record.identity.rated_w;
    } else {
      all = false;
    }
  }
  const double difference_w = sum_w - settings.total_capacity_w;
  // Units that are missing explain a sum that is too small.
  if (difference_w > capacity_step_w || (all && difference_w < -capacity_step_w)) {
    report.add({.kind = FindingKind::capacity_mismatch, .found = sum_w, .expected = settings.total_capacity_w});
  }
}

namespace {

void report_phases(const CtCheckResult& result, CommissioningReport& report) {
  for (std::size_t phase = 0; phase < result.phases.size(); ++phase) {
    const CtPhase& ct = result.phases[phase];
    Finding finding{.address = static_cast<std::uint8_t>(phase + 1),
                    .other = static_cast<std::uint8_t>(ct.conductor + 1),
                    .found = 100.0 * ct.scale,
                    .expected = 100.0};
    const auto add = [&](FindingKind kind) {
      finding.kind = kind;
      report.add(finding);
    };
    if (ct.dead) {
      add(FindingKind::ct_no_current);
      continue;
    }
    if (result.phases[ct.conductor].dead) add(FindingKind::ct_other_phase);
    if (ct.reversed) add(FindingKind::ct_reversed);
    if (ct.wrong_scale) add(FindingKind::ct_ratio);
  }
}

}  // namespace

void report_cts(const CtCheckResult& result, CommissioningReport& report) noexcept {
  report.ct = result;
  switch (result.state) {
    case CtCheckState::never:
    case CtCheckState::running:
      return;
    case CtCheckState::done:
      break;
    default:
      report.add({.kind = FindingKind::ct_not_checked, .found = static_cast<double>(result.state)});
      return;
  }
  if (!result.fits) {
    report.add({.kind = FindingKind::ct_unclear});
    return;
  }
  const std::array<CtPhase, 3>& ct = result.phases;
  const bool rotated = ct[0].conductor != 0 && ct[1].conductor != 1 && ct[2].conductor != 2;
  if (rotated) {
    report.add({.kind = FindingKind::ct_rotated, .other = static_cast<std::uint8_t>(ct[0].conductor + 1)});
  }
  for (std::size_t k = 0; k < ct.size() && !rotated; ++k) {
    if (ct[k].conductor <= k || ct[ct[k].conductor].dead) continue;
    report.add({.kind = FindingKind::ct_swapped,
                .address = static_cast<std::uint8_t>(k + 1),
                .other = static_cast<std::uint8_t>(ct[k].conductor + 1)});
  }
  report_phases(result, report);
}

}  // namespace hil::controller
