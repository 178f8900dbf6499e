#pragma once
// Opening what was exported (or any model folder with an adapter) from the disk alone.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/processors.h"
#include "models/model.h"
#include "recipe/recipe.h"
#include "text/tokenizer.h"

namespace luthier {

/// What Luthier remembers of a trained model beside what the format has a place for: <folder>/luthier.json.
struct ArtefactNotes {
  std::string format;
  Head head = Head::sequence_classification;
  std::vector<std::string> labels;  ///< by id; empty for language models
  std::int64_t max_tokens = 0;      ///< longer texts were cut in training; 0: unknown
  std::string objective_json{};     ///< as the recipe writes it; empty: unknown
  double longest_seconds = 0;       ///< longer recordings were cut in training; 0: unknown
  /// An adapter that was trained beside quantised weights, which it is opened with again; nullopt: in full precision.
  std::optional<nn::QuantiseOptions> quantisation{};
};
void write_notes(const std::filesystem::path& folder, const ArtefactNotes& notes);
std::optional<ArtefactNotes> read_notes(const std::filesystem::path& folder);  ///< nullopt when there is no file

struct Artefact {
  std::shared_ptr<Model> model;          ///< on the CPU, in evaluation mode, adapters attached
  std::unique_ptr<Tokenizer> tokenizer;  ///< none where the model reads images or recordings and writes no text
  Processors processors;
  ObjectiveOptions objective;           ///< as trained, else what head and problem_type say
  double longest_seconds = 30;          ///< of recordings
  std::filesystem::path base, adapter;  ///< folders; adapter may be empty
  std::int64_t max_tokens = 0;          ///< as trained, else what the model can read, at most 512
};

/// `folder` is a model folder, one with an adapter in its folder "adapter", or a PEFT adapter folder whose
/// adapter_config.json names the base model. With `adapter`
/// (a PEFT folder) that is attached to the model in `folder`. `head`: where the folders leave it open, and otherwise a
/// check. Errors: not_found for missing folders; bad_input when a weight that counts is on no disk (an untrained head,
/// say).
Artefact open_artefact(const std::filesystem::path& folder, const std::filesystem::path& adapter = {},
                       std::optional<Head> head = std::nullopt);

/// What a model without notes was most probably trained for.
ObjectiveOptions objective_of(const Model& model);

/// The base model's folder that a PEFT folder names; relative paths start at the adapter's folder.
std::filesystem::path base_of_adapter(const std::filesystem::path& adapter);

}  // namespace luthier
