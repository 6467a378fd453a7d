#include "harness/live/libmodbus_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include "sim/wire/modbus_tcp.h"

namespace hil::harness {
namespace {

constexpr std::size_t bytes_before_length = 6;  // of an MBAP header, what its length does not count
constexpr std::uint8_t exception_bit = 0x80;
constexpr std::size_t read_or_write_pdu = 5;  // function, register, count or value

int word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return bytes[at] << 8U | bytes[at + 1];
}

struct SocketPair {
  FileDescriptor near;
  int far = -1;  ///< libmodbus closes it
};

SocketPair socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  return {FileDescriptor(ends[0]), ends[1]};
}

void send_all(int socket, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) throw std::system_error(errno, std::generic_category(), "socket of libmodbus");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

/// The next bytes, `most` of them. False: none came in time, or none will.
bool receive(int socket, std::size_t most, std::chrono::milliseconds in, std::vector<std::uint8_t>& into) {
  pollfd waited{.fd = socket, .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&waited, 1, static_cast<int>(in.count()));
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) return false;
  const std::size_t before = into.size();
  into.resize(before + most);
  const ssize_t got = ::recv(socket, into.data() + before, most, 0);
  into.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
  return got > 0;
}

double seconds_of(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

bool is_exception(int error) {
  return error == EMBBADEXC || (error >= MODBUS_ENOBASE && error < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX);
}

}  // namespace

std::string libmodbus_version() {
  return fmt::format("{}.{}.{}", libmodbus_version_major, libmodbus_version_minor, libmodbus_version_micro);
}

std::unique_ptr<TcpClient> make_tcp_client(std::uint8_t unit) {
  return std::make_unique<LibmodbusClient>(unit);
}

LibmodbusClient::LibmodbusClient(std::uint8_t unit, std::chrono::milliseconds guard) : unit_(unit), guard_(guard) {
  sent_.reserve(sim::largest_tcp_frame);
  heard_.reserve(most_heard);
  answered_.reserve(sim::largest_tcp_frame);
  asked_.reserve(sim::largest_tcp_frame);
}

LibmodbusClient::~LibmodbusClient() {
  if (thread_.joinable()) {
    near_.close();  // a call that is under way ends with it
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  if (context_) modbus_close(context_.get());
  if (whole_) modbus_close(whole_.get());
}

/// Without an address: its sockets are ours.
LibmodbusClient::Context LibmodbusClient::make_context() const {
  Context context(modbus_new_tcp("127.0.0.1", MODBUS_TCP_DEFAULT_PORT));
  if (!context) throw std::runtime_error(std::string("libmodbus: ") + modbus_strerror(errno));
  modbus_set_slave(context.get(), unit_);
  // One time for the whole reply.
  modbus_set_byte_timeout(context.get(), 0, 0);
  return context;
}

void LibmodbusClient::connect() {
  hang_up();
  if (!context_) {
    constexpr std::uint32_t a_day_s = 86'400;  // the caller ends what lasts too long
    context_ = make_context();
    modbus_set_response_timeout(context_.get(), a_day_s, 0);
    whole_ = make_context();
    modbus_set_response_timeout(whole_.get(), 0, 1);
    SocketPair scratch = socket_pair();
    scratch_ = std::move(scratch.near);
    modbus_set_socket(whole_.get(), scratch.far);
  }
  SocketPair pair = socket_pair();
  near_ = std::move(pair.near);
  modbus_set_socket(context_.get(), pair.far);
}

/// What libmodbus would refuse to send goes raw.
LibmodbusClient::Call LibmodbusClient::call_for(std::span<const std::uint8_t> pdu, bool raw) {
  if (raw || pdu.size() < read_or_write_pdu) return Call::raw;
  const int count = word_at(pdu, 3);
  const bool is_short = pdu.size() == read_or_write_pdu;
  const bool can_be_read = is_short && count > 0 && count <= MODBUS_MAX_READ_REGISTERS;
  const std::size_t block = read_or_write_pdu + 1 + std::size_t{2} * static_cast<std::size_t>(count);
  switch (pdu[0]) {
    case MODBUS_FC_READ_HOLDING_REGISTERS:
      return can_be_read ? Call::read : Call::raw;
    case MODBUS_FC_READ_INPUT_REGISTERS:
      return can_be_read ? Call::read_input : Call::raw;
    case MODBUS_FC_WRITE_SINGLE_REGISTER:
      return is_short ? Call::write : Call::raw;
    case MODBUS_FC_WRITE_MULTIPLE_REGISTERS:
      return pdu.size() == block && count > 0 && count <= MODBUS_MAX_WRITE_REGISTERS ? Call::write_block : Call::raw;
    default:
      return Call::raw;
  }
}

std::span<const std::uint8_t> LibmodbusClient::ask(std::span<const std::uint8_t> pdu, bool raw) {
  // What came behind the reply before is none of this request's.
  modbus_flush(context_.get());
  sent_.clear();
  heard_.clear();
  asked_.assign(1, unit_);
  asked_.insert(asked_.end(), pdu.begin(), pdu.end());
  call_ = call_for(pdu, raw);
  {
    const std::lock_guard lock(mutex_);
    state_ = State::under_way;
  }
  changed_.notify_all();
  if (!thread_.joinable()) {
    // Signals belong to the thread that began the program.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  std::size_t length = bytes_before_length;
  while (sent_.size() < length) {
    if (!receive(near_.get(), length - sent_.size(), guard_, sent_)) {
      throw std::runtime_error(
          fmt::format("libmodbus put no whole request on its connection within {} s", seconds_of(guard_)));
    }
    if (sent_.size() == bytes_before_length) length += static_cast<std::size_t>(word_at(sent_, 4));
  }
  return sent_;
}

std::optional<LibmodbusClient::Answer> LibmodbusClient::hear(std::span<const std::uint8_t> bytes) {
  heard_.insert(heard_.end(), bytes.begin(), bytes.end());
  if (!is_whole()) return std::nullopt;
  send_all(near_.get(), heard_);
  wait_until_returned();
  return answer();
}

void LibmodbusClient::hang_up() {
  if (!connected()) return;
  ::shutdown(near_.get(), SHUT_RDWR);
  wait_until_returned();
  near_.close();
  modbus_close(context_.get());
}

void LibmodbusClient::work() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ends_ || state_ == State::under_way; });
      if (ends_) return;
    }
    call();
    {
      const std::lock_guard lock(mutex_);
      state_ = State::returned;
    }
    changed_.notify_all();
  }
}

