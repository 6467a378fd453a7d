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
  for (const sim::RegisterRow& row : fuzzed_map().rows) {
    if (!row.binding.empty() || row.access != sim::Access::read_write) continue;
    const auto at = std::find(addresses_.begin(), addresses_.end(), int{row.address});
    kept_.push_back({static_cast<std::size_t>(at - addresses_.begin()), row.count});
  }
  build();
}

void FuzzedEt::build() {
  device_ = std::make_unique<Device>();
  published_.clear();
  const DeviceFace& face = device_->running.et.face();
  std::string rest = face.known_names() + ", ";
  for (std::size_t end = 0; (end = rest.find(", ")) != std::string::npos; rest.erase(0, end + 2)) {
    const std::string name = rest.substr(0, end);
    if (face.find(name)->value != nullptr) published_.push_back({name, face.find(name)});
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
    report_finding(fmt::format("action {} refused: {}", address, hex(std::span(reply).first(5))));
  }
}

void FuzzedEt::look(State& state) const {
  state.words.resize(addresses_.size());
  state.values.resize(published_.size());
  std::uint16_t* word = state.words.data();
  std::array<std::uint8_t, 253> reply{};
  for (const std::vector<std::uint8_t>& read : reads_) {
    const std::size_t length = device_->registers.serve(read, reply, device_->running.now);
    if (length != 2 + 2U * read[4]) report_finding("a read of " + hex(read) + " fails");
    for (std::size_t at = 2; at < length; at += 2) {
      *word++ = static_cast<std::uint16_t>(reply[at] << 8 | reply[at + 1]);
    }
  }
  for (std::size_t i = 0; i < published_.size(); ++i) state.values[i] = *published_[i].entry->value;
}

std::string FuzzedEt::difference(const State& state) const {
  for (std::size_t i = 0; i < state.words.size(); ++i) {
    if (state.words[i] != known_.words[i]) {
      return fmt::format("register {} went from {:04X} to {:04X}", addresses_[i], known_.words[i], state.words[i]);
    }
  }
  for (std::size_t i = 0; i < state.values.size(); ++i) {
    if (std::memcmp(&state.values[i], &known_.values[i], sizeof(double)) != 0) {
      return fmt::format("{} went from {} to {}", published_[i].name, known_.values[i], state.values[i]);
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
  if (served_ == served_at_last_input_) return;  // nothing of it has run
  served_at_last_input_ = served_;
  check_unchanged();
  if (!written_) return;
  constexpr std::uint64_t one_in = 512;
  if (draw % one_in == 0) {
    device_->run(300ms);
    if (!device_->running.site.invariants().finite) report_finding("the plant is not finite after what was written");
    build();
  } else if (!set_back()) {
    build();
  }
}

bool FuzzedEt::set_back() {
  for (std::size_t i = 0; i < published_.size(); ++i) {
    if (known_.values[i] == built_.values[i]) continue;
    const DeviceFace::Entry& entry = *published_[i].entry;
    if (entry.target == nullptr) return false;
    *entry.target = built_.values[i];
  }
  for (const Published& one : published_) {
    if (one.entry->written) one.entry->written();
  }
  act(clear_eco_groups);  // shows all settings as they are
  look(known_);
  written_ = false;
  if (is_as_built()) return true;
  // What is left are rows that the device only keeps.
  std::array<std::uint8_t, 253> reply{};
  for (const Kept& row : kept_) {
    const auto from = static_cast<std::ptrdiff_t>(row.first_word);
    const auto until = from + row.words;
    if (std::equal(known_.words.begin() + from, known_.words.begin() + until, built_.words.begin() + from)) continue;
    device_->registers.serve(write_back(row), reply, device_->running.now);
  }
  look(known_);
  return is_as_built();
}

/// PDU that writes a row as it was when the device was built.
std::vector<std::uint8_t> FuzzedEt::write_back(const Kept& row) const {
  const int address = addresses_[row.first_word];
  std::vector<std::uint8_t> pdu{16, static_cast<std::uint8_t>(address / 256), static_cast<std::uint8_t>(address % 256),
                                0,  static_cast<std::uint8_t>(row.words),     static_cast<std::uint8_t>(2 * row.words)};
  for (std::size_t i = 0; i < static_cast<std::size_t>(row.words); ++i) {
    pdu.push_back(static_cast<std::uint8_t>(built_.words[row.first_word + i] / 256));
    pdu.push_back(static_cast<std::uint8_t>(built_.words[row.first_word + i] % 256));
  }
  return pdu;
}

bool FuzzedEt::is_as_built() const {
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
