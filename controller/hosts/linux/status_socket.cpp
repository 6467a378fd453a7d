#include "controller/hosts/linux/status_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

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

StatusSocket::StatusSocket(EventLoop& loop, fs::path path, std::function<std::string()> status)
    : loop_(loop), path_(std::move(path)), listener_(local_socket(SOCK_NONBLOCK)) {
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
  loop_.add(listener_.get(), [fd = listener_.get(), status = std::move(status)](std::uint32_t) {
    const FileDescriptor client(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client.is_open()) return;
    const std::string text = status();  // far below what a socket takes at once
    [[maybe_unused]] const ssize_t sent = ::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL);
  });
}

StatusSocket::~StatusSocket() {
  loop_.remove(listener_.get());
  ::unlink(path_.c_str());
}

fs::path default_status_socket() {
  for (const char* variable : {"RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"}) {
    const char* folder = std::getenv(variable);
    if (folder != nullptr && *folder != '\0') return fs::path(folder) / "hilcontroller.sock";
  }
  if (::geteuid() == 0) return "/run/hilcontroller.sock";
  return fmt::format("/tmp/hilcontroller-{}.sock", ::geteuid());
}

std::string status_from(const fs::path& path) {
  const FileDescriptor socket = local_socket(0);
  if (!connected(socket, address_of(path))) {
    throw std::runtime_error(fmt::format("no hilcontroller answers at {}: {}", path.native(), std::strerror(errno)));
  }
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t got = ::read(socket.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace hil::hosts
