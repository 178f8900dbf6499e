#include "export/quantised_base.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "base/error.h"
#include "base/files.h"
#include "export/merge.h"
#include "export/row_logits.h"
#include "methods/method.h"
#include "models/quantise.h"
#include "proof/comparison.h"

namespace luthier {

namespace {
constexpr std::size_t kComparedRows = 16;  ///< enough to tell the two apart; the proof looks at more

/// The base model as it is on the disk with the live model's adapters: they go through a folder, as every adapter does.
std::shared_ptr<Model> on_the_original(const Model& live, const fs::path& base) {
  LoadOptions load;
  load.head = live.head_kind();
  load.labels = live.label_names();
  std::shared_ptr<Model> original = load_model(base, load);
  if (original->input_embedding().defined() && live.vocabulary() > original->vocabulary())
    original->set_vocabulary(live.vocabulary());
  const TemporaryFolder folder;
  save_adapter(live, folder.path(), base.string());
  load_adapter(*original, folder.path());
  const Json& config = live.config();
  if (const auto type = config.find("problem_type"); type != config.end())
    original->mutable_config()["problem_type"] = *type;
  original->eval();
  return original;
}

struct LiveRow {
  const ProofRow* row;
  RowLogits logits;
};

std::vector<LiveRow> rows_of(Model& live, const RowReading& reading, const ExportInputs& inputs) {
  std::vector<LiveRow> rows;
  for (const ProofRow& row : inputs.proof_rows) {
    if (rows.size() == kComparedRows) break;
    RowLogits logits = row_logits(live, reading, row, std::nullopt, 16);
    if (logits.logits.defined()) rows.push_back({&row, std::move(logits)});
  }
  return rows;
}

Json measured(Model& candidate, const RowReading& reading, const std::vector<LiveRow>& rows) {
  Comparison comparison;
  for (const auto& [row, live] : rows) {
    const std::optional<std::vector<std::int64_t>> positions =
        live.positions.empty() ? std::nullopt : std::optional(live.positions);
    const Tensor found = row_logits(candidate, reading, *row, positions).logits.contiguous(),
                 expected = live.logits.contiguous();
    comparison.add(std::span(expected.const_data_ptr<float>(), static_cast<std::size_t>(expected.numel())),
                   std::span(found.const_data_ptr<float>(), static_cast<std::size_t>(found.numel())),
                   expected.size(-1));
  }
  return {{"relative_difference", comparison.relative_difference()},
          {"kl", comparison.kl()},
          {"agreement", comparison.agreement()}};
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g%%", 100 * share);
  return text;
}
}  // namespace

bool has_weights(const fs::path& folder) {
  for (const char* name :
       {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"})
    if (fs::exists(folder / name)) return true;
  return false;
}

QuantisedBase choose_quantised_base(Model& live, const ExportInputs& inputs, const std::string& asked) {
  QuantisedBase choice;
  if (!quantisation_of(live)) return choice;
  choice.told = {{"asked", asked}, {"chosen", "dequantised"}, {"rows", 0}, {"reason", "it was asked for"}};
  if (!has_weights(inputs.base_model)) {
    if (asked == "original")
      fail(ErrorKind::unsupported, "the base model has no weights on the disk to merge the adapter into",
           inputs.base_model.string(), "merge it into the dequantised weights (quantised_base=dequantised)");
    choice.told["reason"] = "the base model's own weights are on no disk";
    return choice;
  }
  if (inputs.progress) inputs.progress("merging into both base models", -1);
  std::shared_ptr<Model> original = on_the_original(live, inputs.base_model);
  const RowReading reading{inputs.tokenizer, inputs.processors, inputs.max_tokens};
  const std::vector<LiveRow> rows = rows_of(live, reading, inputs);
  choice.told["rows"] = rows.size();
  if (!rows.empty()) {
    choice.told["dequantised"] = measured(*merged_copy(live), reading, rows);
    choice.told["original"] = measured(*original, reading, rows);
  }
  bool take = asked == "original";
  if (asked == "closer" && rows.empty()) choice.told["reason"] = "there were no rows to measure";
  if (asked == "closer" && !rows.empty()) {
    const auto distance = [&](const char* which) {
      return choice.told.at(which).at("relative_difference").get<double>();
    };
    take = distance("original") < distance("dequantised");
    choice.told["reason"] = "it is closer to the model that was trained";
  }
  if (!take) return choice;
  choice.told["chosen"] = "original";
  choice.original = std::move(original);
  return choice;
}

std::string merging_text(const Json& told) {
  if (!told.is_object()) return {};
  const std::string chosen = told.at("chosen");
  std::string text =
      "The adapter is merged into " +
      std::string(chosen == "original" ? "the base model in full precision" : "what the quantised weights stand for") +
      ": " + told.at("reason").get<std::string>() + ".";
  if (!told.contains("original")) return text;
  const auto difference = [&](const char* which) {
    return percent(told.at(which).at("relative_difference").get<double>());
  };
  return text + " On " + std::to_string(told.at("rows").get<int>()) +
         " held-out rows the logits differ from the trained model's by " + difference("dequantised") +
         " of the largest with the dequantised weights, by " + difference("original") + " with the base model's own.";
}

}  // namespace luthier
