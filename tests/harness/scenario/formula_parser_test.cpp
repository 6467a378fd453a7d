#include "harness/scenario/formula_parser.h"

#include <gtest/gtest.h>

#include <random>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using stl::Formula;
using Kind = Formula::Kind;

TEST(FormulaParser, ReadsTheExampleOfTheGuide) {
  const Formula formula =
      parse_formula("always[0,600](grid.export_w > 200 W implies eventually[0,5] grid.export_w < 100 W)");
  ASSERT_EQ(formula.kind, Kind::always);
  EXPECT_EQ(formula.interval.from, sim::Time{0});
  EXPECT_EQ(formula.interval.to, sim::Time{600s});
  const Formula& implication = formula.operands.at(0);
  ASSERT_EQ(implication.kind, Kind::implication);
  const Formula& cause = implication.operands.at(0);
  ASSERT_EQ(cause.kind, Kind::predicate);
  EXPECT_EQ(cause.expression.linear.terms.at(0).signal, "grid.export_w");
  EXPECT_EQ(cause.expression.linear.terms.at(0).factor, 1.0);
  EXPECT_EQ(cause.expression.linear.constant, -200.0);
  EXPECT_EQ(cause.expression.unit, "W");
  const Formula& answer = implication.operands.at(1);
  ASSERT_EQ(answer.kind, Kind::eventually);
  EXPECT_EQ(answer.interval.to, sim::Time{5s});
  // x < 100 is 100 - x >= 0.
  EXPECT_EQ(answer.operands.at(0).expression.linear.terms.at(0).factor, -1.0);
  EXPECT_EQ(answer.operands.at(0).expression.linear.constant, 100.0);
}

TEST(FormulaParser, BindsNotAndOperatorsTighterThanUntilAndOrImplies) {
  const Formula formula =
      parse_formula("not a.x above 1 until[0,2] a.y below 2 and a.z above 3 or a.u above 4 implies a.v above 5");
  ASSERT_EQ(formula.kind, Kind::implication);
  const Formula& either = formula.operands.at(0);
  ASSERT_EQ(either.kind, Kind::disjunction);
  const Formula& both = either.operands.at(0);
  ASSERT_EQ(both.kind, Kind::conjunction);
  ASSERT_EQ(both.operands.at(0).kind, Kind::until);
  EXPECT_EQ(both.operands.at(0).operands.at(0).kind, Kind::negation);
}

TEST(FormulaParser, AddsUpSignalsAndTheirMagnitudes) {
  const Formula formula =
      parse_formula("abs(et1.battery_soc - et2.battery_soc) - 2 * et1.battery_soc below 0.02 + 0.5 * et3.battery_soc");
  const stl::Expression& expression = formula.expression;
  ASSERT_EQ(expression.magnitudes.size(), 1U);
  EXPECT_EQ(expression.magnitudes[0].factor, -1.0);
  ASSERT_EQ(expression.magnitudes[0].of.terms.size(), 2U);
  EXPECT_EQ(expression.magnitudes[0].of.terms[1].factor, -1.0);
  ASSERT_EQ(expression.linear.terms.size(), 2U);
  EXPECT_EQ(expression.linear.terms[0].factor, 2.0);
  EXPECT_EQ(expression.linear.terms[1].factor, 0.5);
  EXPECT_DOUBLE_EQ(expression.linear.constant, 0.02);
}

TEST(FormulaParser, TakesNeverForAlwaysNot) {
  const Formula formula = parse_formula("never[1,2] grid.export_w above -5 W");
  ASSERT_EQ(formula.kind, Kind::always);
  EXPECT_EQ(formula.operands.at(0).kind, Kind::negation);
  EXPECT_EQ(formula.operands.at(0).operands.at(0).expression.linear.constant, 5.0);
}

struct Fault {
  const char* text;
  std::size_t offset;
  const char* message;
};

