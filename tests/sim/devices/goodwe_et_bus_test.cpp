// libmodbus, a master written by others, talks to the ET's register server through a pseudo-terminal.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <modbus.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "sim/devices/goodwe_et.h"
#include "sim/devices/register_server.h"
#include "sim/devices/three_phase_meter.h"
#include "sim/wire/modbus_rtu.h"
#include "tests/sim/devices/register_map_xml.h"
#include "tests/sim/devices/running_et.h"
#include "tests/sim/devices/running_pws2.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t unit = 11;

/// Length of a request by its function code; 0 while too few bytes are there to tell.
std::size_t request_length(const std::vector<std::uint8_t>& bytes) {
  if (bytes.size() < 8) return 0;
  return bytes[1] == 0x10 ? 9U + bytes[6] : 8U;
}

/// The slave's end of the line: frames, address and CRC, one server.
class PtySlave {
 public:
  explicit PtySlave(ModbusServer& server) : server_(server) {
    std::array<char, 128> name{};
    int far_end = -1;
    if (openpty(&fd_, &far_end, name.data(), nullptr, nullptr) != 0) throw std::runtime_error("no pseudo-terminal");
    far_end_ = far_end;
    path_ = name.data();
    pump_ = std::thread([this] { pump(); });
  }
  ~PtySlave() {
    stop_ = true;
    pump_.join();
    close(far_end_);
    close(fd_);
  }
  PtySlave(const PtySlave&) = delete;
  PtySlave& operator=(const PtySlave&) = delete;

  const std::string& path() const { return path_; }
  std::mutex& server_mutex() { return mutex_; }

 private:
  void pump() {
    std::vector<std::uint8_t> received;
    while (!stop_) {
      pollfd waiting{fd_, POLLIN, 0};
      if (poll(&waiting, 1, 20) <= 0) continue;
      std::array<std::uint8_t, 256> chunk{};
      const ssize_t count = ::read(fd_, chunk.data(), chunk.size());
      if (count <= 0) continue;
      received.insert(received.end(), chunk.begin(), chunk.begin() + count);
      const std::size_t length = request_length(received);
      if (length == 0 || received.size() < length) continue;
      answer({received.data(), length});
      received.clear();
    }
  }
  void answer(std::span<const std::uint8_t> request) {
    if (request[0] != unit || !has_valid_crc(request)) return;
    std::array<std::uint8_t, 253> pdu{};
    const std::lock_guard lock{mutex_};
    const std::size_t length = server_.serve(request.subspan(1, request.size() - 3), pdu, 0ns);
    std::vector<std::uint8_t> reply(1 + length, unit);
    std::copy_n(pdu.begin(), length, reply.begin() + 1);
    append_crc(reply);
    for (std::size_t sent = 0; sent < reply.size();) {
      const ssize_t now = ::write(fd_, reply.data() + sent, reply.size() - sent);
      if (now <= 0) return;
      sent += static_cast<std::size_t>(now);
    }
  }

  ModbusServer& server_;
  std::mutex mutex_;
  int fd_ = -1;
  int far_end_ = -1;  ///< kept open, so that the line survives the master's hang-up
  std::string path_;
  std::atomic<bool> stop_ = false;
  std::thread pump_;
};

struct FreeModbus {
  void operator()(modbus_t* context) const {
    modbus_close(context);
    modbus_free(context);
  }
};

using Master = std::unique_ptr<modbus_t, FreeModbus>;

Master master_on(const PtySlave& slave) {
  Master master{modbus_new_rtu(slave.path().c_str(), 9600, 'N', 8, 1)};
  modbus_set_slave(master.get(), unit);
  modbus_set_response_timeout(master.get(), 2, 0);
  return master;
}

