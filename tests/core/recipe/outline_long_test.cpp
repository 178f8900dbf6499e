// The outline against real transformers: every family with every head, names and shapes.
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "recipe/parameters.h"
#include "support/testing.h"

using namespace luthier;

namespace {

struct Case {
  std::string class_name, head;
  Json config;
};

Json encoder(const char* type) {
  return {
      {"model_type", type},      {"vocab_size", 99},         {"hidden_size", 24},    {"num_hidden_layers", 3},
      {"intermediate_size", 56}, {"num_attention_heads", 3}, {"type_vocab_size", 1}, {"max_position_embeddings", 33}};
}

Json decoder(const char* type) {
  return {{"model_type", type},       {"vocab_size", 99},
          {"hidden_size", 24},        {"num_hidden_layers", 3},
          {"intermediate_size", 56},  {"num_attention_heads", 4},
          {"num_key_value_heads", 2}, {"tie_word_embeddings", false}};
}

std::vector<Case> cases() {
  std::vector<Case> all;
  const std::pair<const char*, const char*> encoders[] = {
      {"bert", "Bert"}, {"roberta", "Roberta"}, {"xlm-roberta", "XLMRoberta"}, {"camembert", "Camembert"}};
  const std::pair<const char*, const char*> heads[] = {{"sequence_classification", "ForSequenceClassification"},
                                                       {"token_classification", "ForTokenClassification"},
                                                       {"masked_lm", "ForMaskedLM"}};
  const Json distil = {{"model_type", "distilbert"},
                       {"vocab_size", 99},
                       {"dim", 24},
                       {"n_layers", 3},
                       {"hidden_dim", 56},
                       {"n_heads", 3},
                       {"max_position_embeddings", 33}};
  for (const auto& [head, ending] : heads) {
    for (const auto& [type, prefix] : encoders) all.push_back({std::string(prefix) + ending, head, encoder(type)});
    all.push_back({std::string("DistilBert") + ending, head, distil});
  }
  for (const auto& [type, prefix] : {std::pair{"llama", "Llama"}, {"qwen2", "Qwen2"}, {"mistral", "Mistral"}}) {
    all.push_back({std::string(prefix) + "ForCausalLM", "causal_lm", decoder(type)});
    all.push_back({std::string(prefix) + "ForSequenceClassification", "sequence_classification", decoder(type)});
    all.push_back(all[all.size() - 2]);
    all.back().config["tie_word_embeddings"] = true;
  }
  const Json qwen3 = {{"head_dim", 10}, {"attention_bias", true}};
  for (const auto& [head, ending] : {std::pair{"causal_lm", "ForCausalLM"}, heads[0]}) {
    all.push_back({std::string("Qwen3") + ending, head, decoder("qwen3")});
    all.back().config.update(qwen3);
  }
  const Json gpt2 = {{"model_type", "gpt2"}, {"vocab_size", 99}, {"n_embd", 24},
                     {"n_layer", 3},         {"n_head", 4},      {"n_positions", 33}};
  all.push_back({"GPT2LMHeadModel", "causal_lm", gpt2});
  all.push_back({"GPT2ForSequenceClassification", "sequence_classification", gpt2});
  all.push_back({"GPT2ForTokenClassification", "token_classification", gpt2});
  all.back().config["n_inner"] = 40;
  for (const auto& [type, name] : {std::pair{"t5", "T5"}, {"mt5", "MT5"}}) {
    all.push_back({std::string(name) + "ForConditionalGeneration",
                   "seq2seq_lm",
                   {{"model_type", type},
                    {"vocab_size", 99},
                    {"d_model", 24},
                    {"d_kv", 10},
                    {"d_ff", 40},
                    {"num_layers", 3},
                    {"num_decoder_layers", 2},
                    {"num_heads", 3},
                    {"relative_attention_num_buckets", 12}}});
  }
  all.push_back({"LlamaForCausalLM", "causal_lm", decoder("llama")});
  all.back().config.update({{"attention_bias", true}, {"mlp_bias", true}, {"head_dim", 10}});
  return all;
}

}  // namespace

class OutlineLongTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void agreesWithTransformers() {
    if (!luthier::testing::has_python("transformers")) QSKIP("needs Python's transformers");
    std::string input;
    for (const Case& one : cases()) {
      Json config = one.config;
      config["num_labels"] = 5;
      input += Json{{"class", one.class_name}, {"config", config}}.dump() + "\n";
    }
    const auto result = luthier::testing::run_program(
        {"python3", (luthier::testing::source_folder() / "tests/reference/parameter_shapes.py").string()}, input);
    QVERIFY2(result.exit_code == 0, result.err.c_str());
    std::istringstream lines(result.out);
    for (const Case& one : cases()) {
      std::string line;
      QVERIFY2(std::getline(lines, line), one.class_name.c_str());
      std::map<std::string, std::vector<std::int64_t>> shapes;
      for (const ParameterOutline& parameter : outline_parameters(one.config, one.head, 5))
        if (parameter.tied_to.empty()) shapes[parameter.name] = parameter.shape;
      QCOMPARE(Json(shapes).dump(), Json::parse(line).dump());
    }
  }
};

QTEST_GUILESS_MAIN(OutlineLongTest)
#include "outline_long_test.moc"
