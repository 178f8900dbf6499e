#pragma once
// One interface for every family and head. Sub-modules carry the names that Hugging Face checkpoints use, so that
// loading and saving need no map.
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace luthier {

using at::Tensor;

/// The kinds of head, named as in the catalog of families.
enum class Head { sequence_classification, token_classification, masked_lm, causal_lm };
std::string to_string(Head head);
Head head_from(const std::string& text);

struct Batch {
  Tensor input_ids;       ///< [B, T] int64
  Tensor attention_mask;  ///< [B, T] bool, true = token; undefined when nothing is padding
  Tensor token_type_ids;  ///< [B, T] int64; undefined: all 0
};

/// Keys and values of the tokens seen so far, per layer: [B, H_kv, T_seen, D]. Made empty; a model fills it.
struct KeyValueCache {
  std::vector<Tensor> keys, values;
  std::int64_t length() const { return keys.empty() || !keys[0].defined() ? 0 : keys[0].size(2); }
};

class Model : public torch::nn::Module {
 public:
  ~Model() override;
  /// Last hidden state [B, T, C] (after the final norm). With a cache (causal families only): input_ids are the new
  /// tokens, the mask covers the cached ones too.
  virtual Tensor hidden(const Batch& batch, KeyValueCache* cache = nullptr) = 0;
  /// Logits from the last hidden state: [B, L] for sequence classification, else [B, T, L or V].
  virtual Tensor head(const Tensor& hidden, const Batch& batch) = 0;
  /// Token-wise heads alone: rows of hidden states [N, C] -> [N, L or V].
  virtual Tensor token_logits(const Tensor& rows) = 0;
  /// Language-model heads alone, for losses that never make all logits: what `output_weight` multiplies, [N, C] -> [N,
  /// C], then logits = output_rows(rows) @ output_weight()^T + output_bias().
  virtual Tensor output_rows(const Tensor& rows);
  virtual Tensor output_weight();  ///< [V, C]; undefined without a language-model head
  virtual Tensor output_bias();    ///< [V] or undefined
  /// The token embedding matrix [V, C]; grown or replaced through set_vocabulary.
  virtual Tensor input_embedding() = 0;
  /// Grows (never shrinks) the embedding and everything tied to it or sized by it: new rows are the mean of the old
  /// ones.
  virtual void set_vocabulary(std::int64_t size) = 0;

  Tensor logits(const Batch& batch) { return head(hidden(batch), batch); }

  const Json& config() const { return *config_; }  ///< config.json as it will be saved
  Json& mutable_config() { return *config_; }
  const std::string& family() const { return family_; }  ///< catalog kind: "bert", "llama", ...
  Head head_kind() const { return head_; }
  std::int64_t vocabulary() const;     ///< config's vocab_size
  std::int64_t max_positions() const;  ///< longest input in tokens (RoBERTa: less its two offsets)
  const std::vector<std::string>& label_names() const { return labels_; }
  bool is_causal() const { return head_ == Head::causal_lm || family_ == "llama"; }
  /// Top-level modules that make up the head ("classifier", "pooler" is not one): feature extraction trains these.
  virtual std::vector<std::string> head_modules() const = 0;

  /// Names as in the checkpoint with their parameters; tied ones once (under the first name).
  std::vector<std::pair<std::string, Tensor>> unique_parameters() const;

 protected:
  Model(Json config, std::string family, Head head, std::vector<std::string> labels);
  std::shared_ptr<Json> config_;
  std::string family_;
  Head head_;
  std::vector<std::string> labels_;
};

struct LoadOptions {
  Head head = Head::sequence_classification;
  /// Label names wanted; empty: the checkpoint's own. When they differ from the checkpoint's in number or names, the
  /// head is drawn anew.
  std::vector<std::string> labels;
  bool from_config = false;  ///< draw all weights anew
  std::uint64_t seed = 0;    ///< for whatever is drawn
  double dropout = -1;       ///< >= 0: overrides every dropout of the config
};

struct LoadReport {
  std::vector<std::string> drawn;   ///< parameters not in the checkpoint, initialised
  std::vector<std::string> unused;  ///< checkpoint tensors that the model has no place for
  bool new_head = false;
};

/// Opens a Hugging Face folder (config.json, safetensors), fp32, on the CPU, in evaluation mode. Weights are mapped,
/// not copied, where type and alignment allow. Errors: unknown model_type (unsupported), shapes that differ from the
/// config (bad_input, names the tensor), remote code and pickles (unsupported, with the way out).
std::shared_ptr<Model> load_model(const std::filesystem::path& folder, const LoadOptions& options,
                                  LoadReport* report = nullptr);
/// The head that config.json's "architectures" names; sequence_classification when it names none that we know.
Head head_of_config(const Json& config);

/// Writes config.json and model.safetensors (names and config as transformers writes them; `precision` fp32, fp16 or
/// bf16); adapters must have been merged or removed before (internal error otherwise).
void save_model(const Model& model, const std::filesystem::path& folder, const std::string& precision = "fp32");

/// One family: makes the modules, uninitialised. Defined in the family's file, listed in models/families.cpp.
using MakeModel = std::shared_ptr<Model> (*)(const Json& config, Head head, const std::vector<std::string>& labels,
                                             double dropout);

}  // namespace luthier
