#pragma once
// The starter "classify text", trained for some steps and exported as a bundle, with what Luthier answers to its rows.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "support/testing.h"

namespace luthier::testing {

struct TunedBundle {
  TemporaryFolder home;
  fs::path folder;  ///< the bundle
  std::vector<std::string> texts;
  std::vector<Json> answers;  ///< of `luthier-cli predict`, a row a text
  std::string problem;        ///< what went wrong; "" where nothing did

  explicit TunedBundle(std::size_t rows = 40, const std::string& precision = "fp32") {
    const fs::path starter = source_folder() / "resources/starters/classify-text";
    const std::string formats =
        "export=" + Json{{{"format", "huggingface"}}, {{"format", "bundle"}, {"precision", precision}}}.dump();
    const Output trained =
        run_program({"env", "LUTHIER_HOME=" + home.path().string(), cli_path().string(), "train",
                     (starter / "recipe.json").string(), "--set", "training.max_steps=60", "--set",
                     "training.evaluate_base=false", "--set", "training.threads=1", "--set", formats},
                    {}, 600);
    if (trained.exit_code != 0) problem = trained.out + trained.err;
    if (!problem.empty()) return;
    const fs::path run = fs::directory_iterator(home.path() / "runs")->path(), out = home.path() / "answers.jsonl";
    folder = run / "export-bundle";
    const Output predicted =
        run_cli({"predict", "--model", (run / "export-huggingface").string(), "--data", (starter / "test.csv").string(),
                 "--roles", R"({"text": "text"})", "--out", out.string()});
    if (predicted.exit_code != 0) problem = predicted.out + predicted.err;
    if (!problem.empty()) return;
    std::istringstream lines(read_file(out));
    for (std::string line; answers.size() < rows && std::getline(lines, line);) {
      answers.push_back(Json::parse(line));
      texts.push_back(answers.back().at("text"));
    }
  }

  /// "" or how a program's answers, a line of JSON a text, differ from Luthier's.
  std::string difference(const std::string& printed) const {
    std::istringstream lines(printed);
    std::size_t row = 0;
    for (std::string line; std::getline(lines, line); ++row) {
      if (row >= answers.size()) return "more answers than texts";
      if (const std::string found = difference(row, Json::parse(line)); !found.empty()) return found;
    }
    return row == answers.size() ? "" : "only " + std::to_string(row) + " answers";
  }

  /// The same for the answer to one text.
  std::string difference(std::size_t row, const Json& answer) const {
    constexpr double kLargest = 1e-4;  // fp32 added up in another order
    const Json& wanted = answers.at(row);
    double largest = 0;
    for (const auto& [label, share] : wanted.at("probabilities").items())
      largest = std::max(largest, std::abs(share.get<double>() - answer.at("probabilities").at(label).get<double>()));
    if (largest <= kLargest && answer.at("label") == wanted.at("label")) return {};
    return texts.at(row) + ": " + answer.dump() + " instead of " + wanted.dump();
  }
};

}  // namespace luthier::testing
