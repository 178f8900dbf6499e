#pragma once
// Writing a trained model for its next home, with a proof: another process loads only what is on the disk and must
// compute what the model in memory computes.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/processors.h"
#include "models/model.h"
#include "proof/verification.h"
#include "recipe/recipe.h"
#include "text/tokenizer.h"

namespace luthier {

/// A held-out row for the proof: raw texts, tokenised by the artefact's own tokenizer, or an image or recording, which
/// the artefact's own processor reads.
struct ProofRow {
  std::string text, text_pair;
  std::string target{};                     ///< encoder-decoders: what the decoder is given
  std::string media_path{}, media_bytes{};  ///< a file, or else the encoded file itself
  /// Language models: the row as they are trained on it; of encoder-decoders the target. Empty: not known.
  std::vector<std::int64_t> tokens{};
  std::vector<double> truth{};  ///< see proof/scoring.h; empty: not known
};
/// Of rows of a split that `model` was trained beside; `prefix` is put before their texts.
std::vector<ProofRow> proof_rows(const Model& model, const EncodedSplit& split, std::int64_t count,
                                 const std::string& prefix);
/// How the model's answers are judged: a name of proof/scoring.h; "" where they are not.
std::string truth_kind(const Model& model);

constexpr std::int64_t kProofRows = 64;  ///< the first ones of the held-out rows, which a proof compares at most
/// How many held-out rows an export reads at most: the proof's, and behind them those that activation ranges are found
/// on.
std::int64_t rows_of_export(const ExportOptions& options);

/// Told what is being done and which share of it is done (negative: not known). May throw Error(cancelled): then
/// nothing stays on the disk. It is called several times a second.
using ExportProgress = ProofProgress;

struct ExportInputs {
  const Tokenizer* tokenizer;        ///< nullptr: the model reads no tokens
  std::filesystem::path base_model;  ///< the folder the run started from
  std::string run_name;
  std::string recipe_json, metrics_json;  ///< for the model card; may be empty
  std::vector<ProofRow> proof_rows;       ///< rows_of_export() of them; empty: the proof says so and does not pass
  std::int64_t max_tokens = 128;
  ExportProgress progress{};  ///< may be empty
  Processors processors{};    ///< of images and recordings
  std::string data_json{};    ///< what the data is like, as engine/data_profile.h writes it; for the card; may be empty
  std::string origin{};       ///< a sentence for the card where the model was not trained but merged; may be empty
};

struct Exported {
  std::string format;
  std::filesystem::path path;
  bool proven = false;
  std::string proof_json;  ///< what stands in <path>/proof.json
};

/// Refuses what a format cannot hold, and options that it does not have, before any work is done: unsupported, with
/// what to choose instead. `tokenizer`: looked at where a format does not take every one; nullptr: it is not known yet,
/// or there is none.
void check_export(const Model& model, const ExportOptions& options, const Tokenizer* tokenizer = nullptr);

/// Writes options.format into `target` (a folder that must not exist, be empty or, with `overwrite`, hold an earlier
/// export): everything into a temporary folder beside it, renamed at the end, then proves it in a process of its own.
/// The model is left as it was (adapters attached). A failed proof is no exception: the artefact stays, `proven` is
/// false and proof.json says what differs. Where an error ends it, everything is as it was before. Room on the disk,
/// the place and the weights are looked at before any work. Errors: conflict (there is something at the target),
/// bad_input (weights that are not finite, a path that is too long, no rows to find activation ranges on), unsupported,
/// disk_full, io, cancelled.
Exported export_model(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                      const std::filesystem::path& target);

/// Re-computes and checks the proof of an artefact from its disk content alone (`luthier-cli export --verify PATH`);
/// writes proof.json anew and returns whether it holds.
bool verify_export(const std::filesystem::path& path, std::string* proof_json = nullptr,
                   const ExportProgress& progress = {});

}  // namespace luthier
