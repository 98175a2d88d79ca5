#include "penstock/base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace penstock {
namespace {

constexpr size_t kExcerptWidth = 96;
constexpr size_t kShownFindings = 50;

std::string_view line_of(std::string_view text, int line) {
  size_t begin = 0;
  for (int at = 1; at < line; ++at) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return {};
    ++begin;
  }
  const size_t end = text.find('\n', begin);
  std::string_view row = text.substr(begin, end == std::string_view::npos ? end : end - begin);
  if (row.ends_with('\r')) row.remove_suffix(1);
  return row;
}

std::string excerpt(const Finding& finding) {
  const std::string_view row = line_of(finding.mark.source->text, finding.mark.line);
  const auto column = static_cast<size_t>(finding.mark.column);
  if (row.empty() || column > kExcerptWidth || column > row.size() + 1) return {};
  std::string shown;
  for (const char c : row.substr(0, kExcerptWidth)) {
    shown += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  const size_t width = std::clamp<size_t>(static_cast<size_t>(std::max(1, finding.width)), 1,
                                          shown.size() >= column ? shown.size() - column + 1 : 1);
  return fmt::format("\n{:>5} | {}\n      | {:>{}}{}", finding.mark.line, shown, "", column - 1,
                     std::string(width, '^'));
}

std::string summary_of(const std::vector<Finding>& findings) { return to_text(findings); }

}  // namespace

InputError::InputError(std::vector<Finding> findings)
    : std::runtime_error(summary_of(findings)), findings_(std::move(findings)) {}

void Findings::add(Mark mark, std::string message, int width) {
  findings_.push_back({std::move(mark), std::move(message), width});
}

void Findings::add(std::string_view subject, std::string message) {
  auto source = std::make_shared<Source>();
  source->name = subject;
  findings_.push_back({Mark{std::move(source), 0, 0}, std::move(message), 1});
}

void Findings::throw_if_any() const {
  if (findings_.empty()) return;
  std::vector<Finding> sorted = findings_;
  // sources in the order of their first mistake
  std::vector<const Source*> sources;
  const auto rank = [&](const Finding& finding) {
    const auto at = std::find(sources.begin(), sources.end(), finding.mark.source.get());
    return at - sources.begin();
  };
  for (const Finding& finding : findings_) {
    if (rank(finding) == std::ssize(sources)) sources.push_back(finding.mark.source.get());
  }
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Finding& a, const Finding& b) {
    if (a.mark.source != b.mark.source) return rank(a) < rank(b);
    return a.mark.line != b.mark.line ? a.mark.line < b.mark.line : a.mark.column < b.mark.column;
  });
  throw InputError(std::move(sorted));
}

std::string to_text(const Finding& finding) {
  const std::string name = finding.mark.source ? finding.mark.source->name : std::string("input");
  if (finding.mark.line == 0) return fmt::format("{}: {}", name, finding.message);
  return fmt::format("{}:{}:{}: {}{}", name, finding.mark.line, finding.mark.column,
                     finding.message, excerpt(finding));
}

std::string to_text(const std::vector<Finding>& findings) {
  std::string text;
  for (size_t i = 0; i < findings.size() && i < kShownFindings; ++i) {
    if (i > 0) text += '\n';
    text += to_text(findings[i]);
  }
  if (findings.size() > kShownFindings) {
    text += fmt::format("\n... and {} more of {} mistakes", findings.size() - kShownFindings,
                        findings.size());
  }
  return text;
}

}  // namespace penstock
