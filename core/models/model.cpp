#include "models/model.h"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/error.h"
#include "models/config.h"
#include "models/prompt.h"

namespace luthier {

namespace {
constexpr std::pair<Head, const char*> kHeads[] = {{Head::sequence_classification, "sequence_classification"},
                                                   {Head::token_classification, "token_classification"},
                                                   {Head::masked_lm, "masked_lm"},
                                                   {Head::causal_lm, "causal_lm"},
                                                   {Head::seq2seq_lm, "seq2seq_lm"},
                                                   {Head::ctc, "ctc"},
                                                   {Head::image_classification, "image_classification"},
                                                   {Head::audio_classification, "audio_classification"}};

[[noreturn]] void has_none(const Model& model, const char* what) {
  fail(ErrorKind::internal, "a " + model.family() + " has no " + what);
}
}  // namespace

std::string to_string(Head head) {
  for (const auto& [value, name] : kHeads)
    if (value == head) return name;
  fail(ErrorKind::internal, "unknown head");
}

Head head_from(const std::string& text) {
  std::string known;
  for (const auto& [value, name] : kHeads) {
    if (text == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  fail(ErrorKind::bad_input, "there is no head \"" + text + "\"", {}, "known are " + known);
}

bool classifies_rows(Head head) {
  return head == Head::sequence_classification || head == Head::image_classification ||
         head == Head::audio_classification;
}

std::string head_class(Head head, const std::string& class_prefix) {
  const bool gpt2 = class_prefix == "GPT2";
  switch (head) {
    case Head::sequence_classification:
      return "ForSequenceClassification";
    case Head::token_classification:
      return "ForTokenClassification";
    case Head::masked_lm:
      return "ForMaskedLM";
    case Head::causal_lm:
      return gpt2 ? "LMHeadModel" : "ForCausalLM";
    case Head::seq2seq_lm:
      return "ForConditionalGeneration";
    case Head::ctc:
      return "ForCTC";
    case Head::image_classification:
      return "ForImageClassification";
    case Head::audio_classification:
      return class_prefix == "Wav2Vec2" ? "ForSequenceClassification" : "ForAudioClassification";
  }
  fail(ErrorKind::internal, "unknown head");
}

const Tensor& Batch::input() const {
  for (const Tensor* one : {&input_ids, &pixel_values, &input_values, &input_features, &encoder_states})
    if (one->defined()) return *one;
  fail(ErrorKind::internal, "a batch without any input");
}

Batch Batch::to(at::Device device) const {
  Batch moved = *this;
  for (Tensor* one : {&moved.input_ids, &moved.attention_mask, &moved.token_type_ids, &moved.pixel_values,
                      &moved.input_values, &moved.input_features, &moved.decoder_input_ids, &moved.encoder_states})
    if (one->defined()) *one = one->to(device, /*non_blocking=*/true);
  return moved;
}

Model::Model(Json config, std::string family, Head head, std::vector<std::string> labels)
    : config_(std::make_shared<Json>(std::move(config))),
      family_(std::move(family)),
      head_(head),
      labels_(std::move(labels)) {}

Model::~Model() = default;

Tensor Model::encode(const Batch&) { has_none(*this, "encoder apart"); }
Tensor Model::token_logits(const Tensor&) { has_none(*this, "head for tokens"); }
Tensor Model::frame_lengths(const Batch&, std::int64_t) { has_none(*this, "frames"); }
Tensor Model::input_embedding() { return {}; }
void Model::set_vocabulary(std::int64_t) { has_none(*this, "vocabulary"); }
Tensor Model::output_rows(const Tensor& rows) { return rows; }
Tensor Model::output_weight() { return {}; }
Tensor Model::output_bias() { return {}; }

void Model::set_prompt(std::shared_ptr<Prompt> prompt) {
  if (prompt_) unregister_module("prompt_encoder");
  prompt_.reset();
  prompt_active_ = true;
  if (!prompt) return;
  const PromptPlaces places = prompt_places();
  const bool fits = prompt->kind() == Prompt::Kind::embeddings
                        ? places.embeddings
                        : places.layers > 0 && prompt->values().size(1) == 2 * places.layers * places.row_channels();
  if (!fits) fail(ErrorKind::internal, "a " + family_ + " has no place for this prompt");
  prompt_ = register_module("prompt_encoder", std::move(prompt));
}

std::int64_t Model::prompt_tokens() const { return prompt_ && prompt_active_ ? prompt_->tokens() : 0; }
PromptPlaces Model::prompt_places() const { return {}; }

PassSettings Model::pass_settings() const {
  PassSettings settings;
  settings.recompute = recompute_;
  if (is_training()) settings.embedding_noise = embedding_noise_;
  if (prompt_tokens() == 0) return settings;
  if (prompt_->kind() == Prompt::Kind::embeddings)
    settings.prompt = prompt_->values();
  else
    cut_prefix(prompt_->values(), prompt_places(), is_encoder_decoder(), settings);
  return settings;
}

std::int64_t Model::vocabulary() const { return config_size(*config_, "vocab_size"); }

std::int64_t Model::max_positions() const {
  const std::int64_t positions = config_size(*config_, "max_position_embeddings", 512);
  if (family_ != "roberta") return positions;
  // RoBERTa numbers its tokens from the padding index + 1 on.
  const auto padding = config_->find("pad_token_id");
  const std::int64_t offset =
      padding != config_->end() && padding->is_number_integer() ? padding->get<std::int64_t>() + 1 : 0;
  return std::max<std::int64_t>(1, positions - offset);
}

std::vector<std::pair<std::string, Tensor>> Model::unique_parameters() const {
  std::vector<std::pair<std::string, Tensor>> unique;
  std::unordered_set<const c10::TensorImpl*> seen;
  for (const auto& parameter : named_parameters())
    if (seen.insert(parameter.value().unsafeGetTensorImpl()).second)
      unique.emplace_back(parameter.key(), parameter.value());
  return unique;
}

}  // namespace luthier
