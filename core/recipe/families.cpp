#include "recipe/catalog.h"

namespace luthier {

const std::vector<FamilyEntry>& families() {
  static const std::vector<std::string> encoder_heads = {"sequence_classification", "token_classification",
                                                         "masked_lm"};
  static const std::vector<FamilyEntry> table = {
      {"bert", "BERT", {"bert"}, encoder_heads, "Encoder with absolute positions, WordPiece tokens and segment ids."},
      {"roberta",
       "RoBERTa",
       {"roberta", "xlm-roberta", "camembert"},
       encoder_heads,
       "Encoder like BERT, pre-trained longer; positions start after the padding index."},
      {"distilbert",
       "DistilBERT",
       {"distilbert"},
       encoder_heads,
       "BERT with half the layers, distilled: nearly as good and twice as fast."},
      {"llama",
       "Llama",
       {"llama", "qwen2", "mistral"},
       {"causal_lm", "sequence_classification"},
       "Decoder with rotary positions, grouped-query attention and a gated feed-forward; Qwen2 and Mistral too."},
  };
  return table;
}

}  // namespace luthier
