#include "controller/hosts/linux/status_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "controller/hosts/linux/bad_input.h"

namespace hil::hosts {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_clients = 8;
constexpr std::size_t longest_order = 256;

FileDescriptor local_socket(int flags) {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!socket.is_open()) throw std::system_error(errno, std::generic_category(), "status socket");
  return socket;
}

sockaddr_un address_of(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& name = path.native();
  if (name.empty() || name.size() >= sizeof address.sun_path) {
    throw BadInput(fmt::format("--socket {}: must be a path of 1 to {} characters", name, sizeof address.sun_path - 1));
  }
  std::memcpy(static_cast<char*>(address.sun_path), name.data(), name.size());
  return address;
}

bool connected(const FileDescriptor& socket, const sockaddr_un& address) {
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

StatusSocket::StatusSocket(EventLoop& loop, fs::path path, Answer answer)
    : loop_(loop), path_(std::move(path)), listener_(local_socket(SOCK_NONBLOCK)), answer_(std::move(answer)) {
  const sockaddr_un address = address_of(path_);
  if (connected(local_socket(0), address)) {
    throw BadInput(fmt::format("--socket {}: another hilcontroller answers there", path_.native()));
  }
  struct stat there {};
  if (::lstat(path_.c_str(), &there) == 0 && S_ISSOCK(there.st_mode)) ::unlink(path_.c_str());
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_.get(), SOMAXCONN) != 0) {
    throw BadInput(fmt::format("--socket {}: {}", path_.native(), std::strerror(errno)));
  }
  loop_.add(listener_.get(), [this](std::uint32_t) { accept(); });
}

StatusSocket::~StatusSocket() {
  for (const Client& client : clients_) loop_.remove(client.socket.get());
  loop_.remove(listener_.get());
  ::unlink(path_.c_str());
}

void StatusSocket::accept() {
  FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.is_open()) return;
  // One that says nothing must not keep others out.
  if (clients_.size() == most_clients) close(clients_.front().socket.get());
  const int fd = socket.get();
  clients_.push_back({std::move(socket), {}});
  loop_.add(fd, [this, fd](std::uint32_t) { receive(fd); });
}

void StatusSocket::receive(int fd) {
  const auto client =
      std::find_if(clients_.begin(), clients_.end(), [fd](const Client& each) { return each.socket.get() == fd; });
  if (client == clients_.end()) return;
  std::array<char, longest_order> part{};
  const ssize_t got = ::read(fd, part.data(), part.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) {
    close(fd);
    return;
  }
  if (got > 0) client->words.append(part.data(), static_cast<std::size_t>(got));
  const std::size_t end = client->words.find('\n');
  if (got > 0 && end == std::string::npos && client->words.size() <= longest_order) return;
  // Half an order is none.
  if (end == std::string::npos && !client->words.empty()) {
    close(fd);
    return;
  }
  const std::string text = answer_(client->words.substr(0, end));  // far below what a socket takes at once
  [[maybe_unused]] const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  close(fd);
}

void StatusSocket::close(int fd) {
  loop_.remove(fd);
  std::erase_if(clients_, [fd](const Client& each) { return each.socket.get() == fd; });
}

fs::path default_status_socket() {
  for (const char* variable : {"RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"}) {
    const char* folder = std::getenv(variable);
    if (folder != nullptr && *folder != '\0') return fs::path(folder) / "hilcontroller.sock";
  }
  if (::geteuid() == 0) return "/run/hilcontroller.sock";
  return fmt::format("/tmp/hilcontroller-{}.sock", ::geteuid());
}

std::string status_from(const fs::path& path, const std::string& order) {
  const FileDescriptor socket = local_socket(0);
  if (!connected(socket, address_of(path))) {
    throw std::runtime_error(fmt::format("no hilcontroller answers at {}: {}", path.native(), std::strerror(errno)));
  }
  const std::string words = order.empty() ? "" : order + "\n";
  [[maybe_unused]] const ssize_t sent = ::send(socket.get(), words.data(), words.size(), MSG_NOSIGNAL);
  ::shutdown(socket.get(), SHUT_WR);
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t got = ::read(socket.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 && text.empty()) {
      throw std::runtime_error(fmt::format("hilcontroller at {} went away without an answer", path.native()));
    }
    if (got <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace hil::hosts
