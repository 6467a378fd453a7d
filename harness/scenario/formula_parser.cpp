#include "harness/scenario/formula_parser.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

using stl::Expression;
using stl::Formula;
using stl::Linear;
using Kind = Formula::Kind;

constexpr std::array<std::string_view, 11> words{"always", "eventually", "never", "until", "not", "and",
                                                 "or",     "implies",    "above", "below", "abs"};

struct Token {
  enum class Kind : unsigned char { number, word, signal, unit, sign, end };
  Kind kind = Kind::end;
  std::string_view text{};
  std::size_t offset = 0;
  double number = 0.0;
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::vector<std::string> known_words() {
  return {words.begin(), words.end()};
}

/// Cuts the text into numbers, words, names of signals and signs.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Token next() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    if (at_ == text_.size()) return {Token::Kind::end, {}, at_};
    const char c = text_[at_];
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c) || c == '_') return name();
    constexpr std::string_view signs = "()[],+-*<>";
    if (signs.find(c) == std::string_view::npos) {
      throw BadFormula(at_, fmt::format("{} has no meaning here", in_quotes(character())));
    }
    const bool or_equal = (c == '<' || c == '>') && at_ + 1 < text_.size() && text_[at_ + 1] == '=';
    return take(Token::Kind::sign, or_equal ? 2 : 1);
  }

 private:
  Token take(Token::Kind kind, std::size_t length) {
    const Token token{kind, text_.substr(at_, length), at_};
    at_ += length;
    return token;
  }
  /// The one that begins here, with all its bytes.
  std::string_view character() const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0U) == 0x80U) ++end;
    return text_.substr(at_, end - at_);
  }
  Token number() {
    double value = 0.0;
    const char* const first = text_.data() + at_;
    const auto [end, status] = std::from_chars(first, text_.data() + text_.size(), value);
    if (status != std::errc{} || !std::isfinite(value)) {
      throw BadFormula(at_, fmt::format("{} is no decimal number", in_quotes(text_.substr(at_, 20))));
    }
    Token token = take(Token::Kind::number, static_cast<std::size_t>(end - first));
    token.number = value;
    return token;
  }
  /// A signal has a dot in its name, a word is a known one; anything else can be a unit only.
  Token name() {
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]) || text_[end] == '_' ||
                                  text_[end] == '.' || text_[end] == '/')) {
      ++end;
    }
    const std::string_view found = text_.substr(at_, end - at_);
    if (found.find('.') != std::string_view::npos) {
      if (!is_signal_name(found)) {
        throw BadFormula(at_, fmt::format("{} is no signal's name such as grid.import_w", in_quotes(found)));
      }
      return take(Token::Kind::signal, found.size());
    }
    const bool known = std::find(words.begin(), words.end(), found) != words.end();
    return take(known ? Token::Kind::word : Token::Kind::unit, found.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : scanner_(text), token_(scanner_.next()) {}

  Formula parse() {
    Formula formula = implication();
    if (token_.kind != Token::Kind::end) {
      refuse(token_, fmt::format("{} is one too many, expected and, or, implies, until or the end", shown(token_)));
    }
    return formula;
  }

 private:
  /// Counts what is inside one another, so that no text exhausts the stack.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > deepest_formula) {
        parser_.refuse(parser_.token_, fmt::format("is nested deeper than {}", deepest_formula));
      }
    }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  [[noreturn]] static void refuse(const Token& token, const std::string& what) { throw BadFormula(token.offset, what); }
  static std::string shown(const Token& token) {
    return token.kind == Token::Kind::end ? "the end" : in_quotes(token.text);
  }
  bool is(std::string_view text) const {
    return (token_.kind == Token::Kind::word || token_.kind == Token::Kind::sign) && token_.text == text;
  }
  Token advance() { return std::exchange(token_, scanner_.next()); }
  bool accept(std::string_view text) {
    if (!is(text)) return false;
    advance();
    return true;
  }
  void expect(std::string_view text) {
    if (!accept(text)) refuse(token_, fmt::format("{} stands where {} is expected", shown(token_), in_quotes(text)));
  }

  Formula implication() {
    const Level level(*this);
    Formula left = disjunction();
    if (!accept("implies")) return left;
    return stl::combined(Kind::implication, std::move(left), implication());
  }
  Formula disjunction() {
    Formula left = conjunction();
    while (accept("or")) left = stl::combined(Kind::disjunction, std::move(left), conjunction());
    return left;
  }
  Formula conjunction() {
    Formula left = run();
    while (accept("and")) left = stl::combined(Kind::conjunction, std::move(left), run());
    return left;
  }
  Formula run() {
    // Whether it is inside of `until` is known behind it only.
    const std::vector<Token> open_before = std::exchange(open_, {});
    Formula left = part();
    if (is("until")) {
      const Token until = advance();
      const stl::Interval span = interval(until);
      if (!open_.empty()) refuse_open(open_.front());
      ++inside_;
      Formula right = part();
      --inside_;
      left = stl::combined(Kind::until, std::move(left), std::move(right));
      left.interval = span;
      if (!span.to) open_.push_back(until);
    }
    open_.insert(open_.begin(), open_before.begin(), open_before.end());
    return left;
  }
  Formula part() {
    const Level level(*this);
    if (accept("not")) {
      Formula formula;
      formula.kind = Kind::negation;
      formula.operands.push_back(part());
      return formula;
    }
    if (is("always") || is("eventually") || is("never")) return operated();
    if (accept("(")) {
      Formula formula = implication();
      expect(")");
      return formula;
    }
    return comparison();
  }
  Formula operated() {
    const Token word = advance();
    const stl::Interval span = interval(word);
    ++inside_;
    Formula operand = part();
    --inside_;
    if (!span.to) open_.push_back(word);
    if (word.text == "never") {
      Formula negated;
      negated.kind = Kind::negation;
      negated.operands.push_back(std::move(operand));
      operand = std::move(negated);
    }
    return stl::temporal(word.text == "eventually" ? Kind::eventually : Kind::always, span, std::move(operand));
  }

  [[noreturn]] static void refuse_open(const Token& word) {
    refuse(word, fmt::format("{} inside another operator must have an interval, as in {}[0,5]", word.text, word.text));
  }
  stl::Interval interval(const Token& word) {
    if (!is("[")) {
      if (inside_ > 0) refuse_open(word);
      return {};
    }
    advance();
    stl::Interval span;
    span.from = seconds();
    expect(",");
    const Token last = token_;
    span.to = seconds();
    expect("]");
    if (*span.to < span.from) {
      refuse(last, fmt::format("the interval ends at {} s, must be >= its beginning ({} s)", in_seconds(*span.to),
                               in_seconds(span.from)));
    }
    return span;
  }
  sim::Time seconds() {
    if (token_.kind != Token::Kind::number) {
      refuse(token_, fmt::format("{} stands where seconds are expected", shown(token_)));
    }
    if (token_.number > longest_s)
      refuse(token_, fmt::format("{} s is too long, must be <= {} s", token_.text, longest_s));
    const sim::Time time = to_time(advance().number);
    if (token_.kind == Token::Kind::unit && token_.text == "s") advance();
    return time;
  }

  /// A sum while it is read: the unit is that of what came first.
  struct Sum {
    Expression expression{};
    bool has_signal = false;
    Token number_with_unit{};  ///< the first
  };

  Formula comparison() {
    const Token first = token_;
    if (++comparisons_ > most_comparisons) {
      refuse(first, fmt::format("has more than {} comparisons", most_comparisons));
    }
    Sum left = sum();
    const bool above = is("above") || is(">") || is(">=");
    if (!above && !is("below") && !is("<") && !is("<=")) {
      refuse(token_,
             fmt::format("{} stands where a comparison is expected: above, below, >, <, >=, <=", shown(token_)));
    }
    advance();
    const Sum right = sum();
    add(left, right, -1.0);
    if (!left.has_signal) refuse(first, "a comparison must have a signal in it");
    settle_unit(left);
    Formula formula;
    formula.expression = std::move(left.expression);
    if (!above) negate(formula.expression);
    return formula;
  }
  static void negate(Expression& expression) {
    for (Linear::Term& term : expression.linear.terms) term.factor = -term.factor;
    for (Expression::Magnitude& magnitude : expression.magnitudes) magnitude.factor = -magnitude.factor;
    expression.linear.constant = -expression.linear.constant;
  }
  void add(Sum& to, const Sum& what, double factor) const {
    for (Linear::Term term : what.expression.linear.terms) {
      term.factor *= factor;
      to.expression.linear.terms.push_back(std::move(term));
    }
    for (Expression::Magnitude magnitude : what.expression.magnitudes) {
      magnitude.factor *= factor;
      to.expression.magnitudes.push_back(std::move(magnitude));
    }
    to.expression.linear.constant += factor * what.expression.linear.constant;
    if (what.has_signal) {
      if (to.has_signal && to.expression.unit != what.expression.unit) {
        refuse(signal_, fmt::format("{} has the unit {}, must have the one of what stands before it ({})", signal_.text,
                                    unit_shown(what.expression.unit), unit_shown(to.expression.unit)));
      }
      to.expression.unit = what.expression.unit;
      to.has_signal = true;
    }
    const Token& unit = what.number_with_unit;
    if (to.number_with_unit.text.empty()) {
      to.number_with_unit = unit;
    } else if (!unit.text.empty() && unit.text != to.number_with_unit.text) {
      refuse(unit,
             fmt::format("unit is {}, must be that of the number before it ({})", unit.text, to.number_with_unit.text));
    }
    settle_unit(to);
  }
  static std::string unit_shown(const std::string& unit) { return unit.empty() ? "none" : unit; }
  /// A number's unit must be that of the signals.
  static void settle_unit(const Sum& sum) {
    const Token& unit = sum.number_with_unit;
    if (!sum.has_signal || unit.text.empty() || unit.text == sum.expression.unit) return;
    refuse(unit,
           fmt::format("unit is {}, must be that of the signal ({})", unit.text, unit_shown(sum.expression.unit)));
  }

  Sum sum() {
    double sign = accept("-") ? -1.0 : 1.0;
    Sum total;
    for (;;) {
      add(total, term(), sign);
      if (is("+") || is("-")) {
        sign = advance().text == "-" ? -1.0 : 1.0;
      } else {
        return total;
      }
    }
  }
  Sum term() {
    Sum found;
    double factor = 1.0;
    if (token_.kind == Token::Kind::number) {
      const Token number = advance();
      if (!accept("*")) {
        found.expression.linear.constant = number.number;
        if (token_.kind == Token::Kind::unit) found.number_with_unit = advance();
        return found;
      }
      if (number.number == 0.0) refuse(number, "what is multiplied by 0 is not looked at");
      factor = number.number;
    }
    if (token_.kind == Token::Kind::signal) {
      signal_ = advance();
      const std::string name{signal_.text};
      found.expression.linear.terms.push_back({factor, name, signal_.offset});
      found.expression.unit = sim::unit_of(name);
      found.has_signal = true;
      return found;
    }
    if (is("abs")) return magnitude(factor);
    if (token_.kind == Token::Kind::unit) {
      refuse(token_, fmt::format("{} is neither a word of formulas nor a signal (owner.quantity_unit); known words: {}",
                                 in_quotes(token_.text), list_nearest_first(token_.text, known_words())));
    }
    refuse(token_, fmt::format("{} stands where a signal, a number or abs is expected", shown(token_)));
  }
  Sum magnitude(double factor) {
    const Token word = advance();
    if (inside_abs_) refuse(word, "abs inside abs");
    expect("(");
    inside_abs_ = true;
    const Sum of = sum();
    inside_abs_ = false;
    expect(")");
    if (!of.has_signal) refuse(word, "abs must have a signal in it");
    Sum found = of;
    found.expression.linear = {};
    found.expression.magnitudes = {{factor, of.expression.linear}};
    return found;
  }

  Scanner scanner_;
  Token token_;
  Token signal_{};           ///< the one read last
  std::vector<Token> open_;  ///< operators without an interval, in what is being read
  int inside_ = 0;           ///< operators around this place
  int depth_ = 0;
  int comparisons_ = 0;
  bool inside_abs_ = false;
};

}  // namespace

stl::Formula parse_formula(std::string_view text) {
  return Parser{text}.parse();
}

}  // namespace hil::harness
