#pragma once
// The bidirectional encoder that BERT, RoBERTa and DistilBERT share: they differ in what their parts are called, in
// positions and in a few sizes.
#include <string>
#include <vector>

#include "models/model.h"
#include "models/prompt.h"
#include "nn/activation.h"
#include "nn/adapter_site.h"
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
  std::string attention_site, output_site;  ///< places for bottleneck adapters
};

class EncoderLayer : public torch::nn::Module {
 public:
  EncoderLayer(const EncoderShape& shape, const EncoderNames& names, std::size_t index);
  /// x [B, T, C], keys and values of a prefix [H, P, D] or undefined, mask [B, 1, 1, P + T] or undefined, segments of a
  /// packed row -> [B, T, C]. `kept`, when given, gets the layer's own keys and values.
  Tensor forward(const Tensor& x, const Tensor& prefix_keys, const Tensor& prefix_values, const Tensor& mask,
                 KeyValueCache* kept, const std::vector<std::int64_t>& segments);

 private:
  EncoderShape shape_;
  std::size_t index_;
  std::shared_ptr<nn::Linear> query_, key_, value_, attention_output_, in_, out_;
  std::shared_ptr<nn::LayerNorm> attention_norm_, output_norm_;
  std::shared_ptr<nn::AdapterSite> attention_site_, output_site_;
};

class Encoder : public torch::nn::Module {
 public:
  Encoder(const EncoderShape& shape, const EncoderNames& names);
  /// [B, T, C], with a prompt [B, P + T, C]; an empty cache gets the keys and values of every layer.
  Tensor forward(const Batch& batch, const PassSettings& settings, KeyValueCache* cache);
  const std::shared_ptr<nn::Embedding>& words() const { return words_; }

 private:
  Tensor embed(const Batch& batch, const PassSettings& settings);  // [B, T, C] or [B, P + T, C]
  Tensor positions_of(const Batch& batch, const PassSettings& settings, const Tensor& embedded);

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
