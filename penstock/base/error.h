/// User mistakes: every one in a run is collected, then thrown once at the reading boundary.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// A text that was read, with the name a user knows it by (a path, "--set a.b=c", "catalog").
struct Source {
  std::string name;
  std::string text;
};

/// A place in a source. Lines and columns start at 1; 0 means the source as a whole.
struct Mark {
  std::shared_ptr<const Source> source;
  int line = 0;
  int column = 0;
};

/// One mistake of the user: where, what, what was expected.
struct Finding {
  Mark mark;
  std::string message;
  int width = 1;  ///< columns to underline
};

/// Thrown by readers with every mistake they found. The doors print it and exit with 2.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Finding> findings);
  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }

 private:
  std::vector<Finding> findings_;
};

/// Collects mistakes; `throw_if_any` ends the reading.
class Findings {
 public:
  void add(Mark mark, std::string message, int width = 1);
  /// A mistake without a place, named after what it concerns ("--tp", "scenario").
  void add(std::string_view subject, std::string message);
  [[nodiscard]] bool empty() const { return findings_.empty(); }
  [[nodiscard]] size_t size() const { return findings_.size(); }
  [[nodiscard]] const std::vector<Finding>& all() const { return findings_; }
  /// Throws InputError with all findings in order of place when there are any.
  void throw_if_any() const;

 private:
  std::vector<Finding> findings_;
};

/// "file:line:column: message", then the line of the source with the place underlined.
std::string to_text(const Finding& finding);

/// All findings, one after the other.
std::string to_text(const std::vector<Finding>& findings);

/// A plan that cannot be, as an ordinary value: the reason carries the arithmetic.
struct Infeasible {
  std::string reason;
};

}  // namespace penstock
