#pragma once

#include <array>
#include <optional>

#include "controller/settings.h"

namespace hil::controller {

/// What the grid operator asks for through contacts. Shares are of the plant's capacity.
struct GridDemand {
  bool disconnect = false;              ///< DRM0: stand still
  double import_share = 1.0;            ///< most that the inverters may draw from the grid: DRM1 0, DRM2 0.5, DRM3 0.75
  double generation_share = 1.0;        ///< most that they may generate: DRM5 0, DRM6 0.5, DRM7 0.75; RCR
  std::optional<double> feed_in_share;  ///< most that may be fed in at the meter: RCR on that basis
  bool increase_import = false;         ///< DRM4
  bool increase_generation = false;     ///< DRM8
  bool contacts_faulty = false;         ///< RCR: none or several closed for longer than a change-over takes
  bool operator==(const GridDemand&) const = default;
};

/// Contacts of the DRED port (AS/NZS 4755) or of a ripple-control receiver, debounced. They count in their own control
/// mode only (off, dred, rcr and value exclude each other).
///
///   DRM   physics-and-standards 3.4   here
///   0     disconnect                  every inverter stops
///   1..3  import 0, 50, 75 %          bound on what the inverters draw
///   4     increase import             the inverters draw Settings::dred_increase_share
///   5..7  generate 0, 50, 75 %        bound on the sum of their AC powers; DRM7's vars are left to ReactiveMode
///   8     increase generation         the batteries discharge with Settings::dred_increase_share
///
/// Several at once: DRM0 before all; of 1..4 and of 5..8 the lowest each ("the most restrictive (lowest) wins"; the two
/// sides bound different directions, so both hold). An open cable is no demand: these contacts close on demand.
///
/// RCR (3.2): one of four closed. None or several: the last good one for rcr_change_over, then the share of an open
/// cable, or the lowest of those closed, and contacts_faulty. Until a first good one was seen: the share of an open
/// cable.
class Contacts {
 public:
  /// A contact bounces for some ms; DRED has to act within 2 s (3.4), RCR within 60 s (3.2). Chosen.
  static constexpr Time debounce = std::chrono::milliseconds{50};
  static constexpr Time rcr_change_over = std::chrono::seconds{2};

  /// Inputs other than those of DRED and RCR are ignored.
  void changed(std::size_t input, bool closed, Time now) noexcept;
  /// What stands now, for the mode that is set.
  GridDemand demand(const Settings& settings, Time now) noexcept;
  /// When demand() may answer differently though nothing changed; Time::max(): never.
  Time next_wake() const noexcept { return next_wake_; }

 private:
  struct Contact {
    bool closed = false;  ///< debounced
    bool level = false;   ///< as last told
    Time since{0};
  };
  void settle(Time now) noexcept;
  GridDemand dred(const Settings& settings) const noexcept;
  GridDemand rcr(const Settings& settings, Time now) noexcept;

  std::array<Contact, 8> contacts_{};  ///< dred1..4, rcr1..4
  std::optional<double> rcr_share_;    ///< of the last single contact
  std::optional<Time> rcr_bad_since_;
  Time next_wake_ = Time::max();
};

}  // namespace hil::controller
