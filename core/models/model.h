#pragma once
// One interface for every family and head. Sub-modules carry the names that Hugging Face checkpoints use, so that
// loading and saving need no map.
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "nn/quantised.h"

namespace luthier {

using at::Tensor;

/// The kinds of head, named as in the catalog of families.
enum class Head {
  sequence_classification,
  token_classification,
  masked_lm,
  causal_lm,
  seq2seq_lm,
  ctc,
  image_classification,
  audio_classification
};
std::string to_string(Head head);
Head head_from(const std::string& text);
/// One row of logits for a whole text, image or recording.
bool classifies_rows(Head head);
/// The ending of transformers' class names, and the one that a family uses: ForConditionalGeneration for seq2seq_lm.
std::string head_class(Head head, const std::string& class_prefix);

/// What a model reads, named as in transformers. Text, an image or a recording; padded on the right unless said.
struct Batch {
  Tensor input_ids;             ///< [B, T] int64
  Tensor attention_mask;        ///< [B, T] (speech: [B, S]) bool, true = token; undefined when nothing is padding
  Tensor token_type_ids;        ///< [B, T] int64; undefined: all 0
  Tensor pixel_values;          ///< [B, 3, height, width] fp32
  Tensor input_values;          ///< [B, S] fp32, a waveform
  Tensor input_features;        ///< [B, M, F] fp32, a log-mel spectrogram: bands by frames
  Tensor decoder_input_ids;     ///< [B, U] int64, encoder-decoders only
  Tensor encoder_states;        ///< what Model::encode gave for this batch; undefined: the encoder runs
  bool virtual_tokens = false;  ///< prompt tuning: hidden states of the learned tokens come before the others'
  /// Packed rows: input_ids is [1, T] and holds texts of so many tokens one after another, none of which sees another.
  /// Empty: rows are rows. Only models that can_pack() take it.
  std::vector<std::int64_t> segments = {};

  const Tensor& input() const;  ///< the one of the inputs that is there: what has rows and a device
  Batch to(at::Device device) const;
};

/// Keys and values of the tokens seen so far, per layer: [B, H_kv, T_seen, D]; for encoder-decoders also those of the
/// encoder's states. Made empty; a model fills it.
struct KeyValueCache {
  std::vector<Tensor> keys, values, cross_keys, cross_values;
  std::int64_t length() const { return keys.empty() || !keys[0].defined() ? 0 : keys[0].size(2); }
};

class Prompt;
struct PassSettings;
struct PromptPlaces;

class Model : public torch::nn::Module {
 public:
  ~Model() override;
  /// Last hidden state as head() takes it: [B, T, C] after the final norm; of encoder-decoders the decoder's [B, U, C];
  /// of convolutional networks the last feature map [B, C, h, w]. With a cache: input_ids (or decoder_input_ids) are
  /// the new tokens, a decoder-only model's mask covers the cached ones too; encoders of text only fill it. Learned
  /// tokens of a prompt stand before a row's own; their states are left out, but for encoders whose head reads the
  /// first one.
  virtual Tensor hidden(const Batch& batch, KeyValueCache* cache = nullptr) = 0;
  /// Encoder-decoders only: the encoder's last hidden state [B, T, C].
  virtual Tensor encode(const Batch& batch);
  virtual bool is_encoder_decoder() const { return false; }
  /// Logits from the last hidden state: [B, L] where classifies_rows(head_kind()), else [B, T, L or V].
  virtual Tensor head(const Tensor& hidden, const Batch& batch) = 0;
  /// Token-wise heads alone: rows of hidden states [N, C] -> [N, L or V].
  virtual Tensor token_logits(const Tensor& rows);
  /// CTC only: how many frames of each row's logits are not padding, [B] int64.
  virtual Tensor frame_lengths(const Batch& batch, std::int64_t frames);
  /// Language-model heads alone, for losses that never make all logits: what `output_weight` multiplies, [N, C] -> [N,
  /// C], then logits = output_rows(rows) @ output_weight()^T + output_bias().
  virtual Tensor output_rows(const Tensor& rows);
  virtual Tensor output_weight();  ///< [V, C]; undefined without a language-model head
  virtual Tensor output_bias();    ///< [V] or undefined
  /// The token embedding matrix [V, C]; grown or replaced through set_vocabulary. Undefined for models that read no
  /// tokens.
  virtual Tensor input_embedding();
  /// Grows (never shrinks) the embedding and everything tied to it or sized by it: new rows are the mean of the old
  /// ones. Internal error for models without tokens.
  virtual void set_vocabulary(std::int64_t size);

