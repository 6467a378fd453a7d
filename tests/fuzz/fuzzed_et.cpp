#include "tests/fuzz/fuzzed_et.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "tests/fuzz/finding.h"
#include "tests/fuzz/frames.h"
#include "tests/sim/devices/register_map_xml.h"

namespace hil::fuzz {

using namespace std::chrono_literals;
using sim::DeviceFace;

namespace {

constexpr int longest_read = 125;
constexpr int clear_energy = 45217;
constexpr int clear_eco_groups = 47533;

sim::GoodweEt::Settings with_meter() {
  sim::GoodweEt::Settings settings;
  settings.own_meter = true;
  return settings;
}

bool same(const std::vector<double>& one, const std::vector<double>& other) {
  return std::memcmp(one.data(), other.data(), one.size() * sizeof(double)) == 0;
}

}  // namespace

const sim::RegisterMap& fuzzed_map() {
  static const sim::RegisterMap map =
      sim::read_register_map(HILBENCH_SOURCE_DIR "/scenarios/registers/goodwe_et_205.xml");
  return map;
}

FuzzedEt::Device::Device()
    : running{sim::site_with_backup(), with_meter()}, registers{fuzzed_map(), running.et.face()} {
  run(300ms);
}

void FuzzedEt::Device::run(sim::Time duration) {
  for (const sim::Time end = running.now + duration; running.now < end;) {
    running.step();
    registers.refresh(running.now);
  }
}

FuzzedEt::FuzzedEt() {
  for (const sim::RegisterBlock& block : fuzzed_map().blocks) {
    for (int first = block.first; first <= block.last; first += longest_read) {
      const int count = std::min(longest_read, block.last - first + 1);
      reads_.push_back(read_pdu(first, count));
      for (int i = 0; i < count; ++i) addresses_.push_back(first + i);
    }
  }
  build();
}

void FuzzedEt::build() {
  device_ = std::make_unique<Device>();
  names_.clear();
  sources_.clear();
  const DeviceFace& face = device_->running.et.face();
  std::string rest = face.known_names() + ", ";
  for (std::size_t end = 0; (end = rest.find(", ")) != std::string::npos; rest.erase(0, end + 2)) {
    const DeviceFace::Entry* entry = face.find(rest.substr(0, end));
    if (entry->value == nullptr) continue;
    names_.push_back(rest.substr(0, end));
    sources_.push_back(entry->value);
  }
  // What an action clears is cleared from the start, or it could not be set back.
  act(clear_energy);
  act(clear_eco_groups);
  look(known_);
  built_ = known_;
  written_ = false;
}

void FuzzedEt::act(int address) {
  const std::array<std::uint8_t, 5> write{6, static_cast<std::uint8_t>(address / 256),
                                          static_cast<std::uint8_t>(address % 256), 0, 1};
  std::array<std::uint8_t, 253> reply{};
  if (device_->registers.serve(write, reply, device_->running.now) != 5) {
    report_finding(fmt::format("action {} refused", address));
  }
}

void FuzzedEt::look(State& state) const {
  state.words.clear();
  std::array<std::uint8_t, 253> reply{};
  for (const std::vector<std::uint8_t>& read : reads_) {
    const std::size_t length = device_->registers.serve(read, reply, device_->running.now);
    if (length != 2 + 2U * read[4]) report_finding("a read of " + hex(read) + " fails");
    for (std::size_t at = 2; at < length; at += 2) {
      state.words.push_back(static_cast<std::uint16_t>(reply[at] << 8 | reply[at + 1]));
    }
  }
  state.values.clear();
  for (const double* source : sources_) state.values.push_back(*source);
}

std::string FuzzedEt::difference(const State& state) const {
  for (std::size_t i = 0; i < state.words.size(); ++i) {
    if (state.words[i] != known_.words[i]) {
      return fmt::format("register {} went from {:04X} to {:04X}", addresses_[i], known_.words[i], state.words[i]);
    }
  }
  for (std::size_t i = 0; i < state.values.size(); ++i) {
    if (std::memcmp(&state.values[i], &known_.values[i], sizeof(double)) != 0) {
      return fmt::format("{} went from {} to {}", names_[i], known_.values[i], state.values[i]);
    }
  }
  return "nothing differs";
}

void FuzzedEt::check_unchanged() const {
  look(seen_);
  if (seen_.words == known_.words && same(seen_.values, known_.values)) return;
  report_finding("without an accepted write " + difference(seen_));
}

std::size_t FuzzedEt::serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, sim::Time now) {
  ++served_;
  const Request request = request_of(request_pdu);
  const bool may_change = request.sound && request.writes;
  if (may_change) check_unchanged();
  const std::size_t length = device_->registers.serve(request_pdu, reply, now);
  if (length > reply.size()) report_finding("reply longer than its room");
  if (const std::string fault = fault_of_reply(request_pdu, reply.first(length)); !fault.empty()) {
    report_finding("reply " + hex(reply.first(length)) + " to " + hex(request_pdu) + ": " + fault);
  }
  if (may_change && reply[0] == request_pdu[0]) {
    look(known_);
    written_ = true;
  }
  return length;
}

void FuzzedEt::end_input(std::uint64_t draw) {
  check_unchanged();
  if (!written_) return;
  constexpr std::uint64_t one_in = 128;
  if (draw % one_in == 0) {
    device_->run(300ms);
    if (!device_->running.site.invariants().finite) report_finding("the plant is not finite after what was written");
    build();
  } else if (!set_back()) {
    build();
  }
}

bool FuzzedEt::set_back() {
  const DeviceFace& face = device_->running.et.face();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (known_.values[i] == built_.values[i]) continue;
    const DeviceFace::Entry* entry = face.find(names_[i]);
    if (entry->target == nullptr) return false;
    *entry->target = built_.values[i];
  }
  for (const std::string& word : {"clock_year_month", "clock_day_hour", "clock_minute_second"}) {
    face.find(word)->written();
  }
  act(clear_eco_groups);  // shows all settings as they are
  look(known_);
  // What is left are words that the device only keeps: single registers.
  std::array<std::uint8_t, 253> reply{};
  for (std::size_t i = 0; i < known_.words.size(); ++i) {
    if (known_.words[i] == built_.words[i]) continue;
    const std::array<std::uint8_t, 5> write{
        6, static_cast<std::uint8_t>(addresses_[i] / 256), static_cast<std::uint8_t>(addresses_[i] % 256),
        static_cast<std::uint8_t>(built_.words[i] / 256), static_cast<std::uint8_t>(built_.words[i] % 256)};
    device_->registers.serve(write, reply, device_->running.now);
  }
  look(known_);
  written_ = false;
  return known_.words == built_.words && same(known_.values, built_.values);
}

std::vector<std::uint8_t> FuzzedEt::expected_read(int first, int count) const {
  const auto from = std::find(addresses_.begin(), addresses_.end(), first) - addresses_.begin();
  std::vector<std::uint8_t> reply{3, static_cast<std::uint8_t>(2 * count)};
  for (int i = 0; i < count; ++i) {
    const std::uint16_t word = known_.words[static_cast<std::size_t>(from + i)];
    reply.push_back(static_cast<std::uint8_t>(word / 256));
    reply.push_back(static_cast<std::uint8_t>(word % 256));
  }
  return reply;
}

}  // namespace hil::fuzz
