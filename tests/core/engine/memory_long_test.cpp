// The estimate of memory against what a dry step measures: configurations drawn from the catalogs by a seed, each in a
// process of its own. Prints every one of them. LUTHIER_SEED draws others, LUTHIER_DRAWN more or fewer.
#include <QProcess>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "models/model.h"
#include "recipe/catalog.h"
#include "recipe/packing.h"
#include "recipe/support.h"
#include "support/media_files.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

constexpr int kDrawn = 15, kWanted = 12;  // within 10% of the measured peak
constexpr double kTolerance = 0.10;

const std::vector<std::string> kWords = {"red", "blue", "small", "large", "cat", "dog", "one", "two"};

void write_tokenizer(const fs::path& folder) {
  Json vocabulary = {{"<pad>", 0}, {"</s>", 1}, {"<unk>", 2}, {"<mask>", 3}};
  for (const std::string& word : kWords) vocabulary[word] = vocabulary.size();
  Json added = Json::array();
  for (const char* text : {"<pad>", "</s>", "<unk>", "<mask>"})
    added.push_back({{"id", vocabulary[text]},
                     {"content", text},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  const Json close = {{"SpecialToken", {{"id", "</s>"}, {"type_id", 0}}}};
  const Json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, pair = {{"Sequence", {{"id", "B"}, {"type_id", 0}}}};
  const Json special = {{"</s>", {{"id", "</s>"}, {"ids", {1}}, {"tokens", {"</s>"}}}}};
  const Json tokenizer = {{"version", "1.0"},
                          {"added_tokens", added},
                          {"normalizer", nullptr},
                          {"pre_tokenizer", {{"type", "Whitespace"}}},
                          {"post_processor",
                           {{"type", "TemplateProcessing"},
                            {"single", {text, close}},
                            {"pair", {text, close, pair, close}},
                            {"special_tokens", special}}},
                          {"decoder", nullptr},
                          {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "<unk>"}}}};
  write_text(folder / "tokenizer.json", tokenizer.dump());
  write_text(folder / "tokenizer_config.json", Json{{"tokenizer_class", "PreTrainedTokenizerFast"},
                                                    {"pad_token", "<pad>"},
                                                    {"mask_token", "<mask>"},
                                                    {"eos_token", "</s>"}}
                                                   .dump());
}

struct Size {
  int channels = 256, layers = 6, tokens = 128;
};

