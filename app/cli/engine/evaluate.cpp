// `luthier-cli evaluate`: metrics of a model on labelled data.
#include "eval/evaluate.h"

#include <ATen/Parallel.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/engine/commands.h"
#include "cli/engine/data_words.h"
#include "cli/engine/evaluation_table.h"
#include "device/device.h"
#include "export/artefact.h"
#include "nn/precision.h"
#include "recipe/catalog.h"
#include "recipe/outline.h"

namespace luthier {

int command_evaluate(const std::vector<std::string>& words) {
  std::vector<std::string> valued = {"--model", "--adapter", "--objective", "--max-tokens", "--batch-size", "--device"};
  valued.insert(valued.end(), data_words().begin(), data_words().end());
  const Arguments arguments(words,
                            "luthier-cli evaluate --model DIR [--adapter DIR] " + std::string(kDataUsage) +
                                " [--objective KIND] [--max-tokens N] [--batch-size N] [--device auto|cpu|cuda]",
                            valued, {});
  arguments.at_most(0);
  at::set_num_threads(usable_cores());
  std::optional<Head> head;
  const std::string folder = arguments.required("--model");
  if (const auto kind = arguments.value("--objective"))
    head = head_from(outline_for(std::filesystem::path(folder), objective_entry(*kind).kind).head);
  const Artefact artefact = open_artefact(folder, arguments.value("--adapter").value_or(""), head);
  Model& model = *artefact.model;
  if (head && *head != model.head_kind())
    fail(ErrorKind::bad_input, "this model was trained for the objective " + objective_of(model.head_kind()), folder,
         "leave --objective out");

  DatasetOptions options = data_options(arguments, artefact);
  options.for_training = false;
  const bool named = !std::holds_alternative<RegressionOptions>(artefact.objective);
  if (objective_entry(kind_of(artefact.objective)).has_labels() && named) options.labels = model.label_names();
  options.max_tokens = arguments.integer("--max-tokens", artefact.max_tokens);
  if (options.max_tokens < 1 || (options.modality == "text" && options.max_tokens > model.max_positions()))
    fail(ErrorKind::bad_input, "--max-tokens must be from 1 to " + std::to_string(model.max_positions()));
  const Dataset data = load_dataset(options, artefact.tokenizer.get());
  for (const Finding& finding : data.findings)
    if (finding.severity != "note") std::cerr << finding.severity << ": " << finding.message << std::endl;

  EvaluateOptions how;
  how.batch_size = arguments.integer("--batch-size", how.batch_size);
  how.device = nn::choose_device(arguments.value("--device").value_or("auto"));
  model.to(c10::Device(how.device));
  CollateOptions collate = collate_options(artefact.objective, artefact.tokenizer.get(), model, 0, artefact.processors);
  collate.longest_seconds = artefact.longest_seconds;
  const Evaluation result = evaluate(model, data.train, collate, data.label_names, how);
  if (const auto lost = collate.lost->take()) std::cerr << "warning: " << lost->message << std::endl;
  if (!arguments.json()) {
    std::cout << evaluation_table(result);
    return 0;
  }
  Json metrics = Json::object();
  for (const auto& [name, value] : result.metrics) metrics[name] = value;
  const Json detail = result.detail_json.empty() ? Json() : parse_json(result.detail_json, "evaluation");
  Json findings = Json::array();
  for (const Finding& finding : data.findings) findings.push_back(finding_to_json(finding));
  std::cout << Json{{"rows", result.rows}, {"metrics", metrics}, {"detail", detail}, {"findings", findings}}.dump(
                   -1, ' ', false, Json::error_handler_t::replace)
            << std::endl;
  return 0;
}

}  // namespace luthier