  Tensor logits(const Batch& batch) { return head(hidden(batch), batch); }

  const Json& config() const { return *config_; }  ///< config.json as it will be saved
  Json& mutable_config() { return *config_; }
  const std::string& family() const { return family_; }  ///< catalog kind: "bert", "llama", ...
  Head head_kind() const { return head_; }
  std::int64_t vocabulary() const;             ///< config's vocab_size
  virtual std::int64_t max_positions() const;  ///< longest input in tokens (RoBERTa: less its two offsets)
  const std::vector<std::string>& label_names() const { return labels_; }
  virtual bool is_causal() const { return head_ == Head::causal_lm; }  ///< a token sees only those before it
  /// Learned tokens before every row, registered as "prompt_encoder"; nullptr takes them away. They must fit into
  /// prompt_places() (internal error).
  void set_prompt(std::shared_ptr<Prompt> prompt);
  const std::shared_ptr<Prompt>& prompt() const { return prompt_; }
  void set_prompt_active(bool active) { prompt_active_ = active; }  ///< inactive: as if there were none
  std::int64_t prompt_tokens() const;                               ///< that stand before every row now; 0: none
  virtual PromptPlaces prompt_places() const;
  /// Layers' activations are made again in the backward pass instead of being kept.
  void set_recompute(bool recompute) { recompute_ = recompute; }
  /// NEFTune's alpha: noise on embeddings of tokens in training; 0: none.
  void set_embedding_noise(double alpha) { embedding_noise_ = alpha; }
  virtual bool can_pack() const { return false; }  ///< whether Batch::segments is understood
  /// Top-level modules that make up the head ("classifier", "pooler" is not one): feature extraction trains these.
  virtual std::vector<std::string> head_modules() const = 0;

  /// Names as in the checkpoint with their parameters; tied ones once (under the first name).
  std::vector<std::pair<std::string, Tensor>> unique_parameters() const;

 protected:
  Model(Json config, std::string family, Head head, std::vector<std::string> labels);
  PassSettings pass_settings() const;  ///< for one forward pass
  std::shared_ptr<Json> config_;
  std::string family_;
  Head head_;
  std::vector<std::string> labels_;

 private:
  std::shared_ptr<Prompt> prompt_;
  bool prompt_active_ = true, recompute_ = false;
  double embedding_noise_ = 0;
};

/// How the linear layers below the head are kept in few bits (QLoRA), and the modules that stay in full precision,
/// because they train: endings of names, as in modules_to_save.
struct Quantisation {
  nn::QuantiseOptions options;
  std::vector<std::string> keep;
};

struct LoadOptions {
  Head head = Head::sequence_classification;
  /// Label names wanted; empty: the checkpoint's own. When they differ from the checkpoint's in number or names, the
  /// head is drawn anew.
  std::vector<std::string> labels;
  bool from_config = false;  ///< draw all weights anew
  std::uint64_t seed = 0;    ///< for whatever is drawn
  double dropout = -1;       ///< >= 0: overrides every dropout of the config
  /// Quantises each layer as it is read, so that the model is never held in full precision. unsupported for models
  /// without linear layers below their head.
  std::optional<Quantisation> quantisation;
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

/// Turns a stored tensor's name into the module tree's (older spellings). See FamilyModules.
using Rename = std::string (*)(const std::string& name);

/// One family: makes the modules, uninitialised. Defined in the family's file, listed in models/families.cpp.
using MakeModel = std::shared_ptr<Model> (*)(const Json& config, Head head, const std::vector<std::string>& labels,
                                             double dropout);

}  // namespace luthier