/// A model of a few million weights; null for a family that nobody wrote one for.
Json config_of(const std::string& family, const Size& size) {
  const int heads = size.channels / 64, inner = 4 * size.channels, vocabulary = 4000, positions = 2 * size.tokens + 80;
  if (family == "bert" || family == "roberta")
    return {{"model_type", family},
            {"hidden_size", size.channels},
            {"num_hidden_layers", size.layers},
            {"num_attention_heads", heads},
            {"intermediate_size", inner},
            {"vocab_size", vocabulary},
            {"pad_token_id", 0},
            {"max_position_embeddings", positions},
            {"type_vocab_size", 2}};
  if (family == "distilbert")
    return {{"model_type", family},     {"dim", size.channels},
            {"n_layers", size.layers},  {"n_heads", heads},
            {"hidden_dim", inner},      {"pad_token_id", 0},
            {"vocab_size", vocabulary}, {"max_position_embeddings", positions}};
  if (family == "llama")
    return {{"model_type", "llama"},
            {"hidden_size", size.channels},
            {"num_hidden_layers", size.layers},
            {"num_attention_heads", heads},
            {"num_key_value_heads", heads},
            {"intermediate_size", inner},
            {"vocab_size", vocabulary},
            {"max_position_embeddings", positions},
            {"pad_token_id", 0},
            {"eos_token_id", 1},
            {"tie_word_embeddings", false},
            {"hidden_act", "silu"},
            {"rms_norm_eps", 1e-6}};
  if (family == "gpt2")
    return {{"model_type", family}, {"n_embd", size.channels},     {"n_layer", size.layers},   {"n_head", heads},
            {"n_inner", inner},     {"vocab_size", vocabulary},    {"n_positions", positions}, {"pad_token_id", 0},
            {"eos_token_id", 1},    {"tie_word_embeddings", false}};
  if (family == "t5")
    return {{"model_type", family},
            {"d_model", size.channels},
            {"d_ff", inner},
            {"d_kv", 64},
            {"num_layers", size.layers / 2},
            {"num_heads", heads},
            {"vocab_size", vocabulary},
            {"pad_token_id", 0},
            {"eos_token_id", 1},
            {"decoder_start_token_id", 0},
            {"tie_word_embeddings", false}};
  if (family == "vit")
    return {{"model_type", family},
            {"hidden_size", size.channels},
            {"num_hidden_layers", size.layers},
            {"num_attention_heads", heads},
            {"intermediate_size", inner},
            {"image_size", 96},
            {"patch_size", 8},
            {"num_channels", 3}};
  if (family == "resnet")
    return {{"model_type", family},
            {"embedding_size", 32},
            {"hidden_sizes", {64, 128, 256, size.channels * 2}},
            {"depths", {2, 2, 2, size.layers / 2}},
            {"layer_type", size.layers > 4 ? "bottleneck" : "basic"},
            {"hidden_act", "relu"},
            {"num_channels", 3}};
  if (family == "efficientnet")
    return {{"model_type", family}, {"width_coefficient", 1.0}, {"depth_coefficient", 1.0}, {"image_size", 96},
            {"hidden_dim", 1280},   {"num_channels", 3},        {"hidden_act", "swish"}};
  if (family == "wav2vec2")
    return {{"model_type", family},
            {"hidden_size", size.channels},
            {"num_hidden_layers", size.layers},
            {"num_attention_heads", heads},
            {"intermediate_size", inner},
            {"conv_dim", {128, 128, 128, 128, 128, 128, 128}},
            {"apply_spec_augment", false},
            {"layerdrop", 0.0},
            {"pad_token_id", 0},
            {"vocab_size", 31}};
  if (family == "whisper")
    return {{"model_type", family},
            {"d_model", size.channels},
            {"encoder_layers", size.layers / 2},
            {"decoder_layers", size.layers / 2},
            {"encoder_attention_heads", heads},
            {"decoder_attention_heads", heads},
            {"encoder_ffn_dim", inner},
            {"decoder_ffn_dim", inner},
            {"num_mel_bins", 80},
            {"max_source_positions", 100},
            {"max_target_positions", 64},
            {"vocab_size", vocabulary},
            {"pad_token_id", 0},
            {"eos_token_id", 1},
            {"decoder_start_token_id", 0}};
  return {};
}

struct Drawn {
  std::string family, objective, method;
  Size size;
  int batch = 8;
  bool recompute = false, dropout = true, accumulates = false, packed = false, average = false;
  std::string text() const {
    return family + " " + objective + " " + method + ", " + std::to_string(size.channels) + " channels, " +
           std::to_string(size.layers) + " layers, batch " + std::to_string(batch) + ", " +
           std::to_string(size.tokens) + " tokens" + (recompute ? ", recomputed" : "") +
           (dropout ? "" : ", no dropout") + (accumulates ? ", accumulated" : "") + (packed ? ", packed" : "") +
           (average ? ", averaged weights" : "");
  }
};

template <class List>
auto one_of(Random& random, const List& list) {
  return list[random.below(list.size())];
}

bool named_in(const char* variable, const std::string& one) {
  const std::string list = "," + qgetenv(variable).toStdString() + ",";
  return list == ",," || list.find("," + one + ",") != std::string::npos;
}

/// Any family, an objective that it has a head for, and a method that goes with both.
Drawn draw(Random& random) {
  while (true) {
    const FamilyEntry& family = families()[random.below(families().size())];
    const ObjectiveEntry& objective = objectives()[random.below(objectives().size())];
    const MethodEntry& method = methods()[random.below(methods().size())];
    if (config_of(family.kind, {}).is_null() || objective.kind == "tagging") continue;
    if (!why_not(family, objective, method).empty()) continue;
    if (!named_in("LUTHIER_FAMILIES", family.kind) || !named_in("LUTHIER_METHODS", method.kind)) continue;
    Drawn drawn{family.kind, objective.kind, method.kind, {}};
    drawn.size.channels = one_of(random, std::vector<int>{192, 256, 320});
    drawn.size.layers = one_of(random, std::vector<int>{4, 6, 8});
    drawn.size.tokens = one_of(random, std::vector<int>{64, 128, 200});
    drawn.batch = one_of(random, std::vector<int>{4, 8, 16});
    drawn.dropout = random.below(2) == 0;
    drawn.accumulates = random.below(4) == 0;
    const bool layers = drawn.family != "resnet" && drawn.family != "efficientnet";
    drawn.recompute = layers && random.below(3) == 0 && named_in("LUTHIER_RECOMPUTE", "yes");
    const bool packs = why_not_packed(family, objective).empty() && method.kind.find("tuning") == std::string::npos;
    drawn.packed = packs && random.below(2) == 0;
    drawn.average = random.below(4) == 0;
    return drawn;
  }
}

}  // namespace

