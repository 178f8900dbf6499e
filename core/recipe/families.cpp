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
       {"llama", "qwen2", "qwen3", "mistral"},
       {"causal_lm", "sequence_classification"},
       "Decoder with rotary positions, grouped-query attention and a gated feed-forward; Qwen and Mistral too."},
      {"gpt2",
       "GPT-2",
       {"gpt2"},
       {"causal_lm", "sequence_classification", "token_classification"},
       "Decoder with learned positions and plain attention: small, old and well understood."},
      {"t5",
       "T5",
       {"t5", "mt5"},
       {"seq2seq_lm"},
       "Encoder and decoder with relative positions: turns one text into another; T5 1.1, Flan-T5 and mT5 too."},
  };
  return table;
}

}  // namespace luthier
