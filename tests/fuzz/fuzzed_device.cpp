#include "tests/fuzz/fuzzed_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

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

// What is read into State goes by function 03 or 04.
bool can_be_read(sim::Table table) {
  return table == sim::Table::holding || table == sim::Table::input;
}

std::string& name_of_map() {
  static std::string name = "goodwe_et_205";
  return name;
}

bool is_et() {
  return name_of_map().starts_with("goodwe_et");
}

bool has(sim::Table table) {
  const auto& blocks = fuzzed_map().blocks;
  return std::any_of(blocks.begin(), blocks.end(), [table](const auto& block) { return block.table == table; });
}

/// Where function 06 or 16 writes.
sim::Table written_table(std::uint8_t function) {
  if (function == 6 && has(sim::Table::single_write)) return sim::Table::single_write;
  if (function == 16 && has(sim::Table::block_write)) return sim::Table::block_write;
  return sim::Table::holding;
}

bool same(const std::vector<double>& one, const std::vector<double>& other) {
  return std::memcmp(one.data(), other.data(), one.size() * sizeof(double)) == 0;
}

}  // namespace

const sim::RegisterMap& fuzzed_map() {
  static const sim::RegisterMap map =
      sim::read_register_map(HILBENCH_SOURCE_DIR "/scenarios/registers/" + name_of_map() + ".xml");
  return map;
}

FuzzedDevice::Device::Device() : plant{plant_behind(name_of_map())}, registers{fuzzed_map(), plant->face()} {
  run(is_et() ? 300ms : 20ms);
}

void FuzzedDevice::Device::run(sim::Time duration) {
  for (const sim::Time end = plant->now() + duration; plant->now() < end;) {
    plant->step();
    registers.refresh(plant->now());
  }
}

FuzzedDevice::FuzzedDevice() {
  for (const sim::RegisterBlock& block : fuzzed_map().blocks) {
    if (!can_be_read(block.table)) continue;
    for (int first = block.first; first <= block.last; first += longest_read) {
      const int count = std::min(longest_read, block.last - first + 1);
      reads_.push_back(read_pdu(first, count));
      if (block.table == sim::Table::input) reads_.back().front() = 4;
      for (int i = 0; i < count; ++i) {
        addresses_.push_back(first + i);
        tables_.push_back(block.table);
      }
    }
  }
  for (const sim::RegisterRow& row : fuzzed_map().rows) {
    if (!row.binding.empty() || row.access != sim::Access::read_write || row.table != sim::Table::holding) continue;
    kept_.push_back({word_of(sim::Table::holding, row.address), row.count});
  }
  choose_good_read();
  build();
}

/// Where it stands in State::words.
std::size_t FuzzedDevice::word_of(sim::Table table, int address) const {
  std::size_t at = 0;
  while (tables_[at] != table || addresses_[at] != address) ++at;
  return at;
}

/// In the block that has most to be written, as far as one read goes; without one in the longest.
void FuzzedDevice::choose_good_read() {
  long best = -1;
  for (const sim::RegisterBlock& block : fuzzed_map().blocks) {
    if (!can_be_read(block.table)) continue;
    const auto& rows = fuzzed_map().rows;
    const auto written = std::count_if(rows.begin(), rows.end(), [&](const sim::RegisterRow& row) {
      return row.table == block.table && row.address >= block.first && row.address <= block.last &&
             row.access == sim::Access::read_write;
    });
    const int length = block.last - block.first + 1;
    const long rank = written * 65536 + length;
    if (rank <= best) continue;
    best = rank;
    good_table_ = block.table;
    good_first_ = block.first;
    good_count_ = std::min(length, longest_read);
  }
}

void FuzzedDevice::build() {
  device_ = std::make_unique<Device>();
  published_.clear();
  const DeviceFace& face = device_->plant->face();
  std::string rest = face.known_names() + ", ";
  for (std::size_t end = 0; (end = rest.find(", ")) != std::string::npos; rest.erase(0, end + 2)) {
    const std::string name = rest.substr(0, end);
    if (face.find(name)->value != nullptr) published_.push_back({name, face.find(name)});
  }
  if (is_et()) {
    // What an action clears is cleared from the start, or it could not be set back.
    act(clear_energy);
    act(clear_eco_groups);
  } else {
    show_all();
  }
  look(known_);
  built_ = known_;
  written_ = acted_ = false;
}

