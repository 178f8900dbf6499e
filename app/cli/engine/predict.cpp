// `luthier-cli predict`: a label with its probabilities for every row of a file, tags for every word, or a text where
// the model writes one.
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
#include "eval/answer_rows.h"
#include "export/artefact.h"
#include "models/generation.h"
#include "nn/precision.h"
#include "text/whisper_tokens.h"

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
  AnswerFile(const fs::path& path, const std::vector<std::string>& labels, bool tagging, const std::string& modality,
             const Scoring& scoring)
      : labels_(labels), tagging_(tagging), input_(modality), scoring_(scoring.kind) {
    const std::string ending = path.extension().string();
    if (ending == ".csv" || ending == ".tsv")
      delimiter_ = ending == ".csv" ? ',' : '\t';
    else if (ending != ".jsonl" && ending != ".ndjson" && ending != ".json")
      fail(ErrorKind::bad_input, "the ending of --out says no format", path.string(), "use .csv, .tsv or .jsonl");
  }

  std::string heading() const {
    if (!delimiter_) return {};
    if (tagging_) return std::string("row") + delimiter_ + "tokens" + delimiter_ + "tags\n";
    const std::string first = std::string("row") + delimiter_ + input_ + delimiter_;
    if (scoring_ == Scoring::Kind::number) return first + "number\n";
    const bool several = scoring_ == Scoring::Kind::several_labels;
    std::string line = first + (labels_.empty() ? "answer" : several ? "labels" : "label");
    for (const std::string& label : labels_) line += delimiter_ + csv_cell("probability " + label, delimiter_);
    return line + "\n";
  }

  std::string line(const TextRow& row, const Answer& answer) const {
    return delimiter_ ? table_line(row, answer) : json_line(row, answer);
  }

  std::string line(const TextRow& row, const WrittenRow& written) const {
    if (delimiter_)
      return std::to_string(row.source_row) + delimiter_ + csv_cell(name_of(row), delimiter_) + delimiter_ +
             csv_cell(written.text, delimiter_) + "\n";
    OrderedJson json = {{"row", row.source_row}, {input_, name_of(row)}, {"answer", written.text}};
    if (written.unreadable) json["answer"] = nullptr;
    return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
  }

 private:
  const std::string& name_of(const TextRow& row) const { return input_ == "text" ? row.text : row.media_name; }

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
    line += csv_cell(name_of(row), delimiter_) + delimiter_;
    const bool read = !answer.probabilities.empty();
    if (scoring_ == Scoring::Kind::number) return line + (read ? short_number(answer.probabilities[0][0]) : "") + "\n";
    if (scoring_ == Scoring::Kind::several_labels)
      line += csv_cell(read ? Json(tags(answer)).dump(-1, ' ', false, Json::error_handler_t::replace) : "", delimiter_);
    else if (!answer.labels.empty())
      line += csv_cell(label(answer.labels[0]), delimiter_);
    for (std::size_t i = 0; i < labels_.size(); ++i)
      line += delimiter_ + (read ? short_number(answer.probabilities[0][i]) : "");
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
      json[input_] = name_of(row);
      if (!row.text_pair.empty()) json["text_pair"] = row.text_pair;
      const bool read = !answer.probabilities.empty();
      if (scoring_ == Scoring::Kind::number)
        json["number"] = read ? OrderedJson(answer.probabilities[0][0]) : OrderedJson();
      else if (scoring_ == Scoring::Kind::several_labels)
        json["labels"] = read ? OrderedJson(tags(answer)) : OrderedJson();
      else
        json["label"] = read ? OrderedJson(label(answer.labels[0])) : OrderedJson();
      if (scoring_ != Scoring::Kind::number)
        json["probabilities"] = read ? named(answer.probabilities[0]) : OrderedJson();
    }
    if (answer.truncated) json["truncated"] = true;
    return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
  }

  std::vector<std::string> labels_;
  bool tagging_;
  std::string input_;  ///< text, image or audio
  Scoring::Kind scoring_;
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

