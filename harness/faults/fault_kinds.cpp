#include "harness/faults/fault_kinds.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "sim/devices/et_alarm_bits.h"
#include "sim/devices/sinexcel_pcs.h"

namespace hil::harness {
namespace {

/// What leaves out some of the replies, not all.
const FaultParameter probability{.name = "probability", .lowest = 0.0, .highest = 1.0, .otherwise = 1.0};

constexpr std::string_view no_source = "assumed: no source";

FaultParameter seconds(std::string_view name, std::optional<double> otherwise) {
  return {.name = name, .lowest = 0.0, .highest = 60.0, .otherwise = otherwise, .basis = no_source};
}

FaultParameter whole(std::string_view name, double lowest, double highest, std::optional<double> otherwise) {
  return {.name = name, .lowest = lowest, .highest = highest, .otherwise = otherwise, .whole = true};
}

FaultParameter code(std::string_view name, double lowest, double highest, double otherwise, std::string_view basis) {
  return {.name = name, .lowest = lowest, .highest = highest, .otherwise = otherwise, .whole = true, .basis = basis};
}

FaultParameter rate(double otherwise) {
  return {.name = "byte_error_rate",
          .lowest = 0.0,
          .highest = 1.0,
          .otherwise = otherwise,
          .basis = "assumed (physics-and-standards 7, C)"};
}

FaultParameter word(std::string_view name, std::vector<std::string_view> words) {
  return {.name = name, .otherwise = 0.0, .words = std::move(words)};
}

/// What a storage converter can have, in the order of sim::PcsFault.
std::vector<FaultKind> pcs_faults() {
  constexpr std::array<std::string_view, sim::pcs_fault_count> meanings{
      "its emergency stop is pressed: it stops and latches a fault",
      "a fan stands still: it stops and latches a fault",
      "its heat sink is too hot: it stops and latches a fault",
      "its DC bus has too much voltage: it stops and latches a fault",
      "a ground fault is found: it stops and latches a fault",
      "the DC relay of a string does not close: the string stops and latches a fault"};
  std::vector<FaultKind> kinds;
  for (std::size_t kind = 0; kind < sim::pcs_fault_count; ++kind) {
    FaultKind made{sim::pcs_fault_names[kind], FaultTarget::pcs, meanings[kind]};
    made.parameters.push_back(
        {.name = "string", .lowest = 0.0, .highest = sim::SinexcelPcs::max_strings, .otherwise = 0.0, .whole = true});
    kinds.push_back(std::move(made));
  }
  kinds.push_back({"pcs_word_bit",
                   FaultTarget::pws2,
                   "what one bit of its fault and alarm words (36 to 39, 44, 45, 47) stands for has come to pass",
                   {whole("word", 36, 47, std::nullopt), whole("bit", 0, 15, std::nullopt)}});
  return kinds;
}

/// Of parallel SolaX inverters, most of them of the eight-pin plugs between them; pins as document 002 numbers them.
std::vector<FaultKind> plug_faults() {
  const FaultParameter plug = word("plug", {"out", "in"});
  const FaultParameter pin = whole("pin", 1, 8, std::nullopt);
  const FaultParameter other = whole("other", 1, 8, std::nullopt);
  return {{"plug_open", FaultTarget::solax, "a contact of its plug COMM OUT or COMM IN is open", {plug, pin}},
          {"plug_shorted", FaultTarget::solax, "two contacts of a plug touch", {plug, pin, other}},
          {"plug_swapped", FaultTarget::solax, "two wires of a plug are in each other's place", {plug, pin, other}},
          {"inverter_fault",
           FaultTarget::solax,
           "a fault of its own, a bit of its fault word, stops it as long as it lasts; 13 without: temperature",
           {whole("bit", 0, 15, 13)}},
          {"end_plug_missing", FaultTarget::parallel, "the last inverter has no 120 ohm plug in its COMM IN"},
          {"end_plug_shorted", FaultTarget::parallel, "that plug is a short circuit on CAN and RS485"}};
}

/// Each bit that the references name, in their order: the parameter `alarm` is the place in that list.
FaultKind alarm_bit() {
  std::vector<std::string_view> names;
  for (const sim::EtAlarmBit& bit : sim::et_alarm_bits()) names.push_back(bit.name);
  FaultParameter alarm = word("alarm", std::move(names));
  alarm.otherwise.reset();
  FaultParameter stops = word("stops", {"false", "true"});
  stops.basis = "assumed: which bits stop an inverter is not public";
  return {"alarm_bit",
          FaultTarget::inverter,
          "it tells an alarm, a bit of its words, whatever the plant does; stops: and stands still as long",
          {std::move(alarm), std::move(stops)}};
}

/// By how its name ends; empty: a plain number, or one whose name says what it counts.
std::string_view unit_of(std::string_view name) {
  if (name.ends_with("_per_s")) return " per second";
  return name.ends_with("_s") ? " s" : "";
}

std::vector<FaultKind> with_device_faults(std::vector<FaultKind> kinds) {
  for (FaultKind& kind : pcs_faults()) kinds.push_back(std::move(kind));
  for (FaultKind& kind : plug_faults()) kinds.push_back(std::move(kind));
  kinds.push_back(alarm_bit());
  return kinds;
}

}  // namespace

const std::vector<FaultKind>& fault_kinds() {
  static const std::vector<FaultKind> kinds = with_device_faults({
      {"silence", FaultTarget::unit, "the unit hears requests on its line and answers nothing"},
      {"cable_cut", FaultTarget::unit, "the bus is cut ahead of the unit: it and all beyond it in the chain are off"},
      {"stuck_driver", FaultTarget::unit, "its driver stays on the bus: nobody else gets a bit through"},
      {"slow_release",
       FaultTarget::unit,
       "its driver stays on for a while after each reply, over what begins then",
       {seconds("release_s", 0.005)}},
      {"duplicate_address",
       FaultTarget::unit,
       "it answers to this address instead of its own",
       {whole("address", 1, 247, std::nullopt)}},
      {"wrong_baud", FaultTarget::unit, "its port runs at another baud", {whole("baud", 1200, 1e6, std::nullopt)}},
      {"wrong_format",
       FaultTarget::unit,
       "its port has another parity or number of stop bits",
       {word("parity", {"none", "even", "odd"}), whole("stop_bits", 1, 2, 1)}},
      {"delay", FaultTarget::unit, "its replies come later", {seconds("delay_s", std::nullopt), probability}},
      {"jitter",
       FaultTarget::unit,
       "its replies come later by a time drawn for each",
       {seconds("up_to_s", std::nullopt), probability}},
      {"exception",
       FaultTarget::unit,
       "it answers with an exception and does nothing",
       {whole("code", 1, 255, std::nullopt), probability}},
      {"wrong_unit",
       FaultTarget::unit,
       "its replies bear another address",
       {whole("address", 0, 255, std::nullopt), probability}},
      {"wrong_function",
       FaultTarget::unit,
       "its replies bear another function",
       {whole("function", 0, 255, std::nullopt), probability}},
      {"flipped_bit", FaultTarget::unit, "one bit of its reply is wrong, drawn which", {probability}},
      {"wrong_crc", FaultTarget::unit, "the checksum of its reply is inverted", {probability}},
      {"doubled_byte", FaultTarget::unit, "one byte of its reply comes twice, drawn which", {probability}},
      {"extra_bytes",
       FaultTarget::unit,
       "drawn bytes behind its reply or ahead of it",
       {whole("count", 1, 64, 1), word("where", {"behind", "ahead"}), probability}},
      {"truncated",
       FaultTarget::unit,
       "only the first bytes of its reply come; 0: a number drawn for each",
       {whole("bytes", 0, 255, 0), probability}},
      {"split",
       FaultTarget::unit,
       "a silence inside its reply after so many bytes; 0: in its middle",
       {whole("bytes", 0, 255, 0), seconds("pause_s", 0.02), probability}},
      {"duplicated",
       FaultTarget::unit,
       "its reply comes once more after a silence",
       {seconds("pause_s", 0.02), probability}},
      {"polarity_swapped", FaultTarget::unit_or_line, "A and B swapped: at the unit, or at the controller"},
      {"noise",
       FaultTarget::unit_or_line,
       "each byte is lost with this rate: of one unit, or of all on the bus",
       {rate(1e-3)}},
      {"no_terminator", FaultTarget::line, "reflections: each byte is lost with this rate", {rate(1e-4)}},
      {"no_bias",
       FaultTarget::line,
       "stray bytes while nobody drives the bus",
       {{.name = "stray_bytes_per_s", .lowest = 0.0, .highest = 1000.0, .otherwise = 1.0, .basis = no_source}}},
      {"echo", FaultTarget::line, "the controller hears what it sends"},
      {"tcp_refused", FaultTarget::tcp, "new connections are refused; those open go on"},
      {"tcp_reset",
       FaultTarget::tcp,
       "a connection is reset at a request, or all at once and each as soon as it is open",
       {word("when", {"request", "at_once"}), probability}},
      {"tcp_stall", FaultTarget::tcp, "requests are served, their replies wait until it is over"},
      {"tcp_half_open", FaultTarget::tcp, "the device is gone and nobody was told: no reply, no end of a connection"},
      {"tcp_delay", FaultTarget::tcp, "its replies come later", {seconds("delay_s", std::nullopt), probability}},
      {"tcp_jitter",
       FaultTarget::tcp,
       "its replies come later by a time drawn for each",
       {seconds("up_to_s", std::nullopt), probability}},
      {"tcp_split",
       FaultTarget::tcp,
       "its reply in pieces of so many bytes, with gaps; 0: in two halves",
       {whole("bytes", 0, 255, 0), seconds("pause_s", 0.02), probability}},
      {"tcp_merged",
       FaultTarget::tcp,
       "its reply waits for the next one, in one segment with it; so long, then alone",
       {seconds("wait_s", 1.0), probability}},
      {"tcp_wrong_length",
       FaultTarget::tcp,
       "its reply has this in the length field, as if copied from the request",
       {whole("length", 0, 65'535, 6), probability}},
      {"tcp_wrong_transaction",
       FaultTarget::tcp,
       "its reply has the request's transaction plus this",
       {whole("offset", 1, 65'535, 1), probability}},
      {"tcp_wrong_protocol",
       FaultTarget::tcp,
       "its reply has this protocol instead of 0",
       {whole("protocol", 1, 65'535, 1), probability}},
      {"tcp_wrong_unit",
       FaultTarget::tcp,
       "its replies bear another unit",
       {whole("address", 0, 255, std::nullopt), probability}},
      {"dongle_silent", FaultTarget::dongle, "the dongle hears nothing and answers nothing, discovery included"},
      {"udp_request_dropped", FaultTarget::dongle, "a request is lost on its way: it has no effect", {probability}},
      {"udp_reply_dropped", FaultTarget::dongle, "a reply is lost on its way", {probability}},
      {"udp_delay",
       FaultTarget::dongle,
       "its replies come later than its reply time",
       {seconds("delay_s", std::nullopt), probability}},
      {"udp_jitter",
       FaultTarget::dongle,
       "its replies come later by a time drawn for each; one may overtake another",
       {seconds("up_to_s", std::nullopt), probability}},
      {"udp_late",
       FaultTarget::dongle,
       "a reply comes only when the client's next request has arrived, ahead of that one's",
       {probability}},
      {"udp_duplicated",
       FaultTarget::dongle,
       "its reply comes once more after a while",
       {seconds("pause_s", 0.02), probability}},
      {"udp_doubled", FaultTarget::dongle, "its reply stands twice in one datagram", {probability}},
      {"udp_truncated",
       FaultTarget::dongle,
       "only the first bytes of its reply come; 0: a number drawn for each",
       {whole("bytes", 0, 255, 0), probability}},
      {"udp_split",
       FaultTarget::dongle,
       "its reply in datagrams of so many bytes; 0: in two halves",
       {whole("bytes", 0, 255, 0), seconds("pause_s", 0.02), probability}},
      {"udp_merged",
       FaultTarget::dongle,
       "its reply waits for the next one, in one datagram with it; so long, then alone",
       {seconds("wait_s", 1.0), probability}},
      {"ct_reversed", FaultTarget::ct, "the current transformer is clamped on backwards"},
      {"ct_open", FaultTarget::ct, "its secondary is open: no current, dangerous voltage at the terminals"},
      {"ct_shorted", FaultTarget::ct, "its secondary is short-circuited: the meter sees no current"},
      {"ct_swapped", FaultTarget::ct_pair, "two transformers sit on each other's meter inputs"},
      {"ct_rotated", FaultTarget::meter, "each meter input has the transformer of the next phase"},
      {"meter_neutral_lost", FaultTarget::meter,
       "the meter's own neutral wire is off: voltages against the star point"},
      {"stuck_values", FaultTarget::unit,
       "what measures in it hangs: it answers and obeys, and its registers stay as they were"},
      {"meter_link_lost", FaultTarget::inverter_with_meter, "the inverter's own meter no longer answers it"},
      {"dsp_link_lost",
       FaultTarget::inverter,
       "its two processors are apart: orders and readings stand still, their registers are an exception",
       {code("code", 4, 6, 4, "assumed: 04 is a failure of the device (Modbus); the maker calls 05 a time-out")}},
      {"dongle_link_lost",
       FaultTarget::inverter,
       "its dongle answers alone, on TCP and UDP: 10 no path, 11 no answer of the inverter",
       {code("code", 10, 11, 11, "assumed: which one the maker's dongles send is not public")}},
      {"lan_wrong_checksum", FaultTarget::lan_client, "the checksum of each answer that reaches it is inverted"},
      {"lan_split", FaultTarget::lan_client, "each answer reaches it in two segments, cut in the middle"},
  });
  return kinds;
}

const FaultKind* find_fault_kind(std::string_view kind) {
  for (const FaultKind& each : fault_kinds()) {
    if (each.kind == kind) return &each;
  }
  return nullptr;
}

std::vector<std::string_view> fixed_targets(FaultTarget target) {
  if (target == FaultTarget::ct) return {"ct_l1", "ct_l2", "ct_l3"};
  if (target == FaultTarget::ct_pair) return {"ct_l1_l2", "ct_l2_l3", "ct_l1_l3"};
  return {};
}

std::string_view text_of(FaultTarget target) {
  switch (target) {
    case FaultTarget::unit:
      return "an inverter, a PCS or the meter";
    case FaultTarget::tcp:
      return "such a unit on TCP";
    case FaultTarget::dongle:
      return "an inverter's dongle";
    case FaultTarget::line:
      return "com1, com2, com3 or com4";
    case FaultTarget::unit_or_line:
      return "a unit, or com1 to com4";
    case FaultTarget::meter:
      return "the meter";
    case FaultTarget::inverter:
      return "an inverter";
    case FaultTarget::inverter_with_meter:
      return "an inverter with own_meter, or the primary SolaX inverter";
    case FaultTarget::pcs:
      return "a storage converter";
    case FaultTarget::pws2:
      return "a storage converter of profile pws2";
    case FaultTarget::solax:
      return "a SolaX inverter";
    case FaultTarget::parallel:
      return "the wires of a <parallel>";
    case FaultTarget::ct:
      return "ct_l1, ct_l2 or ct_l3";
    case FaultTarget::ct_pair:
      return "ct_l1_l2, ct_l2_l3 or ct_l1_l3";
    case FaultTarget::lan_client:
      return "a <lan_client>";
  }
  return "";
}

std::string text_of(const FaultParameter& parameter) {
  std::string text;
  std::string otherwise;
  if (parameter.words.empty()) {
    const std::string_view unit = unit_of(parameter.name);
    text = fmt::format("{}: {}{:.15g} to {:.15g}{}", parameter.name, parameter.whole ? "a whole number from " : "",
                       parameter.lowest, parameter.highest, unit);
    if (parameter.otherwise) otherwise = fmt::format("{:.15g}", *parameter.otherwise);
  } else {
    text = fmt::format("{}:", parameter.name);
    constexpr std::size_t most_listed = 12;  // of the alarms there is a list of its own
    if (parameter.words.size() > most_listed) return text + " a name at the end of this list, must be given";
    for (std::size_t i = 0; i < parameter.words.size(); ++i) {
      const bool last = i + 1 == parameter.words.size();
      text += fmt::format("{}{}", i == 0 ? " " : (last ? " or " : ", "), parameter.words[i]);
    }
    if (parameter.otherwise) otherwise = parameter.words.at(static_cast<std::size_t>(*parameter.otherwise));
  }
  return text + (otherwise.empty() ? ", must be given" : ", " + otherwise + " without it");
}

std::string fault_text(const FaultSpec& fault) {
  const FaultKind* const kind = find_fault_kind(fault.kind);
  std::string text;
  if (kind == nullptr) return fault.kind;
  for (const FaultParameter& parameter : kind->parameters) {
    const auto given = fault.parameters.find(std::string(parameter.name));
    if (given == fault.parameters.end()) continue;
    if (parameter.name == probability.name && given->second == 1.0) continue;
    text += fmt::format("{}{} ", text.empty() ? "" : ", ", parameter.name);
    text += parameter.words.empty() ? fmt::format("{:.15g}", given->second)
                                    : std::string(parameter.words.at(static_cast<std::size_t>(given->second)));
  }
  return text.empty() ? fault.kind : fmt::format("{} ({})", fault.kind, text);
}

}  // namespace hil::harness