/// All blocks as the device stands, whenever they are due.
void FuzzedDevice::show_all() {
  device_->registers.hold_values(false);
  device_->registers.refresh(device_->plant->now());
}

void FuzzedDevice::act(int address) {
  const std::array<std::uint8_t, 5> write{6, static_cast<std::uint8_t>(address / 256),
                                          static_cast<std::uint8_t>(address % 256), 0, 1};
  std::array<std::uint8_t, 253> reply{};
  if (device_->registers.serve(write, reply, device_->plant->now()) != 5) {
    report_finding(fmt::format("action {} refused: {}", address, hex(std::span(reply).first(5))));
  }
}

void FuzzedDevice::look(State& state) const {
  state.words.resize(addresses_.size());
  state.values.resize(published_.size());
  std::uint16_t* word = state.words.data();
  std::array<std::uint8_t, 253> reply{};
  for (const std::vector<std::uint8_t>& read : reads_) {
    const std::size_t length = device_->registers.serve(read, reply, device_->plant->now());
    if (length != 2 + 2U * read[4]) report_finding("a read of " + hex(read) + " fails");
    for (std::size_t at = 2; at < length; at += 2) {
      *word++ = static_cast<std::uint16_t>(reply[at] << 8 | reply[at + 1]);
    }
  }
  for (std::size_t i = 0; i < published_.size(); ++i) state.values[i] = *published_[i].entry->value;
}

std::string FuzzedDevice::difference(const State& state) const {
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

void FuzzedDevice::check_unchanged() const {
  look(seen_);
  if (seen_.words == known_.words && same(seen_.values, known_.values)) return;
  report_finding("without an accepted write " + difference(seen_));
}

std::size_t FuzzedDevice::serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply,
                                sim::Time now) {
  ++served_;
  const Request request = request_of(request_pdu);
  const bool may_change = request.sound && request.writes;
  if (may_change) check_unchanged();
  const std::size_t length = device_->registers.serve(request_pdu, reply, now);
  if (length > reply.size()) report_finding("reply longer than its room");
  if (const std::string fault = fault_of_reply(request_pdu, reply.first(length)); !fault.empty()) {
    report_finding("reply " + hex(reply.first(length)) + " to " + hex(request_pdu) + ": " + fault);
  }
  const bool unknown = length == 2 && reply[0] == (request_pdu[0] | 0x80) && reply[1] == 1;
  if (unknown == serves(request_pdu[0])) {
    report_finding(fmt::format("function {} is {}", request_pdu[0], unknown ? "refused" : "served"));
  }
  if (may_change && reply[0] == request_pdu[0]) {
    acted_ = acted_ || acts_on(request_pdu);
    look(known_);
    written_ = true;
  }
  return length;
}

void FuzzedDevice::end_input(std::uint64_t draw) {
  if (served_ == served_at_last_input_) return;  // nothing of it has run
  served_at_last_input_ = served_;
  check_unchanged();
  if (!written_) return;
  constexpr std::uint64_t one_in = 512;
  if (draw % one_in == 0) {
    device_->run(300ms);
    if (!device_->plant->is_finite()) report_finding("the plant is not finite after what was written");
    build();
  } else if (!set_back()) {
    build();
  }
}

bool FuzzedDevice::serves(std::uint8_t function) const {
  switch (function) {
    case 3:
      return has(sim::Table::holding);
    case 4:
      return has(sim::Table::input);
    case 6:
      return has(written_table(function));
    case 16:
      return !fuzzed_map().single_writes && has(written_table(function));
    default:
      return false;  // no map has bits
  }
}

