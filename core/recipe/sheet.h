#pragma once
// Writing down a family's parameters from its config.json. One function a family; parameters.cpp has the table.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recipe/parameters.h"

namespace luthier {

/// A whole number from 1 to `most`; bad_input, naming the key, for anything else, and where it is absent without
/// `otherwise`.
std::int64_t sheet_size(const Json& config, const std::string& key, std::optional<std::int64_t> otherwise = {},
                        std::int64_t most = 1 << 26);
bool sheet_flag(const Json& config, const std::string& key, bool otherwise);
double sheet_share(const Json& config, const std::string& key);  ///< a number; 0 where it is absent
std::string sheet_text(const Json& config, const std::string& key, const std::string& otherwise = {});

/// Parameters module by module, in the order of the checkpoint.
class Sheet {
 public:
  using Kind = ParameterOutline::Kind;
  Sheet(const Json& config, std::string head, std::int64_t labels);

  const Json& config;
  const std::string head;
  const std::int64_t labels;
  const bool tied;
  std::vector<ParameterOutline> list;

  void linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias = true, bool in_head = false);
  /// A weight of any shape (convolutions: [out, in, ...]).
  void weight(const std::string& name, std::vector<std::int64_t> shape, Kind kind, bool in_head = false);
  void embedding(const std::string& name, std::int64_t rows, std::int64_t channels);
  void norm(const std::string& name, std::int64_t channels, bool bias = true, bool in_head = false);
  /// The projection to the vocabulary; its weight may be the embedding itself.
  void output(const std::string& name, std::int64_t vocabulary, std::int64_t channels, const std::string& embedding);
  void output_bias(const std::string& name, std::int64_t vocabulary);
};

// One function a family: its parameters and the sizes that memory and time depend on.
void outline_bert(Sheet& sheet);
void outline_roberta(Sheet& sheet);
void outline_distilbert(Sheet& sheet);
void outline_llama(Sheet& sheet);
void outline_gpt2(Sheet& sheet);
void outline_t5(Sheet& sheet);
void outline_wav2vec2(Sheet& sheet);
void outline_whisper(Sheet& sheet);
void outline_resnet(Sheet& sheet);
void outline_efficientnet(Sheet& sheet);
void outline_vit(Sheet& sheet);

ModelSizes encoder_sizes(const Json& config);
ModelSizes distilbert_sizes(const Json& config);
ModelSizes llama_sizes(const Json& config);
ModelSizes gpt2_sizes(const Json& config);
ModelSizes t5_sizes(const Json& config);
ModelSizes wav2vec2_sizes(const Json& config);
ModelSizes whisper_sizes(const Json& config);
ModelSizes resnet_sizes(const Json& config);
ModelSizes efficientnet_sizes(const Json& config);
ModelSizes vit_sizes(const Json& config);

}  // namespace luthier
