// The grid of LoRA's layers and the shortest way to write a choice; read back with the rules that training uses.
#include "recipe/target_choice.h"

#include <nlohmann/json.hpp>

#include "support/testing.h"

using namespace luthier;
using luthier::testing::write_text;

namespace {

constexpr const char* kBert = R"({"model_type": "bert", "architectures": ["BertForSequenceClassification"],
  "vocab_size": 100, "hidden_size": 16, "num_hidden_layers": 12, "num_attention_heads": 2, "intermediate_size": 32,
  "max_position_embeddings": 64, "type_vocab_size": 2})";
constexpr const char* kLlama = R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 100,
  "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 1,
  "intermediate_size": 32, "max_position_embeddings": 64, "tie_word_embeddings": false})";

ModelOutline outline(const char* config) {
  QTemporaryDir folder;
  const fs::path file = fs::path(folder.path().toStdString()) / "config.json";
  write_text(file, config);
  return outline_model(file);
}

std::set<std::string> taken_by(const ModelOutline& model, const TargetChoice& choice) {
  LoraOptions options;
  options.targets = choice.targets;
  options.targets_is_list = choice.is_list;
  const std::vector<std::string> layers = lora_layers(model, options);
  return {layers.begin(), layers.end()};
}

std::set<std::string> of_rows(const TargetLayout& layout, const std::set<std::string>& names) {
  std::set<std::string> modules;
  for (const TargetRow& row : layout.rows)
    if (names.count(row.name)) modules.insert(row.modules.begin(), row.modules.end());
  return modules;
}

std::vector<std::string> names_of(const TargetLayout& layout) {
  std::vector<std::string> names;
  for (const TargetRow& row : layout.rows) names.push_back(row.name);
  return names;
}

}  // namespace

class TargetChoiceTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void rowsAreNamedByTheirShortestDistinctEnding() {
    const TargetLayout bert = target_layout(outline(kBert));
    QCOMPARE(bert.blocks, 12);
    // "dense" alone is in three places of a block and in the pooler; "output.dense" in two.
    const std::vector<std::string> expected = {
        "query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense", "pooler.dense"};
    QCOMPARE(names_of(bert), expected);
    QVERIFY(bert.rows[0].in_attention && bert.rows[3].in_attention && !bert.rows[4].in_attention);
    QVERIFY(bert.rows[6].outside && !bert.rows[5].outside);
    QCOMPARE(bert.layers(), 12 * 6 + 1);

    const TargetLayout llama = target_layout(outline(kLlama));
    const std::vector<std::string> projections = {"q_proj",    "k_proj",  "v_proj",   "o_proj",
                                                  "gate_proj", "up_proj", "down_proj"};
    QCOMPARE(names_of(llama), projections);
    QCOMPARE(llama.layers(), 21);
  }

  void everyLayerIsAllLinear() {
    const ModelOutline model = outline(kLlama);
    const std::vector<std::string> all = lora_layers(model, LoraOptions{});
    const TargetChoice choice = shortest_targets(model, {all.begin(), all.end()});
    QVERIFY(!choice.is_list);
    QCOMPARE(choice.targets, std::vector<std::string>{"all-linear"});
  }

  void wholeRowsAreAListOfEndings() {
    const ModelOutline model = outline(kLlama);
    const TargetLayout layout = target_layout(model);
    const TargetChoice choice = shortest_targets(model, of_rows(layout, {"q_proj", "v_proj"}));
    QVERIFY(choice.is_list);
    QCOMPARE(choice.targets, (std::vector<std::string>{"q_proj", "v_proj"}));
  }

  void endingsThatWouldTakeMoreAreMadeLongerOrWrittenAsAnExpression() {
    const ModelOutline model = outline(kBert);
    const TargetLayout layout = target_layout(model);
    const TargetChoice attention = shortest_targets(model, of_rows(layout, {"attention.output.dense"}));
    QVERIFY(attention.is_list);
    QCOMPARE(attention.targets, std::vector<std::string>{"attention.output.dense"});
    // "output.dense" would also take "attention.output.dense": no ending names the feed-forward's output alone.
    const std::set<std::string> feed_forward = of_rows(layout, {"output.dense"});
    const TargetChoice expression = shortest_targets(model, feed_forward);
    QVERIFY(!expression.is_list);
    QCOMPARE(taken_by(model, expression), feed_forward);
  }

  void singleCellsAreAnExpression() {
    const ModelOutline model = outline(kBert);
    std::set<std::string> modules;
    for (const std::string& module : lora_layers(model, LoraOptions{}))
      for (const char* wanted :
           {".layer.1.attention.self.query", ".layer.11.attention.self.query", ".layer.11.attention.self.key"})
        if (module.ends_with(wanted)) modules.insert(module);
    QCOMPARE(modules.size(), std::size_t(3));
    const TargetChoice choice = shortest_targets(model, modules);
    QVERIFY(!choice.is_list);
    QCOMPARE(choice.targets.front(),
             R"(bert\.encoder\.layer\.(1|11)\.attention\.self\.query|bert\.encoder\.layer\.11\.attention\.self\.key)");
    QCOMPARE(taken_by(model, choice), modules);
  }

  void aColumnIsOneAlternative() {
    const ModelOutline model = outline(kLlama);
    std::set<std::string> block;
    for (const std::string& module : lora_layers(model, LoraOptions{}))
      if (module.find(".layers.2.") != std::string::npos) block.insert(module);
    const TargetChoice choice = shortest_targets(model, block);
    QCOMPARE(choice.targets.front(),
             R"(model\.layers\.2\.(self_attn\.q_proj|self_attn\.k_proj|self_attn\.v_proj|self_attn\.o_proj|)"
             R"(mlp\.gate_proj|mlp\.up_proj|mlp\.down_proj))");
    QCOMPARE(taken_by(model, choice), block);
  }

  void anyChoiceIsReadBackAsItWasMade() {
    for (const char* config : {kBert, kLlama}) {
      const ModelOutline model = outline(config);
      const std::vector<std::string> all = lora_layers(model, LoraOptions{});
      std::uint32_t state = 7;
      for (int round = 0; round < 60; ++round) {
        std::set<std::string> modules;
        for (const std::string& module : all) {
          state = state * 1664525u + 1013904223u;
          if ((state >> 16) % 8 < std::uint32_t(round % 9)) modules.insert(module);
        }
        QCOMPARE(taken_by(model, shortest_targets(model, modules)), modules);
      }
    }
  }

  void nothingIsAnEmptyList() {
    const TargetChoice choice = shortest_targets(outline(kLlama), {});
    QVERIFY(choice.is_list && choice.targets.empty());
  }
};

QTEST_GUILESS_MAIN(TargetChoiceTest)
#include "target_choice_test.moc"
