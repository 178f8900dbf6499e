#include "export/bundle.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "eval/predict.h"
#include "export/artefact.h"
#include "export/formats.h"

namespace luthier {

namespace {

constexpr const char* kUsing = "using.md";  ///< becomes a part of the card
constexpr double kLongestRecording = 30;    ///< of recordings, where the recipe does not say

/// What the programs of resources/bundle/tokenizer.mjs know, by the component of tokenizer.json.
const std::map<std::string, std::set<std::string>>& known_components() {
  static const std::map<std::string, std::set<std::string>> known = {
      {"normalizer", {"BertNormalizer", "Lowercase", "StripAccents", "NFC", "NFD", "NFKC", "NFKD"}},
      {"pre_tokenizer", {"BertPreTokenizer", "ByteLevel", "Whitespace", "WhitespaceSplit"}},
      {"model", {"WordPiece", "BPE", "WordLevel"}},
      {"post_processor", {"TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel"}},
  };
  return known;
}

/// The type of the first part that is not known; "" where all are.
std::string unknown_type(const Json& part, const std::set<std::string>& known) {
  if (!part.is_object()) return {};
  const std::string type = part.value("type", std::string());
  if (type == "Sequence") {
    for (const char* list : {"normalizers", "pretokenizers", "processors"})
      if (const auto parts = part.find(list); parts != part.end())
        for (const Json& one : *parts)
          if (const std::string found = unknown_type(one, known); !found.empty()) return found;
    return {};
  }
  return known.contains(type) ? "" : type;
}

/// Files of older versions leave the model's type out; what else is there tells.
std::string model_type(const Json& model) {
  if (const auto type = model.find("type"); type != model.end() && type->is_string()) return type->get<std::string>();
  if (model.contains("merges")) return "BPE";
  if (model.contains("continuing_subword_prefix") || model.contains("max_input_chars_per_word")) return "WordPiece";
  return model.value("vocab", Json()).is_array() ? "Unigram" : "WordLevel";
}

bool falls_back_to_bytes(const Json& model) {
  const auto fallback = model.find("byte_fallback");
  return fallback != model.end() && fallback->is_boolean() && fallback->get<bool>();
}

Json recipe_of(const ExportInputs& inputs) {
  return inputs.recipe_json.empty() ? Json::object() : parse_json(inputs.recipe_json, "recipe");
}

/// A member that is an object, or an empty one.
Json object_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_object() ? *found : Json::object();
}

Scoring scoring_for(const Model& model, const ExportInputs& inputs) {
  Scoring scoring = scoring_of(objective_of(model));  // what was trained stands in the model's config
  Json objective = object_in(recipe_of(inputs), "objective");
  if (objective.empty())
    if (const auto notes = read_notes(inputs.base_model))
      if (Json noted = parse_json(notes->objective_json, "luthier.json"); noted.is_object()) objective = noted;
  scoring.threshold = objective.value("threshold", scoring.threshold);
  return scoring;
}

std::string given_by(const Model& model, const Scoring& scoring) {
  if (model.head_kind() == Head::ctc) return "text";
  if (scoring.kind == Scoring::Kind::number) return "number";
  return scoring.kind == Scoring::Kind::several_labels ? "labels" : "label";
}

bool reads_pairs(const ExportInputs& inputs) {
  if (object_in(object_in(recipe_of(inputs), "data"), "roles").contains("text_pair")) return true;
  return std::any_of(inputs.proof_rows.begin(), inputs.proof_rows.end(),
                     [](const ProofRow& row) { return !row.text_pair.empty(); });
}

/// What each token of a speller stands for, by id; what alone vanishes is the space between words or nothing.
std::vector<std::string> letters_of(const Tokenizer& tokenizer) {
  std::vector<std::string> letters;
  for (std::int64_t id = 0; id < tokenizer.vocabulary_size(); ++id) {
    const std::string letter = tokenizer.ctc_decode({id});
    letters.push_back(letter.empty() ? tokenizer.decode({id}, false) : letter);
  }
  return letters;
}

/// bundle.json: all that the programs need to know beside tokenizer.json and preprocessor_config.json.
OrderedJson description(const Model& model, const ExportInputs& inputs) {
  const Scoring scoring = scoring_for(model, inputs);
  const std::string reads = inputs.processors.modality();
  OrderedJson told = {{"name", inputs.run_name},
                      {"reads", reads},
                      {"gives", given_by(model, scoring)},
                      {"labels", model.label_names()},
                      {"threshold", scoring.threshold}};
  if (reads == "text") {
    told["max_tokens"] = inputs.max_tokens;
    told["pairs"] = reads_pairs(inputs);
  }
  if (reads == "audio") {
    told["rate"] = inputs.processors.rate();
    told["longest_seconds"] = object_in(recipe_of(inputs), "data").value("longest_seconds", kLongestRecording);
  }
  if (model.head_kind() == Head::ctc && inputs.tokenizer) {
    told["letters"] = letters_of(*inputs.tokenizer);
    told["blank"] = inputs.tokenizer->pad_id().value_or(0);
  }
  return told;
}

/// The files of resources/bundle that a model with this input needs.
std::vector<std::string> files_for(const std::string& reads) {
  std::vector<std::string> names = {"predict.py", "predict.mjs", "bundle.mjs", "index.html",
                                    "page.mjs",   "page.css",    "vendor.mjs", "package.json"};
  names.push_back(reads == "image" ? "picture.mjs" : reads == "audio" ? "sound.mjs" : "tokenizer.mjs");
  return names;
}

/// Puts values in the places of {{names}}.
std::string filled(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    const std::string place = "{{" + name + "}}";
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size()))
      text.replace(at, place.size(), value);
  }
  return text;
}

}  // namespace

