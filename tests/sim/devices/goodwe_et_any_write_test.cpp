// Whatever a master writes into an ET of either map, it stays sound: its registers keep the maker's identities, its
// lane stays finite, and what is out of bounds is refused.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "sim/devices/register_server.h"
#include "tests/sim/devices/register_map_xml.h"
#include "tests/sim/devices/running_et.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

const std::string registers_folder = HILBENCH_SOURCE_DIR "/scenarios/registers/";

/// An ET with meter and backup port behind its map, asked in PDUs.
class AskedEt {
 public:
  explicit AskedEt(const std::string& map)
      : et_{site_with_backup(), with_meter()},
        server_{read_register_map(registers_folder + map + ".xml"), et_.et.face()} {
    run(300ms);
  }
  void run(Time duration) {
    for (const Time end = et_.now + duration; et_.now < end;) {
      et_.step();
      server_.refresh(et_.now);
    }
  }
  /// Exception code, 0 when accepted.
  int write(int address, const std::vector<std::uint16_t>& words) {
    std::vector<std::uint8_t> pdu{
        0x10, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address),
        0,    static_cast<std::uint8_t>(words.size()), static_cast<std::uint8_t>(2 * words.size())};
    for (const std::uint16_t word : words) {
      pdu.push_back(static_cast<std::uint8_t>(word >> 8));
      pdu.push_back(static_cast<std::uint8_t>(word));
    }
    std::array<std::uint8_t, 253> reply{};
    server_.serve(pdu, reply, et_.now);
    return reply[0] == 0x10 ? 0 : reply[1];
  }
  std::int32_t s32(int address) {
    const std::array<std::uint8_t, 5> pdu{3, static_cast<std::uint8_t>(address >> 8),
                                          static_cast<std::uint8_t>(address), 0, 2};
    std::array<std::uint8_t, 253> reply{};
    if (server_.serve(pdu, reply, et_.now) != 6) return -1;
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(reply[2]) << 24 |
                                     static_cast<std::uint32_t>(reply[3]) << 16 |
                                     static_cast<std::uint32_t>(reply[4]) << 8 | reply[5]);
  }
  const RegisterMap& map() const { return server_.map(); }
  bool finite() const { return et_.site.invariants().finite; }
  models::Site& site() { return et_.site; }

 private:
  static GoodweEt::Settings with_meter() {
    GoodweEt::Settings settings;
    settings.own_meter = true;
    return settings;
  }
  RunningEt et_;
  RegisterServer server_;
};

void write_anything(const std::string& map_name) {
  AskedEt et{map_name};
  std::vector<RegisterRow> rows;
  for (const RegisterRow& row : et.map().rows) {
    if (row.access != Access::read) rows.push_back(row);
  }
  const auto writes = *rc::gen::container<std::vector<std::pair<std::size_t, std::uint32_t>>>(
      rc::gen::pair(rc::gen::inRange<std::size_t>(0, rows.size()), rc::gen::arbitrary<std::uint32_t>()));
  et.site().set_irradiance(0, *rc::gen::inRange(0, 1200));
  for (const auto& [index, bits] : writes) {
    const RegisterRow& row = rows[index];
    std::vector<std::uint16_t> words{static_cast<std::uint16_t>(bits)};
    if (row.count == 2) words.insert(words.begin(), static_cast<std::uint16_t>(bits >> 16));
    const int refused = et.write(row.address, words);
    RC_ASSERT(refused == 0 || refused == 3);
    et.run(200ms);
    RC_ASSERT(et.finite());
    RC_ASSERT(et.s32(35124) + et.s32(35129) + et.s32(35134) == et.s32(35137));
    RC_ASSERT(et.s32(35171) == std::max(0, et.s32(35137) - et.s32(35169) - et.s32(35139)));
  }
}

RC_GTEST_PROP(AnyWrite, LeavesAnEtOfPlatform205Sound, ()) {
  write_anything("goodwe_et_205");
}
RC_GTEST_PROP(AnyWrite, LeavesAnEtOfPlatform745Sound, ()) {
  write_anything("goodwe_et_745");
}

/// One register step beyond a bound, as words; empty when the encoding ends there.
std::vector<std::uint16_t> beyond(const RegisterRow& row, double bound, int direction) {
  const double raw = std::round(bound / row.scale) + direction;
  const bool is_signed = row.encoding == Encoding::s16 || row.encoding == Encoding::s32_high_first;
  const double highest = std::pow(2.0, 16 * row.count - (is_signed ? 1 : 0)) - 1.0;
  if (raw > highest || raw < (is_signed ? -highest - 1.0 : 0.0)) return {};
  const auto bits = static_cast<std::uint32_t>(static_cast<std::int64_t>(raw));
  if (row.count == 1) return {static_cast<std::uint16_t>(bits)};
  return {static_cast<std::uint16_t>(bits >> 16), static_cast<std::uint16_t>(bits)};
}

TEST(AnyWrite, OneStepBeyondTheBoundsOfARowIsException03) {
  for (const char* name : {"goodwe_et_205", "goodwe_et_745"}) {
    AskedEt et{name};
    int checked = 0;
    for (const RegisterRow& row : et.map().rows) {
      for (const auto& [bound, direction] : {std::pair{row.highest, 1}, {row.lowest, -1}}) {
        if (!bound) continue;
        const std::vector<std::uint16_t> words = beyond(row, *bound, direction);
        if (words.empty()) continue;
        EXPECT_EQ(et.write(row.address, words), 3) << name << " " << row.address;
        ++checked;
      }
    }
    EXPECT_GT(checked, 20) << name;
  }
}

}  // namespace
}  // namespace hil::sim