void LibmodbusClient::call() {
  modbus_t* const link = context_.get();
  const std::span<const std::uint8_t> pdu = std::span{asked_}.subspan(1);
  switch (call_) {
    case Call::read:
      result_ = modbus_read_registers(link, word_at(pdu, 1), word_at(pdu, 3), registers_.data());
      break;
    case Call::read_input:
      result_ = modbus_read_input_registers(link, word_at(pdu, 1), word_at(pdu, 3), registers_.data());
      break;
    case Call::write_block: {
      const auto count = static_cast<std::size_t>(word_at(pdu, 3));
      for (std::size_t k = 0; k < count; ++k) {
        registers_[k] = static_cast<std::uint16_t>(word_at(pdu, read_or_write_pdu + 1 + 2 * k));
      }
      result_ = modbus_write_registers(link, word_at(pdu, 1), static_cast<int>(count), registers_.data());
      break;
    }
    case Call::write:
      result_ = modbus_write_register(link, word_at(pdu, 1), static_cast<std::uint16_t>(word_at(pdu, 3)));
      break;
    case Call::raw:
      result_ = modbus_send_raw_request(link, asked_.data(), static_cast<int>(asked_.size()));
      if (result_ >= 0) result_ = modbus_receive_confirmation(link, frame_.data());
      break;
  }
  error_ = result_ < 0 ? errno : 0;
}

/// No matter when there is no call.
void LibmodbusClient::wait_until_returned() {
  std::unique_lock lock(mutex_);
  const auto over = [this] { return state_ != State::under_way; };
  if (!changed_.wait_for(lock, guard_, over)) {
    throw std::runtime_error(fmt::format("libmodbus did not return from its call within {} s", seconds_of(guard_)));
  }
  state_ = State::idle;
}

bool LibmodbusClient::is_whole() {
  send_all(scratch_.get(), heard_);
  std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH> frame{};
  const bool waits = modbus_receive_confirmation(whole_.get(), frame.data()) < 0 && errno == ETIMEDOUT;
  modbus_flush(whole_.get());
  return !waits;
}

TcpClient::Answer LibmodbusClient::answer() {
  const std::uint8_t function = asked_[1];
  Answer answer;
  answer.sound = true;
  if (result_ < 0) {
    const std::span<const std::uint8_t> pdu =
        std::span{heard_}.subspan(std::min(heard_.size(), sim::mbap_header_bytes));
    answer.sound = is_exception(error_) && pdu.size() >= 2 && pdu[0] == (function | exception_bit);
    if (answer.sound) answer.pdu = pdu.first(2);
    return answer;
  }
  if (call_ == Call::raw) return raw_answer();
  if (call_ == Call::write || call_ == Call::write_block) {
    answer.pdu = std::span{heard_}.subspan(sim::mbap_header_bytes, read_or_write_pdu);
    return answer;
  }
  answered_.assign({function, static_cast<std::uint8_t>(2 * result_)});
  for (const std::uint16_t word : std::span{registers_}.first(static_cast<std::size_t>(result_))) {
    answered_.push_back(static_cast<std::uint8_t>(word >> 8U));
    answered_.push_back(static_cast<std::uint8_t>(word & 0xFFU));
  }
  answer.pdu = answered_;
  return answer;
}

/// libmodbus holds a raw reply against nothing, so that is done here.
TcpClient::Answer LibmodbusClient::raw_answer() const {
  const std::span<const std::uint8_t> frame = std::span{frame_}.first(static_cast<std::size_t>(result_));
  const std::size_t head = sim::mbap_header_bytes;
  Answer answer;
  answer.sound = frame.size() > head && word_at(frame, 0) == word_at(sent_, 0) && word_at(frame, 2) == 0 &&
                 frame[head - 1] == unit_ && (frame[head] & ~exception_bit) == asked_[1];
  if (answer.sound) answer.pdu = frame.subspan(head);
  return answer;
}

}  // namespace hil::harness