fs::path bundle_folder() {
  std::vector<fs::path> places;
  if (const char* named = std::getenv("LUTHIER_BUNDLE"); named && *named) places.emplace_back(named);
  std::error_code absent;
  const fs::path program = fs::read_symlink("/proc/self/exe", absent).parent_path();
  // A checkout has build/<preset>/bin (or tests), an installation bin beside share.
  places.push_back(program / "../../../resources/bundle");
  places.push_back(program / "../share/luthier/bundle");
  for (const fs::path& place : places)
    if (fs::exists(place / kUsing, absent)) return fs::canonical(place, absent);
  fail(ErrorKind::not_found, "the bundle's programs are missing", places.front().string(),
       "install Luthier again, or name their folder in LUTHIER_BUNDLE");
}

std::string why_no_bundle(const std::string& tokenizer_json) {
  const Json file = parse_json(tokenizer_json, "tokenizer.json");
  for (const auto& [component, known] : known_components()) {
    Json part = object_in(file, component.c_str());
    if (part.empty()) continue;
    if (component == "model") part["type"] = model_type(part);
    std::string type = unknown_type(part, known);
    if (type.empty() && falls_back_to_bytes(part)) type = "BPE with byte_fallback";
    if (!type.empty()) return "its tokenizer's " + component + " is " + type + ", which the programs do not have";
  }
  return {};
}

std::string bundle_loading(const Model& model, const ExportInputs& inputs) {
  const std::string reads = inputs.processors.modality();
  const std::string input = reads == "image" ? "picture.png" : reads == "audio" ? "recording.wav" : "\"some text\"";
  const std::string gives = given_by(model, scoring_for(model, inputs));
  const std::string answer = gives == "text"     ? R"({"answer": ...})"
                             : gives == "number" ? R"({"number": ...})"
                             : gives == "labels" ? R"({"labels": [...], "probabilities": {...}})"
                                                 : R"({"label": ..., "probabilities": {...}})";
  return filled(read_file(bundle_folder() / kUsing), {{"input", input},
                                                      {"answer", answer},
                                                      {"call", reads == "image"   ? "answerPicture"
                                                               : reads == "audio" ? "answerSound"
                                                                                  : "answerText"},
                                                      {"python_input", reads == "text" ? input : "\"" + input + "\""},
                                                      {"python_packages", reads == "text"    ? " tokenizers"
                                                                          : reads == "image" ? " pillow"
                                                                                             : ""},
                                                      {"node_packages", reads == "image" ? " sharp" : ""}});
}

void write_bundle(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  write_onnx(model, inputs, options, folder);
  write_json(folder / "bundle.json", description(model, inputs));
  const fs::path programs = bundle_folder();
  for (const std::string& name : files_for(inputs.processors.modality()))
    write_atomically(folder / name, read_file(programs / name));
}

}  // namespace luthier