bool FuzzedDevice::acts_on(std::span<const std::uint8_t> request_pdu) const {
  const Request request = request_of(request_pdu);
  const auto& rows = fuzzed_map().rows;
  return std::any_of(rows.begin(), rows.end(), [&](const sim::RegisterRow& row) {
    const bool touched = row.table == written_table(request_pdu[0]) && row.address < request.first + request.count &&
                         row.address + row.count > request.first;
    if (!touched || row.binding.empty()) return false;
    const DeviceFace::Entry& entry = *device_->plant->face().find(row.binding);
    return entry.kind == DeviceFace::Entry::Kind::action || entry.written || entry.receive;
  });
}

bool FuzzedDevice::set_back() {
  const bool has_targets = std::none_of(published_.begin(), published_.end(), [&](const Published& one) {
    const auto at = static_cast<std::size_t>(&one - published_.data());
    return known_.values[at] != built_.values[at] && one.entry->target == nullptr;
  });
  return has_targets && (is_et() ? set_et_back() : !acted_ && set_kept_back());
}

void FuzzedDevice::set_targets_back() const {
  for (std::size_t i = 0; i < published_.size(); ++i) {
    if (known_.values[i] != built_.values[i]) *published_[i].entry->target = built_.values[i];
  }
}

bool FuzzedDevice::set_et_back() {
  set_targets_back();
  for (const Published& one : published_) {
    if (one.entry->written) one.entry->written();
  }
  act(clear_eco_groups);  // shows all settings as they are
  return keep_as_built();
}

bool FuzzedDevice::set_kept_back() {
  set_targets_back();
  show_all();
  return keep_as_built();
}

/// What is left are rows that the device only keeps.
bool FuzzedDevice::keep_as_built() {
  look(known_);
  written_ = false;
  if (is_as_built()) return true;
  std::array<std::uint8_t, 253> reply{};
  for (const Kept& row : kept_) {
    const auto from = static_cast<std::ptrdiff_t>(row.first_word);
    const auto until = from + row.words;
    if (std::equal(known_.words.begin() + from, known_.words.begin() + until, built_.words.begin() + from)) continue;
    device_->registers.serve(write_back(row), reply, device_->plant->now());
  }
  look(known_);
  return is_as_built();
}

/// PDU that writes a row as it was when the device was built.
std::vector<std::uint8_t> FuzzedDevice::write_back(const Kept& row) const {
  const int address = addresses_[row.first_word];
  std::vector<std::uint8_t> pdu{16, static_cast<std::uint8_t>(address / 256), static_cast<std::uint8_t>(address % 256),
                                0,  static_cast<std::uint8_t>(row.words),     static_cast<std::uint8_t>(2 * row.words)};
  for (std::size_t i = 0; i < static_cast<std::size_t>(row.words); ++i) {
    pdu.push_back(static_cast<std::uint8_t>(built_.words[row.first_word + i] / 256));
    pdu.push_back(static_cast<std::uint8_t>(built_.words[row.first_word + i] % 256));
  }
  return pdu;
}

bool FuzzedDevice::is_as_built() const {
  return known_.words == built_.words && same(known_.values, built_.values);
}

FuzzedDevice::GoodRead FuzzedDevice::good_read() const {
  GoodRead read{read_pdu(good_first_, good_count_), {}};
  if (good_table_ == sim::Table::input) read.request_pdu.front() = 4;
  read.reply_pdu = {read.request_pdu.front(), static_cast<std::uint8_t>(2 * good_count_)};
  const std::size_t from = word_of(good_table_, good_first_);
  for (int i = 0; i < good_count_; ++i) {
    const std::uint16_t word = known_.words[from + static_cast<std::size_t>(i)];
    read.reply_pdu.push_back(static_cast<std::uint8_t>(word / 256));
    read.reply_pdu.push_back(static_cast<std::uint8_t>(word % 256));
  }
  return read;
}

}  // namespace hil::fuzz

// What begins with "--" libFuzzer leaves to others.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view option = "--map=";
  for (int i = 1; i < *argc; ++i) {
    const std::string_view argument = (*argv)[i];
    if (argument.starts_with(option)) hil::fuzz::name_of_map() = argument.substr(option.size());
  }
  return 0;
}
