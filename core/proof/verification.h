#pragma once
// One check for every format: what an artefact computes from the disk alone, against what the live model computed when
// it was exported. The files of <artefact>/proof are described in export/proof.h.
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "proof/answers.h"

namespace luthier {

/// Told what is being done and which share of it is done (negative: not known). May throw Error(cancelled).
using ProofProgress = std::function<void(const std::string& stage, double share)>;

/// A held-out row as rows.json holds it.
struct HeldOutRow {
  std::string text, text_pair, target;
  std::string media;                    ///< a file, or empty
  std::vector<std::int64_t> ids;        ///< what the exporting process's tokenizer made of it
  std::vector<std::int64_t> positions;  ///< whose logits are compared; empty where rows have one row of logits
  /// Language models: what is computed, written as the model was trained on it, which no tokenizer makes of `text`
  /// alone (encoder-decoders: what the decoder is to write). Empty: `ids` (`target`).
  std::vector<std::int64_t> tokens;
  std::vector<double> truth;  ///< see proof/scoring.h; empty: not known

  /// What is computed: `tokens`, or where there are none what a tokenizer made of the row.
  const std::vector<std::int64_t>& computed(const std::vector<std::int64_t>& tokenized) const {
    return tokens.empty() ? tokenized : tokens;
  }
};

/// A row of rows.json; its file, if it has one, lies in the folder of rows.json, whatever is written there.
HeldOutRow held_out_row(const Json& row, const std::filesystem::path& folder);

struct RowResult {
  std::vector<std::int64_t> ids;  ///< by the artefact's own tokenizer
  std::vector<float> logits;      ///< of `tokens` where the row has them; [positions, width], or [width]
};

/// Whatever computes an artefact in its next home: LibTorch, libllama, ONNX Runtime.
class ArtefactRunner {
 public:
  virtual ~ArtefactRunner() = default;
  virtual RowResult run(const HeldOutRow& row) = 0;
  /// Of models that write text; encoder-decoders read the row before. unsupported elsewhere.
  virtual std::vector<std::int64_t> answer(const HeldOutRow& row, const AnswerTask& task);
  /// What turns messages into text for whoever uses the artefact, as the artefact holds it; "" where it has none.
  virtual std::string chat_template() { return {}; }
  /// The first layer that gives something else than it gave when the row was exported, by its name in the checkpoint;
  /// "" where that cannot be told. `prints` as export/layer_prints.h writes them, `limit` relative to a layer's
  /// largest.
  virtual std::string first_layer_apart(const HeldOutRow& row, const Json& prints, double limit) {
    (void)row, (void)prints, (void)limit;
    return {};
  }
};

struct ArtefactFormat {
  std::function<std::unique_ptr<ArtefactRunner>(const std::filesystem::path& folder, const Json& reference)> open;
  std::function<std::map<std::string, std::string>(const std::filesystem::path& folder)> checksums;
  /// Of what lies elsewhere: the base model of an adapter. May be empty.
  std::function<std::map<std::string, std::string>(const std::filesystem::path& folder)> base_checksums;
};

/// Checks the artefact, writes proof.json anew and returns it: {"passed": ..., ...}. A difference is no error.
Json verify_artefact(const std::filesystem::path& folder, const ArtefactFormat& format,
                     const ProofProgress& progress = {});

/// "gguf", "huggingface" ...: what was exported there; not_found where nothing was.
std::string format_of_artefact(const std::filesystem::path& folder);

/// Bytes of all files below `folder`, without the proof's own.
std::uint64_t artefact_bytes(const std::filesystem::path& folder);

/// "2026-01-31T14:25:01Z", now.
std::string utc_now();

}  // namespace luthier
