#include "harness/checks/bus_evaluators.h"

#include <algorithm>

namespace hil::harness {

void AnswersEvaluator::requested(const BusExchange& exchange) {
  repetitions_ = exchange.repeated ? repetitions_ + 1.0 : 0.0;
  if (repetitions_ <= most_repetitions_) return;
  most_repetitions_ = repetitions_;
  if (check_.measure == AnswersCheck::Measure::retries) worst_at_ = exchange.begin;
}

void AnswersEvaluator::concluded(const BusExchange& exchange) {
  ++requests_;
  const bool in_time = exchange.answered && exchange.answered_at - exchange.begin <= check_.answered_in;
  if (in_time) ++in_time_;
  if (!exchange.answered) ++unanswered_;
  if (check_.measure == AnswersCheck::Measure::unanswered && !exchange.answered) worst_at_ = exchange.begin;
  if (check_.measure == AnswersCheck::Measure::share && !in_time && !worst_at_) worst_at_ = exchange.begin;
}

Finding AnswersEvaluator::finding() const {
  if (requests_ == 0.0) return {};
  double worst = in_time_ / requests_;
  double margin = worst - check_.bound;
  if (check_.measure != AnswersCheck::Measure::share) {
    worst = check_.measure == AnswersCheck::Measure::retries ? most_repetitions_ : unanswered_;
    margin = check_.bound - worst;
  }
  return {state_of(margin), margin, worst, worst_at_};
}

void PollGapEvaluator::note(sim::Time gap, sim::Time at) {
  const double gap_s = std::chrono::duration<double>(gap).count();
  const double margin = std::chrono::duration<double>(check_.poll_period_below).count() - gap_s;
  if (finding_.state != CheckState::untested && margin >= finding_.margin) return;
  finding_ = {state_of(margin), margin, gap_s, at};
}

void PollGapEvaluator::polled(std::size_t unit, sim::Time at) {
  if (at <= last_[unit]) return;
  if (begun_) note(at - last_[unit], at);
  last_[unit] = at;
}

void PollGapEvaluator::observe(sim::Time since_begin, sim::Time now) {
  begun_ = true;
  for (sim::Time& last : last_) {
    last = std::max(last, now - since_begin);
    note(now - last, now);
  }
}

void FreshEvaluator::observe(sim::Time now) {
  if (!last_) last_ = now;
  const double age_s = std::chrono::duration<double>(now - *last_).count();
  const double margin = std::chrono::duration<double>(check_.age_below).count() - age_s;
  if (finding_.state != CheckState::untested && margin >= finding_.margin) return;
  finding_ = {state_of(margin), margin, age_s, now};
}

void OrderEvaluator::written(sim::Time at, bool judged) {
  const double margin = readings_ - check_.at_least;
  if (judged && (finding_.state == CheckState::untested || margin < finding_.margin)) {
    finding_ = {state_of(margin), margin, readings_, at};
  }
  readings_ = 0.0;
}

}  // namespace hil::harness