/// Registers or bits of a row as libmodbus reads them; empty when it could not.
std::vector<std::uint16_t> read_row(modbus_t* master, const RegisterRow& row) {
  std::vector<std::uint16_t> words(static_cast<std::size_t>(row.count));
  std::uint8_t bit = 0;
  int got = -1;
  switch (row.table) {
    case Table::holding:
      got = modbus_read_registers(master, row.address, row.count, words.data());
      break;
    case Table::input:
      got = modbus_read_input_registers(master, row.address, row.count, words.data());
      break;
    case Table::coils:
      got = modbus_read_bits(master, row.address, 1, &bit);
      words[0] = bit;
      break;
    case Table::discrete:
      got = modbus_read_input_bits(master, row.address, 1, &bit);
      words[0] = bit;
      break;
    case Table::single_write:
    case Table::block_write:
      break;
  }
  if (got != row.count) words.clear();
  return words;
}

/// Reads every row of the map; writes back what stands in those that can be written. Returns how many were written.
int read_and_write_every_row(modbus_t* master, const RegisterMap& map) {
  int written = 0;
  for (const RegisterRow& row : map.rows) {
    const std::vector<std::uint16_t> words = read_row(master, row);
    EXPECT_EQ(words.size(), static_cast<std::size_t>(row.count)) << row.address << ": " << modbus_strerror(errno);
    if (row.access == Access::read || words.empty()) continue;
    EXPECT_EQ(modbus_write_registers(master, row.address, row.count, words.data()), row.count)
        << row.address << ": " << modbus_strerror(errno);
    if (row.access == Access::read_write && row.count == 1 && row.binding.empty()) {
      EXPECT_EQ(read_row(master, row), words) << row.address;
    }
    ++written;
  }
  return written;
}

class EtOnAPty : public testing::Test {
 protected:
  EtOnAPty()
      : site_{one_inverter_site()},
        et_{"et1", site_, 0, ten_kilowatts(), {}, {}},
        server_{read_register_map(HILBENCH_SOURCE_DIR "/scenarios/registers/goodwe_et_205.xml"), et_.face()},
        slave_{server_},
        master_{master_on(slave_)} {
    run(1s);
  }
  void SetUp() override { ASSERT_EQ(modbus_connect(master_.get()), 0) << modbus_strerror(errno); }
  void run(Time duration) {
    const std::lock_guard lock{slave_.server_mutex()};
    for (const Time end = now_ + duration; now_ < end; now_ += 10ms) {
      et_.latch(now_);
      if (now_ > Time{0}) site_.advance();
      et_.refresh(now_);
      server_.refresh(now_);
    }
  }

  models::Site site_;
  GoodweEt et_;
  RegisterServer server_;
  PtySlave slave_;
  Master master_;
  Time now_{0};
};

TEST_F(EtOnAPty, LibmodbusReadsTheRunningDataInOneRequest) {
  std::array<std::uint16_t, 125> data{};
  ASSERT_EQ(modbus_read_registers(master_.get(), 35100, 125, data.data()), 125) << modbus_strerror(errno);
  const auto s32 = [&data](int address) {
    const auto at = static_cast<std::size_t>(address - 35100);
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(data[at]) << 16 | data[at + 1]);
  };
  EXPECT_NEAR(s32(35105), site_.lane(0).power.pv_w, 0.5);
  EXPECT_EQ(data[23], 5000);  // 35123: 50.00 Hz
  EXPECT_EQ(s32(35124) + s32(35129) + s32(35134), s32(35137));
  EXPECT_EQ(s32(35139), s32(35137));  // no backup load, no meter
}

TEST_F(EtOnAPty, LibmodbusWritesModeAndPowerAndTheBatteryFollows) {
  const std::array<std::uint16_t, 2> order{12, 2500};
  ASSERT_EQ(modbus_write_registers(master_.get(), 47511, 2, order.data()), 2) << modbus_strerror(errno);
  run(1s);
  std::array<std::uint16_t, 2> battery_w{};
  ASSERT_EQ(modbus_read_registers(master_.get(), 35182, 2, battery_w.data()), 2) << modbus_strerror(errno);
  EXPECT_EQ(battery_w[0], 0);
  EXPECT_EQ(battery_w[1], 2500);
}