class MemoryTest : public QObject {
  Q_OBJECT
  TemporaryFolder folder_;
  std::vector<Drawn> drawn_;
  int near_ = 0;  ///< estimates that were good

  std::string words(std::size_t seed, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += (i ? " " : "") + kWords[(seed * 7 + static_cast<std::size_t>(i) * 3) % 8];
    return text;
  }

  /// 48 rows of up to `tokens` tokens, in columns for every objective.
  fs::path texts(int tokens) {
    const fs::path file = folder_.path() / ("texts" + std::to_string(tokens) + ".csv");
    if (fs::exists(file)) return file;
    std::string csv = "text,label,target,number,labels,prompt,chosen,rejected\n";
    for (std::size_t i = 0; i < 48; ++i) {
      const int length = tokens - 1 - static_cast<int>(i % 4);
      csv += words(i, length) + "," + kWords[i % 2] + "," + words(i + 1, tokens / 2) + "," + std::to_string(i * 0.5) +
             "," + kWords[i % 3] + "," + words(i, tokens / 4) + "," + words(i + 2, tokens * 3 / 4 - 2) + "," +
             words(i + 3, tokens * 3 / 4 - 3) + "\n";
    }
    write_text(file, csv);
    return file;
  }

  void write_media() {
    std::string list = "path\tlabel\tnumber\ttext\n", pictures = "path\tlabel\tnumber\n";
    for (int i = 0; i < 24; ++i) {
      const std::string colour = kWords[static_cast<std::size_t>(i % 2)];
      const std::string picture = "images/" + std::to_string(i) + ".png";
      write_text(folder_.path() / picture,
                 png_bytes(96, 96, {static_cast<std::uint8_t>(i % 2 ? 10 : 200), 10, 60}, static_cast<unsigned>(i)));
      write_text(folder_.path() / "sounds" / (std::to_string(i) + ".wav"), wav_bytes(1.9, 16000, 300 + 10 * i));
      const std::string labels = "\t" + colour + "\t" + std::to_string(0.5 * i);
      pictures += picture + labels + "\n";
      list += "sounds/" + std::to_string(i) + ".wav" + labels + "\t" + words(static_cast<std::size_t>(i), 12) + "\n";
    }
    write_text(folder_.path() / "sounds.tsv", list);
    write_text(folder_.path() / "images.tsv", pictures);
  }

  Json data_of(const Drawn& one) {
    const std::string modality = [&] {
      for (const FamilyEntry& family : families())
        if (family.kind == one.family) return family.modality;
      return std::string("text");
    }();
    const bool target = one.objective == "seq2seq" || one.objective == "ctc";
    const bool number = one.objective == "regression";
    Json data = {{"max_tokens", one.size.tokens}, {"longest_seconds", 2.0}};
    if (modality == "image") {
      data["train"] = (folder_.path() / "images.tsv").string();
      data["roles"] = {{"image", "path"}, {"label", number ? "number" : "label"}};
      return data;
    }
    if (modality == "audio") {
      data["train"] = (folder_.path() / "sounds.tsv").string();
      data["roles"] = {{"audio", "path"}};
      data["roles"][target ? "target" : "label"] = target ? "text" : number ? "number" : "label";
      return data;
    }
    data["train"] = texts(one.size.tokens).string();
    data["roles"] = one.objective == "preference"
                        ? Json{{"prompt", "prompt"}, {"chosen", "chosen"}, {"rejected", "rejected"}}
                        : Json{{"text", "text"}};
    if (one.objective == "seq2seq") data["roles"]["target"] = "target";
    const bool labels =
        one.objective == "classification" || one.objective == "regression" || one.objective == "multi_label";
    if (labels) data["roles"]["label"] = number ? "number" : one.objective == "multi_label" ? "labels" : "label";
    return data;
  }

