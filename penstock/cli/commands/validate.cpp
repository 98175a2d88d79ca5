#include "penstock/validation/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "penstock/base/text.h"
#include "penstock/cli/session.h"
#include "penstock/report/html.h"
#include "penstock/report/json_writer.h"
#include "penstock/report/text.h"
#include "penstock/validation/page.h"
#include "penstock/validation/tables.h"

namespace penstock::cli {
namespace {

constexpr const char* kOutput = "-";   // the value of --json without a file
constexpr double kWorstMax = 10000.0;  // a list nobody reads beyond that

std::string scores_json(const std::vector<validation::SuiteOutcome>& outcomes,
                        const std::vector<std::string>& group_by) {
  report::JsonWriter json;
  json.open('[');
  for (const validation::SuiteOutcome& outcome : outcomes) {
    for (const validation::Score& score :
         scores_of(outcome, group_by.empty() ? outcome.groups : group_by)) {
      json.line().open('{');
      json.key("suite").text(score.suite).key("group").text(score.group);
      json.key("metric").text(score.metric).key("rows").integer(score.rows);
      json.key("answered").integer(score.answered);
      const auto ratio = [&](std::string_view name, const std::optional<double>& value) {
        json.key(name);
        if (value) {
          json.number(*value);
        } else {
          json.null();
        }
      };
      ratio("median_ape", score.median_ape);
      ratio("mean_ape", score.mean_ape);
      ratio("p90_ape", score.p90_ape);
      ratio("bias", score.bias);
      ratio("in_band", score.in_band);
      json.key("unanswered").open('{');
      for (const auto& [reason, count] : score.unanswered) json.key(reason).integer(count);
      json.close('}').close('}');
    }
  }
  json.raw_line().close(']').raw_line();
  return json.take();
}

std::vector<std::string> group_keys(Arguments& arguments) {
  std::vector<std::string> keys;
  const auto asked = arguments.text("--group-by");
  if (!asked) return keys;
  const std::vector<std::string> known = validation::all_keys();
  for (const std::string_view word : split(*asked, ',')) {
    keys.emplace_back(trim(word));
    if (std::find(known.begin(), known.end(), keys.back()) != known.end()) continue;
    arguments.findings().add(
        "--group-by",
        fmt::format("no key '{}'; keys are {}{}", keys.back(), join(known),
                    nearest(keys.back(), known).empty() ? "" : suggestion(keys.back(), known)));
  }
  return keys;
}

/// Where the scores go as JSON, if anywhere. A suite's name after --json is a suite that was to be
/// scored rather than a file of that name.
std::optional<std::string> json_target(Arguments& arguments) {
  auto target = arguments.text("--json");
  for (const validation::SuiteDoc& suite : validation::suite_docs()) {
    if (target != suite.name) continue;
    arguments.findings().add("--json", fmt::format("'{0}' is a suite: name it before --json, or "
                                                   "write ./{0} for a file",
                                                   suite.name));
  }
  return target;
}

class Validate final : public Command {
 public:
  [[nodiscard]] CommandSpec spec() const override {
    CommandSpec spec;
    spec.path = "validate";
    std::string suites;
    for (const validation::SuiteDoc& suite : validation::suite_docs()) {
      suites += fmt::format(" {}: {}", suite.name, suite.doc);
    }
    spec.description =
        "Predicts every row of the measurement files it finds and says how far off it is. Suites:" +
        suites;
    spec.positionals = {{"SUITE", "Suites to score; all that have data when none is named.",
                         ValueKind::kText, false, true}};
    spec.options = {
        {"--data", "DIR",
         "Folder of measurement files; unset: PENSTOCK_DATA, else ../shared/measurements.",
         ValueKind::kDirectory},
        {"--group-by", "KEYS", "Groups to score beside the whole, for example accelerator,engine.",
         ValueKind::kText},
        {"--worst", "N", "Also lists so many rows of each metric that are furthest off.",
         ValueKind::kNumber},
        {"--json",
         "FILE",
         "Prints the scores as JSON instead of tables, as other commands do; with a FILE writes "
         "them there, beside the tables. - is no file but the output.",
         ValueKind::kFile,
         false,
         false,
         {},
         kOutput},
        {"--html", "FILE", "Writes a page with tables and plots.", ValueKind::kFile},
        {"--docs", "FILE",
         "Writes docs/validation.md there, with worst rows, peers and limits, and the page with "
         "plots beside it as .html.",
         ValueKind::kFile}};
    spec.examples = {"penstock validate kernels --group-by family,accelerator",
                     "penstock validate serving_requests --json",
                     "penstock validate serving_static --worst 20 --html validation.html"};
    return spec;
  }

  int run(Arguments& arguments) const override {
    validation::Query query;
    query.suites = arguments.positionals();
    query.thread_count = thread_count(arguments);
    const std::vector<std::string> group_by = group_keys(arguments);
    const int64_t worst = arguments.integer("--worst", 0, {.min = 0.0, .max = kWorstMax});
    query.directory = measurements_folder(arguments);
    const auto json = json_target(arguments);
    arguments.check();
    const catalog::Catalog catalog = open_catalog(arguments);
    ProgressLine line(true);
    if (line.active()) {
      query.progress = [&](std::string_view suite, double done_fraction) {
        line.show(fmt::format("{} {:.0f} %", suite, 100.0 * done_fraction));
      };
    }
    const auto outcomes = validation::validate(query, catalog);
    if (json && *json == kOutput) {
      print(scores_json(outcomes, group_by));
    } else if (json) {
      write_file(*json, scores_json(outcomes, group_by));
    }
    const Result result = validation::result_of(outcomes, group_by, worst);
    if (const auto page = arguments.text("--html")) write_file(*page, report::to_html(result));
    if (const auto docs = arguments.text("--docs")) write_docs(*docs, outcomes, catalog);
    const bool told = arguments.flag("--quiet") || (json && *json == kOutput);
    if (!told) {
      const report::TextOptions text = text_options(arguments);
      for (const Table& table : result.tables) print(report::table_text(table, text) + "\n");
    }
    return kAnswered;
  }

 private:
  static void write_docs(const std::string& path,
                         const std::vector<validation::SuiteOutcome>& outcomes,
                         const catalog::Catalog& catalog) {
    write_file(path, validation::validation_page(outcomes, catalog));
    // the page has its own worst rows, in fewer columns
    const Result result = validation::result_of(outcomes, {}, 0);
    const std::string page = std::filesystem::path(path).replace_extension(".html").string();
    write_file(page, report::to_html(result));
  }
};

PENSTOCK_REGISTER(Command, Validate, "Scores predictions against measured kernels and runs.");

}  // namespace
}  // namespace penstock::cli
