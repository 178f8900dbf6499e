// `luthier-cli predict`: a label with its probabilities for every row of a file, tags for every word.
#include "eval/predict.h"

#include <ATen/Parallel.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/engine/commands.h"
#include "cli/engine/data_words.h"
#include "device/device.h"
#include "export/artefact.h"
#include "nn/precision.h"

namespace luthier {

namespace {

constexpr std::size_t kRowsAtOnce = 2048;

std::string short_number(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", static_cast<double>(value));
  return text;
}

std::string csv_cell(const std::string& text, char delimiter) {
  if (text.find_first_of(std::string("\"\r\n") + delimiter) == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// Writes answers as CSV, TSV or JSON lines, by the ending of the file's name.
class AnswerFile {
 public:
  AnswerFile(const fs::path& path, const std::vector<std::string>& labels, bool tagging)
      : labels_(labels), tagging_(tagging) {
    const std::string ending = path.extension().string();
    if (ending == ".csv" || ending == ".tsv")
      delimiter_ = ending == ".csv" ? ',' : '\t';
    else if (ending != ".jsonl" && ending != ".ndjson" && ending != ".json")
      fail(ErrorKind::bad_input, "the ending of --out says no format", path.string(), "use .csv, .tsv or .jsonl");
  }

  std::string heading() const {
    if (!delimiter_) return {};
    if (tagging_) return std::string("row") + delimiter_ + "tokens" + delimiter_ + "tags\n";
    std::string line = std::string("row") + delimiter_ + "text" + delimiter_ + "label";
    for (const std::string& label : labels_) line += delimiter_ + csv_cell("probability " + label, delimiter_);
    return line + "\n";
  }

  std::string line(const TextRow& row, const Answer& answer) const {
    return delimiter_ ? table_line(row, answer) : json_line(row, answer);
  }

 private:
  std::string label(std::int64_t id) const { return id < 0 ? "" : labels_.at(static_cast<std::size_t>(id)); }

  std::vector<std::string> tags(const Answer& answer) const {
    std::vector<std::string> names;
    for (const std::int64_t id : answer.labels) names.push_back(label(id));
    return names;
  }

  std::string table_line(const TextRow& row, const Answer& answer) const {
    std::string line = std::to_string(row.source_row) + delimiter_;
    if (tagging_) {
      const auto list = [](const std::vector<std::string>& words) {
        return Json(words).dump(-1, ' ', false, Json::error_handler_t::replace);
      };
      return line + csv_cell(list(row.tokens), delimiter_) + delimiter_ + csv_cell(list(tags(answer)), delimiter_) +
             "\n";
    }
    line += csv_cell(row.text, delimiter_) + delimiter_;
    if (!answer.labels.empty()) line += csv_cell(label(answer.labels[0]), delimiter_);
    for (std::size_t i = 0; i < labels_.size(); ++i)
      line += delimiter_ + (answer.labels.empty() ? "" : short_number(answer.probabilities[0][i]));
    return line + "\n";
  }

  std::string json_line(const TextRow& row, const Answer& answer) const {
    OrderedJson json = {{"row", row.source_row}};
    const auto named = [&](const std::vector<float>& values) {
      OrderedJson by_label = OrderedJson::object();
      for (std::size_t i = 0; i < values.size(); ++i) by_label[labels_[i]] = values[i];
      return by_label;
    };
    if (tagging_) {
      json["tokens"] = row.tokens;
      json["tags"] = tags(answer);
      json["probabilities"] = OrderedJson::array();
      for (const auto& values : answer.probabilities) json["probabilities"].push_back(named(values));
    } else {
      json["text"] = row.text;
      if (!row.text_pair.empty()) json["text_pair"] = row.text_pair;
      json["label"] = answer.labels.empty() ? OrderedJson() : OrderedJson(label(answer.labels[0]));
      json["probabilities"] = answer.labels.empty() ? OrderedJson() : named(answer.probabilities[0]);
    }
    if (answer.truncated) json["truncated"] = true;
    return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
  }

  std::vector<std::string> labels_;
  bool tagging_;
  char delimiter_ = 0;  ///< 0: JSON lines
};

void check_head(const Model& model, const std::string& folder) {
  if (model.head_kind() == Head::causal_lm)
    fail(ErrorKind::bad_input, "this model writes text, it gives no labels", folder,
         "use luthier-cli generate --model " + folder + " --prompt TEXT");
  if (model.head_kind() == Head::masked_lm)
    fail(ErrorKind::bad_input, "this model fills in masked words, it gives no labels", folder,
         "fine-tune it for classification or tagging first");
}

}  // namespace

int command_predict(const std::vector<std::string>& words) {
  std::vector<std::string> valued = {"--model", "--adapter", "--out", "--max-tokens", "--batch-size", "--device"};
  valued.insert(valued.end(), data_words().begin(), data_words().end());
  const Arguments arguments(words,
                            "luthier-cli predict --model DIR [--adapter DIR] --out FILE " + std::string(kDataUsage) +
                                " [--max-tokens N] [--batch-size N] [--device auto|cpu|cuda]",
                            valued, {});
  arguments.at_most(0);
  at::set_num_threads(usable_cores());
  const std::string folder = arguments.required("--model");
  const fs::path out = arguments.required("--out");
  const Artefact artefact = open_artefact(folder, arguments.value("--adapter").value_or(""));
  Model& model = *artefact.model;
  check_head(model, folder);
  const bool tagging = model.head_kind() == Head::token_classification;
  const AnswerFile file(out, model.label_names(), tagging);
  const DatasetOptions options = data_options(arguments, model.head_kind());
  const std::int64_t max_tokens = arguments.integer("--max-tokens", artefact.max_tokens);
  if (max_tokens < 1 || max_tokens > model.max_positions())
    fail(ErrorKind::bad_input, "--max-tokens must be from 1 to " + std::to_string(model.max_positions()));
  const std::int64_t batch_size = arguments.integer("--batch-size", 64);
  const std::string device = nn::choose_device(arguments.value("--device").value_or("auto"));
  model.to(c10::Device(device));

  std::int64_t count = 0;
  write_atomically(out, [&](int descriptor) {
    const auto write = [&](const std::string& text) { write_all(descriptor, text.data(), text.size(), out.string()); };
    write(file.heading());
    std::vector<TextRow> rows;
    const auto answer_all = [&] {
      std::vector<Question> questions;
      for (const TextRow& row : rows) questions.push_back({row.text, row.text_pair, row.tokens});
      const auto answers = predict(model, *artefact.tokenizer, questions, max_tokens, batch_size, device);
      std::string text;
      for (std::size_t i = 0; i < rows.size(); ++i) text += file.line(rows[i], answers[i]);
      write(text);
      count += static_cast<std::int64_t>(rows.size());
      rows.clear();
    };
    scan_rows(options.train, options, [&](const TextRow& row) {
      rows.push_back(row);
      if (rows.size() == kRowsAtOnce) answer_all();
      return true;
    });
    answer_all();
  });
  if (arguments.json())
    std::cout << Json{{"rows", count}, {"out", out.string()}, {"labels", model.label_names()}}.dump() << std::endl;
  else
    std::cout << count << " rows answered: " << out.string() << std::endl;
  return 0;
}

}  // namespace luthier
