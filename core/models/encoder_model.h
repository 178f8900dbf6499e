#pragma once
// An encoder with one of its three heads. A family is a table of names and sizes on top of it.
#include <optional>

#include "models/encoder.h"

namespace luthier {

/// Sequence classification: out(dropout(activation(dense(x of the first token)))).
struct SentenceHeadNames {
  std::string dense, out;  ///< dotted names from the model's root
  nn::Activation activation = nullptr;
  bool dropout_before_dense = false;
};

/// Masked LM: decoder(norm(activation(dense(x)))), the decoder tied to the word embedding.
struct MaskedLmNames {
  std::string dense, norm, decoder;
  std::string bias_at;  ///< module that also holds the decoder's bias as "bias"; empty: the decoder itself alone
  nn::Activation activation = nullptr;
};

struct EncoderFamily {
  std::string family, prefix;  ///< catalog kind; name of the encoder below the model's root
  EncoderShape shape;
  EncoderNames names;
  SentenceHeadNames sentence;
  MaskedLmNames masked_lm;
  double sentence_dropout = 0, token_dropout = 0;
};

class EncoderModel : public Model {
 public:
  EncoderModel(Json config, Head head, std::vector<std::string> labels, EncoderFamily family);

  bool can_pack() const override { return head_ != Head::sequence_classification; }
  Tensor hidden(const Batch& batch, KeyValueCache* cache) override;
  PromptPlaces prompt_places() const override;
  Tensor head(const Tensor& hidden, const Batch& batch) override;
  Tensor token_logits(const Tensor& rows) override;
  Tensor output_rows(const Tensor& rows) override;
  Tensor output_weight() override;
  Tensor output_bias() override;
  Tensor input_embedding() override { return encoder_->words()->weight; }
  void set_vocabulary(std::int64_t size) override;
  std::vector<std::string> head_modules() const override;

 private:
  void make_head();

  EncoderFamily parts_;
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<nn::Linear> dense_;  ///< sequence classification and masked LM
  std::shared_ptr<nn::LayerNorm> norm_;
  std::shared_ptr<nn::Linear> out_;  ///< the layer that makes the logits
};

/// What BERT and RoBERTa read from config.json alike.
EncoderShape bert_shape(const Json& config, double dropout);
EncoderNames bert_names();

}  // namespace luthier
