#include "document/dataset_options.h"

namespace luthier {

DatasetOptions datasetOptionsOf(const Recipe& recipe) {
  const DataOptions& data = recipe.data;
  DatasetOptions options;
  options.train = data.train;
  options.validation = data.validation;
  options.test = data.test;
  options.read = {data.format, data.encoding, data.delimiter, data.quote, data.header, data.max_rows};
  options.roles = data.roles;
  options.labels = data.labels;
  options.task = kind_of(recipe.objective);
  options.modality = modality_of(data);
  options.longest_seconds = data.longest_seconds;
  if (const auto* tagging = std::get_if<TaggingOptions>(&recipe.objective)) options.label_on = tagging->label_on;
  if (const auto* causal = std::get_if<CausalLmOptions>(&recipe.objective)) {
    options.loss_on = causal->loss_on;
    options.chat_template = causal->chat_template;
    options.system = causal->system;
  }
  if (const auto* preference = std::get_if<PreferenceOptions>(&recipe.objective))
    options.chat_template = preference->chat_template;
  if (const auto* several = std::get_if<MultiLabelOptions>(&recipe.objective)) options.separator = several->separator;
  if (const auto* written = std::get_if<Seq2SeqOptions>(&recipe.objective)) {
    options.prefix = written->prefix;
    options.max_target_tokens = written->max_target_tokens;
    options.language = written->language;
    options.speech_task = written->task;
  }
  options.max_tokens = data.max_tokens;
  options.validation_share = data.validation_share;
  options.test_share = data.test_share;
  options.stratify = data.stratify;
  options.seed = std::uint64_t(recipe.seed);
  return options;
}

}  // namespace luthier