TEST(FormulaParser, SaysWhereAFaultIsAndWhatIsAllowed) {
  const std::array faults{
      Fault{"", 0, "the end stands where a signal, a number or abs is expected"},
      Fault{"grid.export_w", 13, "the end stands where a comparison is expected: above, below, >, <, >=, <="},
      Fault{
          "evntually[0,5] grid.export_w > 1", 0,
          "\"evntually\" is neither a word of formulas nor a signal (owner.quantity_unit); known words: eventually, "},
      Fault{"grid.export_w > 200 V", 20, "unit is V, must be that of the signal (W)"},
      Fault{"grid.export_w > 200 W + 3 V", 26, "unit is V, must be that of the number before it (W)"},
      Fault{"grid.export_w > et1.battery_soc", 16,
            "et1.battery_soc has the unit none, must have the one of what stands before it (W)"},
      Fault{"always[5,2] grid.export_w > 1", 9, "the interval ends at 2 s, must be >= its beginning (5 s)"},
      Fault{"always[5;2] grid.export_w > 1", 8, "\";\" has no meaning here"},
      Fault{"always[a,2] grid.export_w > 1", 7, "\"a\" stands where seconds are expected"},
      Fault{"always eventually grid.export_w > 1", 7,
            "eventually inside another operator must have an interval, as in eventually[0,5]"},
      Fault{"(always grid.export_w > 1) until grid.export_w > 1", 1,
            "always inside another operator must have an interval, as in always[0,5]"},
      Fault{"grid.export_w > 1 )", 18, "\")\" is one too many, expected and, or, implies, until or the end"},
      Fault{"(grid.export_w > 1", 18, "the end stands where \")\" is expected"},
      Fault{"1 > 2", 0, "a comparison must have a signal in it"},
      Fault{"abs(abs(grid.export_w)) > 2", 4, "abs inside abs"},
      Fault{"grid..export_w > 2", 0, "\"grid..export_w\" is no signal's name such as grid.import_w"},
      Fault{"grid.export_w = 2", 14, "\"=\" has no meaning here"},
  };
  for (const Fault& fault : faults) {
    try {
      parse_formula(fault.text);
      ADD_FAILURE() << "was read: " << fault.text;
    } catch (const BadFormula& bad) {
      EXPECT_EQ(bad.offset(), fault.offset) << fault.text << ": " << bad.what();
      EXPECT_TRUE(std::string(bad.what()).starts_with(fault.message)) << fault.text << ": " << bad.what();
    }
  }
}

TEST(FormulaParser, RefusesWhatIsTooDeepOrTooLong) {
  std::string deep;
  for (int k = 0; k < 5000; ++k) deep += "not (";
  EXPECT_THROW(parse_formula(deep), BadFormula);
  std::string wide = "a.x > 1";
  for (int k = 0; k < 5000; ++k) wide += " and a.x > 1";
  EXPECT_THROW(parse_formula(wide), BadFormula);
}

// Pieces in any order: read or refused with a place inside the text, never anything else.
TEST(FormulaParser, SurvivesAnyOrderOfItsWords) {
  const std::array<std::string, 22> pieces{"always", "eventually", "never", "until", "not", "and",     "or", "implies",
                                           "above",  "below",      "abs",   "(",     ")",   "[0,1]",   "5",  " W ",
                                           "a.x_w",  "+",          "-",     "*",     ">",   "\xC3\xA9"};
  std::mt19937_64 random(20);
  int read = 0;
  for (int k = 0; k < 20000; ++k) {
    std::string text;
    const auto count = random() % 9;
    for (std::uint64_t piece = 0; piece < count; ++piece) text += pieces[random() % pieces.size()] + " ";
    try {
      parse_formula(text);
      ++read;
    } catch (const BadFormula& bad) {
      EXPECT_LE(bad.offset(), text.size()) << text;
    }
  }
  EXPECT_GT(read, 0);
}

}  // namespace
}  // namespace hil::harness
