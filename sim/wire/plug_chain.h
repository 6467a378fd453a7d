#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace hil::sim {

/// Contacts of the eight-pin plugs between parallel inverters (document 002, parallel communication port).
enum class PlugPin : unsigned char { sync_low, sync_high, can_low, can_high, rs485_a, rs485_b, supply_12v, ground };
inline constexpr std::size_t plug_pin_count = 8;
/// "SYSR_L", as the document names it; 1 .. 8 in this order.
const char* name_of(PlugPin pin);

/// What two conductors carry together.
enum class PlugPair : unsigned char { sync, can, rs485 };
inline constexpr std::size_t plug_pair_count = 3;

/// A daisy chain of inverters that ends at the backup interface, as a graph of conductors: each contact of each plug
/// can be opened, two of one plug can be shorted or swapped, the end plug can be missing or a short.
///
///   end plug - COMM IN [last] COMM OUT - COMM IN [..] COMM OUT - COMM IN [first] COMM OUT - interface
///
/// Inside an inverter the contacts of COMM IN and COMM OUT of one number are one. Between inverters all eight run
/// through; to the interface the sync pair does not. A short to any other contact makes a pair unusable for all that
/// are on one of its conductors: what it does there hangs on drivers that nobody has published, so no level is
/// computed.
///
/// Left out: contact resistance; the interface's own end of the buses, which is always closed.
class PlugChain {
 public:
  /// A plug is that of a cable: what is open in it is open for both sides.
  enum class Side : unsigned char { in, out };
  enum class EndPlug : unsigned char { fitted, missing, shorted };
  struct Plug {
    std::size_t node = 0;   ///< its place, 0 next to the interface
    Side side = Side::out;  ///< COMM IN of the last inverter holds the end plug; the interface has only that side
  };
  /// How a pair gets from one node to another.
  enum class Link : unsigned char { whole, open, swapped, shorted };

  /// `inverters`: 1..16. Throws std::invalid_argument.
  PlugChain(std::size_t inverters, bool has_interface);

  std::size_t inverter_count() const { return inverters_; }
  bool has_interface() const { return has_interface_; }
  /// After the inverters; only with an interface.
  std::size_t interface_node() const { return inverters_; }

  /// All throw std::out_of_range for a plug that is not there, the latter two std::invalid_argument for one pin twice.
  /// Of one plug any number of shorts stand at a time, and swaps that have no contact in common.
  void set_open(Plug plug, PlugPin pin, bool open);
  void set_shorted(Plug plug, PlugPin one, PlugPin other, bool shorted);
  void set_swapped(Plug plug, PlugPin one, PlugPin other, bool swapped);
  void set_end_plug(EndPlug end_plug);
  EndPlug end_plug() const { return end_plug_; }

  Link link(PlugPair pair, std::size_t from, std::size_t to) const;
  /// Whether this contact of `from` leads to the same one of `to`.
  bool leads(PlugPin pin, std::size_t from, std::size_t to) const;
  /// The end plug closes this pair as the node sees it.
  bool terminated(PlugPair pair, std::size_t node) const;
  /// The nodes of one number see each other on this pair: from 0 on, in the order of their first node. A pair that is
  /// shorted is one piece with all on it.
  std::vector<std::size_t> pieces(PlugPair pair) const;

 private:
  struct Contacts {
    std::array<bool, plug_pin_count> open{};
    std::array<std::size_t, plug_pin_count> leads_to{0, 1, 2, 3, 4, 5, 6, 7};  ///< conductor of the cable
    std::array<std::array<bool, plug_pin_count>, plug_pin_count> shorted{};
  };
  struct Nets {
    std::size_t low = 0;
    std::size_t high = 0;
  };
  Contacts& contacts(Plug plug);
  std::size_t node_count() const { return inverters_ + 1; }
  std::size_t contact(std::size_t node, std::size_t pin) const { return node * plug_pin_count + pin; }
  /// Cable k runs from COMM OUT of inverter k towards the interface; the last one is the end plug.
  std::size_t conductor(std::size_t cable, std::size_t pin) const { return contact(node_count() + cable, pin); }
  void join(std::size_t one, std::size_t other);
  std::size_t net_of(std::size_t point) const;
  Nets nets(PlugPair pair, std::size_t node) const;
  bool is_foul(std::size_t net) const;
  bool is_shorted(PlugPair pair, std::size_t node) const;
  void join_plug(Plug plug, std::size_t cable);
  void solve();

  std::size_t inverters_;
  bool has_interface_;
  EndPlug end_plug_ = EndPlug::fitted;
  std::vector<std::array<Contacts, 2>> plugs_;  ///< of each inverter, by Side
  std::vector<std::size_t> net_;                ///< of each contact and conductor one nearer to its net's first
};

}  // namespace hil::sim
