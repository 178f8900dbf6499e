#pragma once
// The bidirectional encoder that BERT, RoBERTa and DistilBERT share: they differ in what their parts are called, in
// positions and in a few sizes.
#include <string>
#include <vector>

#include "models/model.h"
#include "nn/activation.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/norm.h"

namespace luthier {

struct EncoderShape {
  std::int64_t vocabulary = 0, channels = 0, layers = 0, heads = 0, feed_forward = 0, positions = 0;
  std::int64_t segments = 0;             ///< rows of the token type embedding; 0: there is none
  std::int64_t padding = -1;             ///< row of the padding token; -1: none
  bool positions_after_padding = false;  ///< RoBERTa: tokens are numbered from padding + 1, padding stays there
  double epsilon = 1e-12;
  nn::Activation activation = nullptr;
  double hidden_dropout = 0, attention_dropout = 0;
  bool dropout_after_attention = true;
};

/// Where a family keeps the parts, as dotted names below the encoder module ("layers") or below one layer (the rest).
struct EncoderNames {
  std::string layers;
  std::string query, key, value, attention_output, attention_norm, feed_forward_in, feed_forward_out, output_norm;
};

class EncoderLayer : public torch::nn::Module {
 public:
  EncoderLayer(const EncoderShape& shape, const EncoderNames& names);
  Tensor forward(const Tensor& x, const Tensor& mask);  // [B, T, C], mask [B, 1, 1, T] or undefined -> [B, T, C]

 private:
  EncoderShape shape_;
  std::shared_ptr<nn::Linear> query_, key_, value_, attention_output_, in_, out_;
  std::shared_ptr<nn::LayerNorm> attention_norm_, output_norm_;
};

class Encoder : public torch::nn::Module {
 public:
  Encoder(const EncoderShape& shape, const EncoderNames& names);
  Tensor forward(const Batch& batch);  // [B, T, C]
  const std::shared_ptr<nn::Embedding>& words() const { return words_; }

 private:
  Tensor embed(const Batch& batch);  // [B, T, C]

  EncoderShape shape_;
  std::shared_ptr<nn::Embedding> words_, positions_, segments_;
  std::shared_ptr<nn::LayerNorm> norm_;
  std::vector<std::shared_ptr<EncoderLayer>> layers_;
};

/// Registers `part` below `root` under a dotted name, with empty modules for the names in between.
void add_part(torch::nn::Module& root, const std::string& dotted, std::shared_ptr<torch::nn::Module> part);

template <class Part, class... Arguments>
std::shared_ptr<Part> add(torch::nn::Module& root, const std::string& dotted, Arguments... arguments) {
  auto part = std::make_shared<Part>(arguments...);
  add_part(root, dotted, part);
  return part;
}

}  // namespace luthier
