#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/devices/register_server.h"
#include "tests/fuzz/fuzzed_plant.h"

namespace hil::fuzz {

/// The map of scenarios/registers that the fuzzed devices have, read once a process: that of the fuzzer's argument
/// --map=NAME, goodwe_et_205 without it.
const sim::RegisterMap& fuzzed_map();

/// A device with its plant behind its register map, that answers and watches: every reply is decoded, and whatever
/// shows of its state may change by a sound and accepted write only. Its plant stands still while an input is served,
/// so that nothing else can move it; `end_input` lets it run now and then.
class FuzzedDevice : public sim::ModbusServer {
 public:
  FuzzedDevice();
  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, sim::Time now) override;

  /// A finding unless all is as after the last accepted write.
  void check_unchanged() const;
  /// After each input: checks, then sets back what was written, so that every input meets the same device. `draw`, by
  /// the input alone: for one in 512 the plant runs for 300 ms with what was written, and must stay finite.
  void end_input(std::uint64_t draw);

  /// Requests that reached it.
  std::uint64_t served() const { return served_; }
  /// A read that must be answered, and the answer as the registers stand.
  struct GoodRead {
    std::vector<std::uint8_t> request_pdu;
    std::vector<std::uint8_t> reply_pdu;
  };
  GoodRead good_read() const;

 private:
  /// A device, its plant, and its registers.
  struct Device {
    Device();
    void run(sim::Time duration);
    std::unique_ptr<FuzzedPlant> plant;
    sim::RegisterServer registers;
  };
  /// All that a master or a recorder can see.
  struct State {
    std::vector<std::uint16_t> words;  ///< of all blocks
    std::vector<double> values;        ///< of all signals and settings
  };
  void build();
  void look(State& state) const;
  std::string difference(const State& state) const;
  /// A row that keeps what is written and acts on nothing.
  struct Kept {
    std::size_t first_word = 0;  ///< in State::words
    int words = 0;
  };
  bool set_back();
  void set_targets_back() const;
  bool set_et_back();
  bool set_kept_back();
  bool keep_as_built();
  void show_all();
  std::size_t word_of(sim::Table table, int address) const;
  /// Of these registers: the device does more about a write than keep the value.
  bool acts_on(std::span<const std::uint8_t> request_pdu) const;
  bool serves(std::uint8_t function) const;
  void choose_good_read();
  std::vector<std::uint8_t> write_back(const Kept& row) const;
  bool is_as_built() const;
  void act(int address);

  std::unique_ptr<Device> device_;
  std::vector<std::vector<std::uint8_t>> reads_;  ///< PDUs that cover all blocks that can be read
  std::vector<int> addresses_;                    ///< of State::words
  std::vector<sim::Table> tables_;                ///< likewise
  sim::Table good_table_ = sim::Table::holding;   ///< of good_read()
  int good_first_ = 0;
  int good_count_ = 0;
  /// A signal or a setting of the device, in the order of State::values.
  struct Published {
    std::string name;
    const sim::DeviceFace::Entry* entry = nullptr;
  };
  std::vector<Published> published_;
  std::vector<Kept> kept_;
  State built_;
  State known_;
  mutable State seen_;
  std::uint64_t served_ = 0;
  std::uint64_t served_at_last_input_ = 0;
  bool written_ = false;
  bool acted_ = false;  ///< since it was built: it does not go back by its values alone
};

}  // namespace hil::fuzz