AnswerRowsOptions answer_options(const Artefact& artefact, std::int64_t max_tokens, std::int64_t batch_size,
                                 const std::string& device) {
  AnswerRowsOptions options;
  options.max_tokens = max_tokens;
  options.longest_seconds = artefact.longest_seconds;
  options.scoring = scoring_of(artefact.objective);
  options.batch_size = batch_size;
  options.device = device;
  if (artefact.model->head_kind() != Head::seq2seq_lm) return options;
  if (const auto* seq2seq = std::get_if<Seq2SeqOptions>(&artefact.objective)) options.seq2seq = *seq2seq;
  const GenerateOptions defaults = generate_defaults(*artefact.model, artefact.base);
  options.stop_ids = defaults.stop_ids;
  if (options.stop_ids.empty() && artefact.tokenizer->eos_id()) options.stop_ids = {*artefact.tokenizer->eos_id()};
  options.suppress = defaults.suppress;
  options.suppress_at_start = defaults.suppress_at_start;
  if (artefact.model->family() == "whisper" && artefact.tokenizer->id_of("<|startoftranscript|>"))
    options.prompt =
        whisper_prompt(*artefact.tokenizer, WhisperTask{options.seq2seq.language, options.seq2seq.task == "translate"});
  return options;
}

/// Lines of a file for some rows; counts the rows that could not be read.
class Answering {
 public:
  Answering(const Artefact& artefact, const AnswerFile& file, AnswerRowsOptions options)
      : artefact_(artefact), file_(file), options_(std::move(options)) {}

  std::string lines(const std::vector<TextRow>& rows) {
    Model& model = *artefact_.model;
    if (model.head_kind() == Head::seq2seq_lm || model.head_kind() == Head::ctc) {
      const auto written = written_answers(model, *artefact_.tokenizer, artefact_.processors, rows, options_);
      for (const WrittenRow& row : written) unreadable += row.unreadable;
      return all_lines(rows, written);
    }
    if (artefact_.processors.modality() != "text") {
      const auto answers = media_answers(model, artefact_.processors, rows, options_);
      for (const Answer& answer : answers) unreadable += answer.probabilities.empty();
      return all_lines(rows, answers);
    }
    std::vector<Question> questions;
    for (const TextRow& row : rows) questions.push_back({row.text, row.text_pair, row.tokens});
    return all_lines(rows, predict(model, *artefact_.tokenizer, questions, options_.max_tokens, options_.batch_size,
                                   options_.device, options_.scoring));
  }

  std::int64_t unreadable = 0;

 private:
  template <class One>
  std::string all_lines(const std::vector<TextRow>& rows, const std::vector<One>& answers) const {
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i) text += file_.line(rows[i], answers[i]);
    return text;
  }

  const Artefact& artefact_;
  const AnswerFile& file_;
  AnswerRowsOptions options_;
};

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
  const std::string modality = artefact.processors.modality();
  const AnswerFile file(out, model.label_names(), tagging, modality, scoring_of(artefact.objective));
  const DatasetOptions options = data_options(arguments, artefact);
  const std::int64_t max_tokens = arguments.integer("--max-tokens", artefact.max_tokens);
  if (max_tokens < 1 || (modality == "text" && max_tokens > model.max_positions()))
    fail(ErrorKind::bad_input, "--max-tokens must be from 1 to " + std::to_string(model.max_positions()));
  const std::int64_t batch_size = arguments.integer("--batch-size", 64);
  const std::string device = nn::choose_device(arguments.value("--device").value_or("auto"));
  model.to(c10::Device(device));

  Answering answering(artefact, file, answer_options(artefact, max_tokens, batch_size, device));
  std::int64_t count = 0;
  write_atomically(out, [&](int descriptor) {
    const auto write = [&](const std::string& text) { write_all(descriptor, text.data(), text.size(), out.string()); };
    write(file.heading());
    std::vector<TextRow> rows;
    const auto answer_all = [&] {
      write(answering.lines(rows));
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
    std::cout << Json{{"rows", count},
                      {"unreadable", answering.unreadable},
                      {"out", out.string()},
                      {"labels", model.label_names()}}
                     .dump()
              << std::endl;
  else
    std::cout << count << " rows answered: " << out.string() << std::endl;
  if (answering.unreadable > 0)
    std::cerr << answering.unreadable << " rows could not be read and have no answer" << std::endl;
  return 0;
}

}  // namespace luthier
