// How a client of the LAN port judges limits and answers, and what it then tells its user, in both profiles.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "harness/lan/lan_client.h"

namespace hil::harness {

using sec1000::ReplyReader;
using sec1000::Request;

namespace {

constexpr double manual_highest_kw = 100.0;  // 003 section 1.2
constexpr std::uint8_t accepted = 0x06;
constexpr std::uint8_t clock_accepted = 0x03;
constexpr std::uint8_t taken_for_accepted = 0x15;

constexpr std::array<std::string_view, lan_service_count> service_names{
    "export_disable", "export_enable",         "set_export_limit", "get_export_limit",
    "set_datetime",   "reset_export_watchdog", "get_telemetry",    "set_control_mode"};

}  // namespace

std::string_view name_of(LanService service) {
  return service_names[static_cast<std::size_t>(service)];
}

std::string text_of_feedback(unsigned bits) {
  constexpr std::array<std::string_view, 8> names{"OK",           "general error",     "unknown error",
                                                  "timeout",      "unexpected packet", "checksum error",
                                                  "socket error", "invalid parameter"};
  if (bits == 0) return "waiting";
  std::string text;
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    if ((bits & (1U << bit)) != 0) text += (text.empty() ? "" : ", ") + std::string{names[bit]};
  }
  return text;
}

unsigned LanClient::limit_fault(std::optional<double>& limit_kw, bool& clamped) const {
  clamped = false;
  if (!limit_kw || !std::isfinite(*limit_kw)) return feedback::invalid_parameter;
  if (manual()) {
    return *limit_kw < 0.0 || *limit_kw > manual_highest_kw ? feedback::invalid_parameter : 0U;
  }
  const double given_kw = *limit_kw;
  if (*limit_kw < settings_.minimum_kw) {
    limit_kw = settings_.minimum_kw;
  } else if (*limit_kw > settings_.maximum_kw) {
    limit_kw = settings_.maximum_kw;
  }
  limit_kw = std::min(*limit_kw, settings_.capacity_kw);
  clamped = *limit_kw != given_kw;
  return 0;
}

LanClient::Outcome LanClient::judge(const Request& request, const ReplyReader& reader) const {
  switch (reader.state()) {
    case ReplyReader::State::bad_checksum:
      return Outcome::bad_checksum;
    case ReplyReader::State::wrong_length:
      return Outcome::wrong_length;
    case ReplyReader::State::good:
      break;
    default:
      return Outcome::unexpected;
  }
  using sec1000::Command;
  if (request.command == Command::telemetry) {
    return sec1000::decode_telemetry(reader.data()) ? Outcome::answered : Outcome::wrong_length;
  }
  if (request.command == Command::read_settings) {
    return sec1000::decode_settings(reader.data()) ? Outcome::answered : Outcome::wrong_length;
  }
  const std::optional<std::uint8_t> status = reader.status();
  const bool sets_clock = request.command == Command::set_clock;
  const bool good =
      status == (sets_clock ? clock_accepted : accepted) || (!manual() && !sets_clock && status == taken_for_accepted);
  return good ? Outcome::answered : Outcome::unexpected;
}

unsigned LanClient::code_bits(Outcome outcome) {
  switch (outcome) {
    case Outcome::bad_checksum:
      return feedback::checksum_error | feedback::unknown_error;
    case Outcome::unexpected:
      return feedback::unexpected_packet;
    case Outcome::timed_out:
    case Outcome::socket_error:
      return feedback::socket_error;
    default:
      return feedback::unknown_error;
  }
}

unsigned LanClient::manual_bits(Outcome outcome) {
  switch (outcome) {
    case Outcome::bad_checksum:
      return feedback::checksum_error;
    case Outcome::timed_out:
      return feedback::timeout;
    case Outcome::socket_error:
    case Outcome::closed_early:
      return feedback::socket_error;
    default:
      return feedback::unexpected_packet;
  }
}

/// Of the write and the switches behind it, as the code sees them.
unsigned LanClient::limit_feedback(const Operation& operation) const {
  if ((operation.error_bits & feedback::invalid_parameter) != 0) return feedback::invalid_parameter;
  if (!view_.ready) return 0;
  if ((operation.failed_parts & writing) != 0) return code_bits(operation.write_outcome);
  if ((operation.failed_parts & switching) != 0) return feedback::general_error;
  return feedback::ok | (operation.clamped ? feedback::invalid_parameter : 0U);
}

unsigned LanClient::feedback_after(const Operation& operation) const {
  const bool all_well = operation.failed_parts == 0 && operation.error_bits == 0;
  if (manual()) return all_well ? feedback::ok : operation.error_bits;
  switch (operation.service) {
    case LanService::get_telemetry:
      if ((operation.error_bits & feedback::checksum_error) != 0) return feedback::checksum_error;
      return all_well ? feedback::ok : operation.error_bits;
    case LanService::set_export_limit:
      return limit_feedback(operation);
    case LanService::export_disable:
    case LanService::export_enable:
    case LanService::reset_export_watchdog:
      return all_well ? feedback::ok : feedback::unknown_error;
    case LanService::set_control_mode:
      return all_well ? feedback::ok : feedback::general_error;
    default:
      return all_well ? feedback::ok : operation.error_bits;
  }
}

}  // namespace hil::harness
