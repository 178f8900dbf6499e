// `luthier-cli merge`: several adapters as one, or a model between the base and the tuned one, written like an export.
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/engine/commands.h"
#include "cli/engine/data_words.h"
#include "cli/engine/export_setup.h"
#include "cli/export_words.h"
#include "device/device.h"
#include "export/combine.h"

namespace luthier {

namespace {

const std::string& merge_usage() {
  static const std::string text =
      "luthier-cli merge BASE --adapter DIR[=WEIGHT] --adapter DIR[=WEIGHT]... [--how KIND] [--density D]\n"
      "                  [--majority-sign total|frequency] [--rank R] [--seed N] [--to FORMAT]\n"
      "                  " +
      std::string(kExportUsage) +
      "\n"
      "       luthier-cli merge BASE TUNED --share S [--to FORMAT] --out DIR [options]\n"
      "  WEIGHT  1 over the number of adapters where it is not given\n"
      "  KIND    cat (the exact weighted sum of the updates), or as PEFT: linear, ties, dare_linear, dare_ties,\n"
      "          magnitude_prune, svd, ties_svd, dare_linear_svd, dare_ties_svd, magnitude_prune_svd\n"
      "  S       0 is BASE, 1 is TUNED, 0.5 lies between\n"
      "  --to    huggingface where it is not given; peft writes the combined adapter alone\n"
      "  rows for the proof: [" +
      std::string(kDataUsage) + "]";
  return text;
}

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

/// DIR or DIR=WEIGHT; a folder whose own name ends like that is taken as it is.
WeightedAdapter adapter_of(const std::string& word, double fallback) {
  const auto equals = word.rfind('=');
  if (equals == std::string::npos || fs::exists(word)) return {word, fallback};
  const std::string text = word.substr(equals + 1);
  char* end = nullptr;
  const double weight = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(weight > -1e6 && weight < 1e6))
    fail(ErrorKind::bad_input, "\"" + text + "\" is no weight", "--adapter " + word, "write --adapter FOLDER=0.7");
  return {word.substr(0, equals), weight};
}

MergeOptions merge_options(const Arguments& arguments) {
  Json json = Json::object();
  for (const char* key : {"how", "density", "majority_sign", "rank", "seed"}) {
    std::string word = std::string("--") + key;
    std::replace(word.begin(), word.end(), '_', '-');
    const auto value = arguments.value(word);
    if (!value) continue;
    Json read = Json::parse(*value, nullptr, false);
    json[key] = read.is_discarded() ? Json(*value) : read;
  }
  MergeOptions options;
  std::vector<Problem> problems;
  read_options(json, "merge", options, problems);
  if (!problems.empty()) fail_with(problems, "adapters cannot be merged like this", "merge");
  return options;
}

/// What was put together, for the model card.
std::string origin_of(const std::vector<WeightedAdapter>& adapters, const MergeOptions& options) {
  std::string text = "Made of " + std::to_string(adapters.size()) + " adapters (" + options.how;
  if (merge_prunes(options.how)) text += ", density " + rounded(options.density);
  if (options.how.starts_with("dare")) text += ", seed " + std::to_string(options.seed);
  text += "): ";
  for (std::size_t i = 0; i < adapters.size(); ++i)
    text += (i ? ", " : "") + fs::absolute(adapters[i].folder).lexically_normal().filename().string() + " times " +
            rounded(adapters[i].weight);
  return text + ".";
}

}  // namespace

int command_merge(const std::vector<std::string>& words) {
  std::vector<std::string> valued = {"--how", "--density", "--majority-sign", "--rank", "--seed", "--share"};
  valued.insert(valued.end(), export_valued().begin(), export_valued().end());
  const Arguments arguments(words, merge_usage(), valued, export_flags());
  at::set_num_threads(usable_cores());
  listen_for_signals();
  ExportProgressLines told(arguments.flag("--progress"));
  const ExportProgress progress = [&told](const std::string& stage, double share) { told(stage, share); };
  const fs::path base = arguments.position(0, "BASE");
  const ExportOptions options = export_options(arguments, "huggingface");
  const fs::path target = arguments.required("--out");
  progress("loading", -1);

  Artefact artefact;
  std::string origin;
  const std::vector<std::string> named = arguments.values("--adapter");
  if (named.empty()) {
    arguments.at_most(2);
    const fs::path tuned = arguments.position(1, "TUNED, or adapters by --adapter");
    const std::string share = arguments.required("--share");
    const double part = arguments.number("--share", 0.5);
    if (part < -1 || part > 2)
      fail(ErrorKind::bad_input, "a share of " + share + " lies far outside of the two models", "--share",
           "use a number from 0 to 1");
    artefact = interpolate(base, tuned, part);
    origin = "Its weights lie between those of the base model and those of " +
             fs::absolute(tuned).lexically_normal().filename().string() + ": " + rounded(part) + " of the way.";
  } else {
    arguments.at_most(1);
    std::vector<WeightedAdapter> adapters;
    for (const std::string& word : named) adapters.push_back(adapter_of(word, 1.0 / static_cast<double>(named.size())));
    const MergeOptions how = merge_options(arguments);
    artefact = combine_adapters(base, adapters, how);
    origin = origin_of(adapters, how);
  }
  ExportInputs inputs{artefact.tokenizer.get(),
                      artefact.base,
                      fs::absolute(target).lexically_normal().filename().string(),
                      "",
                      "",
                      rows_for(arguments, artefact, rows_of_export(options)),
                      artefact.max_tokens,
                      progress,
                      artefact.processors};
  inputs.origin = origin;
  const Exported exported = export_model(*artefact.model, inputs, options, target);
  return report_proof(exported.path, parse_json(exported.proof_json, "proof.json"), arguments.json());
}

}  // namespace luthier