TEST_F(EtOnAPty, LibmodbusSeesTheExceptions) {
  std::array<std::uint16_t, 125> data{};
  EXPECT_EQ(modbus_read_registers(master_.get(), 36000, 58, data.data()), -1);
  EXPECT_EQ(errno, EMBXILADD);
  EXPECT_EQ(modbus_write_register(master_.get(), 47512, 10001), -1);
  EXPECT_EQ(errno, EMBXILVAL);
  EXPECT_EQ(modbus_read_input_registers(master_.get(), 35100, 1, data.data()), -1);
  EXPECT_EQ(errno, EMBXILFUN);
}

// Fast charge must end 2 % above the present state of charge: full, as it stands, is fine. The rows that reset
// something are written last, as they stand in the map, so nothing else moves meanwhile: virtual time stands still.
TEST_F(EtOnAPty, LibmodbusReadsAndWritesEveryRowOfPlatform205) {
  const int written = read_and_write_every_row(master_.get(), server_.map());
  EXPECT_GT(server_.map().rows.size(), 380U);
  EXPECT_GT(written, 200);
}

TEST(MapsOnAPty, LibmodbusReadsAndWritesEveryRowOfPlatform745) {
  RunningEt et;
  et.run(1s);
  RegisterServer server{read_register_map(HILBENCH_SOURCE_DIR "/scenarios/registers/goodwe_et_745.xml"), et.et.face()};
  PtySlave slave{server};
  const Master master = master_on(slave);
  ASSERT_EQ(modbus_connect(master.get()), 0);
  EXPECT_GT(server.map().rows.size(), 500U);  // those of 205 as well
  EXPECT_GT(read_and_write_every_row(master.get(), server.map()), 200);
  // What 745 adds or moves: model at 35060, 125 meter registers in one read.
  std::array<std::uint16_t, 125> words{};
  ASSERT_EQ(modbus_read_registers(master.get(), 35060, 4, words.data()), 4);
  EXPECT_EQ(words[0], 'G' << 8 | 'W');
  EXPECT_EQ(modbus_read_registers(master.get(), 36000, 125, words.data()), 125);
  EXPECT_EQ(words[63], 0xFFFF);  // unused inside a permitted block
}

// Functions 03 and 06 alone: what is one register and can be written is written back as it stands.
TEST(MapsOnAPty, LibmodbusReadsEveryRowOfAPws2AndWritesTheSingleOnes) {
  test::RunningPws2 pws2;
  pws2.run(100ms);
  PtySlave slave{pws2.port};
  const Master master = master_on(slave);
  ASSERT_EQ(modbus_connect(master.get()), 0);
  int written = 0;
  for (const RegisterRow& row : pws2.server.map().rows) {
    const std::vector<std::uint16_t> words = read_row(master.get(), row);
    EXPECT_EQ(words.size(), static_cast<std::size_t>(row.count)) << row.address << ": " << modbus_strerror(errno);
    if (row.access != Access::read_write || row.count != 1 || words.empty()) continue;
    EXPECT_EQ(modbus_write_register(master.get(), row.address, words[0]), 1)
        << row.address << ": " << modbus_strerror(errno);
    ++written;
  }
  EXPECT_GT(pws2.server.map().rows.size(), 250U);
  EXPECT_GT(written, 120);
}

TEST(MeterOnAPty, LibmodbusReadsEveryRow) {
  models::Site site{one_inverter_site()};
  site.advance();
  ThreePhaseMeter meter{"meter", site};
  meter.refresh(0ns);
  RegisterServer server{read_register_map(std::string{HILBENCH_SOURCE_DIR} + "/scenarios/registers/eastron_sdm630.xml"),
                        meter.face()};
  PtySlave slave{server};
  const Master master = master_on(slave);
  ASSERT_EQ(modbus_connect(master.get()), 0);
  read_and_write_every_row(master.get(), server.map());
}

}  // namespace
}  // namespace hil::sim