  Json recipe_of(const Drawn& one, const fs::path& model) {
    Json objective = {{"kind", one.objective}};
    if (one.objective == "seq2seq") objective["max_target_tokens"] = 60;
    return {{"luthier", 1},
            {"name", "memory"},
            {"objective", objective},
            {"model", {{"path", model.string()}}},
            {"data", data_of(one)},
            {"method", {{"kind", one.method}}},
            {"training",
             {{"batch_size", one.batch},
              {"gradient_accumulation", one.accumulates ? 2 : 1},
              {"device", "cpu"},
              {"threads", 1},
              {"precision", "fp32"},
              {"recompute", one.recompute},
              {"batching", one.packed ? "packed" : "bucketed"},
              {"average_decay", one.average ? 0.99 : 0.0},
              {"dropout", one.dropout ? 0.1 : 0.0}}}};
  }

  /// Estimate and measured peak of one configuration, or what went wrong.
  Json run(const Drawn& one, int number) {
    const fs::path model = folder_.path() / ("model" + std::to_string(number));
    write_text(model / "drawn/config.json", config_of(one.family, one.size).dump());
    LoadOptions options;
    options.from_config = true;
    for (const FamilyEntry& family : families())
      if (family.kind == one.family) options.head = head_from(head_for(objective_entry(one.objective), family));
    options.labels = {"blue", "red"};
    if (one.objective == "regression") options.labels = {"LABEL_0"};
    if (one.objective == "multi_label") options.labels = {"blue", "red", "small"};
    save_model(*load_model(model / "drawn", options), model);
    write_tokenizer(model);
    const fs::path recipe = folder_.path() / ("recipe" + std::to_string(number) + ".json");
    write_text(recipe, recipe_of(one, model).dump());
    const Output output = run_cli({"preflight", recipe.string(), "--json"}, {}, 600);
    const std::size_t last = output.out.rfind("{\"preflight\"");
    if (last == std::string::npos) return {{"error", output.out + output.err}};
    return Json::parse(output.out.substr(last), nullptr, false).at("preflight");
  }

 private Q_SLOTS:
  void initTestCase() {
    qputenv("LUTHIER_HOME", QByteArray::fromStdString((folder_.path() / "home").string()));
    qputenv("OMP_NUM_THREADS", "1");
    write_media();
  }

  // A row each, so that none of them waits for Qt Test's limit of a function.
  void estimates_data() {
    const QByteArray given = qgetenv("LUTHIER_SEED"), drawn_count = qgetenv("LUTHIER_DRAWN");
    // One seed for every day, so that only a change of the program changes what comes out.
    const std::uint64_t seed = given.isEmpty() ? 3 : given.toULongLong();
    qInfo("LUTHIER_SEED=%llu", static_cast<unsigned long long>(seed));
    Random random(seed);
    QTest::addColumn<int>("number");
    for (int i = 0; i < (drawn_count.isEmpty() ? kDrawn : drawn_count.toInt()); ++i) {
      drawn_.push_back(draw(random));
      QTest::addRow("%d: %s", i + 1, drawn_.back().text().c_str()) << i;
    }
  }
  void estimates() {
    QFETCH(int, number);
    const Json report = run(drawn_[static_cast<std::size_t>(number)], number);
    const std::string error = report.contains("error") ? report.at("error").get<std::string>() : std::string();
    QVERIFY2(error.empty(), error.c_str());
    const Json estimate = report.at("memory").at("estimate"), measured = report.at("memory").at("measured");
    QVERIFY2(measured.at("total").get<double>() > 0, report.at("checks").dump().c_str());
    const auto mega = [](const Json& parts, const char* key) { return parts.at(key).get<double>() / 1e6; };
    const double ratio = mega(estimate, "total") / mega(measured, "total");
    near_ += std::abs(ratio - 1) <= kTolerance;
    qInfo("%5.2f  %7.1f of %7.1f MB (activations %.1f of %.1f, weights %.1f of %.1f)", ratio, mega(estimate, "total"),
          mega(measured, "total"), mega(estimate, "activations"), mega(measured, "activations"),
          mega(estimate, "weights"), mega(measured, "weights"));
  }

  void mostAreWithinATenthOfWhatIsMeasured() {
    const auto count = static_cast<int>(drawn_.size());
    qInfo("%d of %d within %.0f%%", near_, count, 100 * kTolerance);
    QVERIFY(near_ * kDrawn >= kWanted * count);
  }
};

QTEST_GUILESS_MAIN(MemoryTest)
#include "memory_long_test.moc"
