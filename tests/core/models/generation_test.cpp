// Compares ways of computing the same thing; there are no outside numbers here, and shares are chosen by hand.
#include "models/generation.h"

#include <torch/types.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

std::shared_ptr<Model> open(const std::string& name) {
  LoadOptions options;
  options.head = Head::causal_lm;
  return load_model(fixture("full/" + name) / "base", options);
}

std::shared_ptr<Model> windowed_mistral() {
  const TemporaryFolder folder;
  Json config = read_json(fixture("full/llama-lm") / "base/config.json");
  config["model_type"] = "mistral";
  config["architectures"] = {"MistralForCausalLM"};
  config["sliding_window"] = 5;
  write_json(folder.path() / "config.json", config);
  LoadOptions options;
  options.head = Head::causal_lm;
  options.from_config = true;
  options.seed = 3;
  return load_model(folder.path(), options);
}

using Tokens = std::vector<std::int64_t>;

}  // namespace

class GenerationTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theCacheChangesNothing() {
    for (const auto& model : {open("llama-lm"), open("qwen2-lm"), windowed_mistral()}) {
      const std::vector<Tokens> prompts = {{5, 17, 80, 3}, {9, 1, 44, 60}};
      const auto cached = generate(*model, prompts, {.max_new_tokens = 40});
      const auto plain = generate(*model, prompts, {.max_new_tokens = 40, .use_cache = false});
      QCOMPARE(cached, plain);
      QCOMPARE(cached[0].size(), std::size_t{40});
    }
  }

  void theCacheGivesTheSameLogitsPieceByPiece() {
    const torch::NoGradGuard no_grad;
    const auto model = windowed_mistral();
    const torch::Tensor ids = torch::arange(30).reshape({2, 15}) * 3;
    const torch::Tensor whole = model->logits({.input_ids = ids});
    KeyValueCache cache;
    std::int64_t seen = 0;
    for (const std::int64_t count : {4, 1, 1, 6, 1, 2}) {
      const torch::Tensor part = model->token_logits(model->hidden({.input_ids = ids.narrow(1, seen, count)}, &cache));
      QVERIFY((part - whole.narrow(1, seen, count)).abs().max().item<double>() < 1e-5);
      seen += count;
      QCOMPARE(cache.length(), seen);
    }
    QCOMPARE(seen, 15);
  }

  void promptsSideBySideGoOnAsAlone() {
    for (const auto& model : {open("llama-lm"), open("qwen2-lm"), windowed_mistral()}) {
      const std::vector<Tokens> prompts = {{5}, {9, 1, 44, 60, 2, 31, 8, 70}, {7, 7, 3}};
      const auto together = generate(*model, prompts, {.max_new_tokens = 20});
      for (std::size_t row = 0; row < prompts.size(); ++row)
        QCOMPARE(together[row], generate(*model, {prompts[row]}, {.max_new_tokens = 20})[0]);
    }
  }

  void leftAndRightPaddingGiveTheSameLogits() {
    const torch::NoGradGuard no_grad;
    const auto model = open("llama-lm");
    const torch::Tensor ids = torch::tensor({{5, 9, 33, 4}});
    const torch::Tensor plain = model->logits({.input_ids = ids});
    const torch::Tensor pad = torch::zeros({1, 3}, torch::kLong);
    const torch::Tensor token = torch::ones({1, 4}, torch::kBool), none = torch::zeros({1, 3}, torch::kBool);
    const torch::Tensor left = model->logits({torch::cat({pad, ids}, 1), torch::cat({none, token}, 1), {}});
    const torch::Tensor right = model->logits({torch::cat({ids, pad}, 1), torch::cat({token, none}, 1), {}});
    QVERIFY((left.slice(1, 3) - plain).abs().max().item<double>() < 1e-5);
    QVERIFY((right.slice(1, 0, 4) - plain).abs().max().item<double>() < 1e-5);
    QVERIFY(left.isfinite().all().item<bool>());
  }

  void stopsAtStopTokensAndTellsEveryToken() {
    const auto model = open("llama-lm");
    const Tokens free = generate(*model, {{5, 17}}, {.max_new_tokens = 12})[0];
    const std::int64_t stop = free[4];
    const auto length = static_cast<std::size_t>(std::find(free.begin(), free.end(), stop) - free.begin()) + 1;
    Tokens told;
    const auto stopped =
        generate(*model, {{5, 17}},
                 {.max_new_tokens = 12, .stop_ids = {stop}, .on_token = [&](std::int64_t row, std::int64_t token) {
                    told.push_back(token);
                    return row == 0;
                  }});
    QCOMPARE(stopped[0], Tokens(free.begin(), free.begin() + static_cast<std::ptrdiff_t>(length)));
    QCOMPARE(told, stopped[0]);
  }

  void canBeCancelledAtAnyToken() {
    const auto model = open("llama-lm");
    int left = 3;
    const auto cut =
        generate(*model, {{5, 17}}, {.max_new_tokens = 50, .on_token = [&](auto, auto) { return --left > 0; }});
    QCOMPARE(cut[0].size(), std::size_t{3});
  }

  void putsTheModelsModeBack() {
    const auto model = open("llama-lm");
    model->train();
    generate(*model, {{5}}, {.max_new_tokens = 1});
    QVERIFY(model->is_training());
  }

  void samplingFollowsTheSeedAndTheTemperature() {
    const auto model = open("llama-lm");
    const auto sample = [&](double temperature, std::uint64_t seed) {
      return generate(*model, {{5}, {6}}, {.max_new_tokens = 30, .pick = pick_sampled(temperature, seed)});
    };
    QCOMPARE(sample(1.0, 4), sample(1.0, 4));
    QVERIFY(sample(1.0, 4) != sample(1.0, 5));
    QCOMPARE(sample(0, 4), generate(*model, {{5}, {6}}, {.max_new_tokens = 30}));
    QCOMPARE(sample(1e-4, 4), sample(0, 4));
    LUTHIER_FAILS(pick_sampled(-1, 0), "temperature");
  }

  void samplesInTheProportionsOfTheSoftmax() {
    const torch::Tensor logits = torch::log(torch::tensor({{0.1, 0.6, 0.3}})).to(torch::kFloat);
    const PickToken pick = pick_sampled(1.0, 9);
    std::map<std::int64_t, int> counts;
    for (std::int64_t i = 0; i < 6000; ++i) ++counts[pick(logits, i).item<std::int64_t>()];
    // Within four standard deviations of the binomial.
    QVERIFY(std::abs(counts[0] - 600) < 4 * 24);
    QVERIFY(std::abs(counts[1] - 3600) < 4 * 38);
    QVERIFY(std::abs(counts[2] - 1800) < 4 * 36);
  }

  void drawsOnlyFromTheLikelyTokens() {
    const torch::Tensor logits = torch::log(torch::tensor({{0.05, 0.4, 0.3, 0.15, 0.1}})).to(torch::kFloat);
    const auto drawn = [&](double top_p, std::int64_t top_k, double min_p = 0) {
      const PickToken pick = pick_sampled(1.0, 3, top_p, top_k, min_p);
      std::map<std::int64_t, int> counts;
      for (std::int64_t i = 0; i < 2000; ++i) ++counts[pick(logits, i).item<std::int64_t>()];
      return counts;
    };
    const auto tokens = [](const std::map<std::int64_t, int>& counts) {
      Tokens list;
      for (const auto& [token, count] : counts) list.push_back(token);
      return list;
    };
    QCOMPARE(tokens(drawn(1, 0)), (Tokens{0, 1, 2, 3, 4}));
    QCOMPARE(tokens(drawn(0.65, 0)), (Tokens{1, 2}));  // 0.4 + 0.3 is the first sum that reaches 0.65
    QCOMPARE(tokens(drawn(0.75, 0)), (Tokens{1, 2, 3}));
    QCOMPARE(tokens(drawn(1e-6, 0)), Tokens{1});
    QCOMPARE(tokens(drawn(1, 3)), (Tokens{1, 2, 3}));
    QCOMPARE(tokens(drawn(1, 1)), Tokens{1});
    QCOMPARE(tokens(drawn(1, 9)), (Tokens{0, 1, 2, 3, 4}));
    // min_p is a share of the likeliest one's 0.4: 0.3 reaches 0.7 of it, 0.15 and the rest do not reach 0.5.
    QCOMPARE(tokens(drawn(1, 0, 0.5)), (Tokens{1, 2}));
    QCOMPARE(tokens(drawn(1, 0, 0.2)), (Tokens{1, 2, 3, 4}));
    QCOMPARE(tokens(drawn(1, 0, 1)), Tokens{1});
    // The share that top_p means is one of what top_k has left: 0.4 / 0.7 reaches 0.55, though not alone of all.
    QCOMPARE(tokens(drawn(0.55, 2)), Tokens{1});
    // Among themselves the likely ones keep their proportions: 4 to 3, within four standard deviations.
    QVERIFY(std::abs(drawn(0.65, 0)[1] - 2000 * 4 / 7) < 4 * 23);
    LUTHIER_FAILS(pick_sampled(1, 0, 0), "top_p");
    LUTHIER_FAILS(pick_sampled(1, 0, 1.5), "top_p");
    LUTHIER_FAILS(pick_sampled(1, 0, 1, -1), "top_k");
    LUTHIER_FAILS(pick_sampled(1, 0, 1, 0, 1.5), "min_p");
  }

  void theRepetitionPenaltyActsOnWhatWasSeen() {
    const auto model = open("llama-lm");
    const Tokens prompt = {5, 17, 80, 3};
    Tokens seen = prompt;
    torch::Tensor plain;  // logits after the prompt, from the model alone
    {
      const torch::NoGradGuard no_grad;
      plain = model->logits({.input_ids = torch::tensor(prompt).unsqueeze(0)})[0][3];
    }
    std::vector<torch::Tensor> given;
    const PickToken greedy = pick_greedy();
    generate(*model, {prompt},
             {.max_new_tokens = 1,
              .pick =
                  [&](const torch::Tensor& logits, std::int64_t written) {
                    given.push_back(logits[0].clone());
                    return greedy(logits, written);
                  },
              .repetition_penalty = 1.7});
    for (std::int64_t token = 0; token < plain.size(0); ++token) {
      const float before = plain[token].item<float>(), after = given[0][token].item<float>();
      const bool penalised = std::find(seen.begin(), seen.end(), token) != seen.end();
      const float expected = !penalised ? before : before > 0 ? before / 1.7f : before * 1.7f;
      QVERIFY(std::abs(after - expected) < 1e-5f);
    }
    // A strong one forbids every repetition.
    const Tokens varied = generate(*model, {prompt}, {.max_new_tokens = 30, .repetition_penalty = 1e6})[0];
    seen.insert(seen.end(), varied.begin(), varied.end());
    std::sort(seen.begin(), seen.end());
    QVERIFY(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
    LUTHIER_FAILS(generate(*model, {prompt}, {.repetition_penalty = 0}), "repetition penalty");
  }

  void beamsFindWhatIsLikelierThanTheGreedyAnswer() {
    const auto model = open("llama-lm");
    const std::vector<Tokens> prompts = {{5, 17, 80, 3}, {9, 1, 44}};
    const auto likelihood = [&](const Tokens& prompt, const Tokens& answer) {
      const torch::NoGradGuard no_grad;
      Tokens all = prompt;
      all.insert(all.end(), answer.begin(), answer.end());
      const torch::Tensor scores = model->logits({.input_ids = torch::tensor(all).unsqueeze(0)})[0].log_softmax(-1);
      double sum = 0;
      for (std::size_t i = 0; i < answer.size(); ++i)
        sum += scores[static_cast<std::int64_t>(prompt.size() + i) - 1][answer[i]].item<double>();
      return sum;
    };
    Tokens told;
    const auto beams =
        generate(*model, prompts, {.max_new_tokens = 8, .beams = 6, .on_token = [&](auto row, auto token) {
                                     if (row == 0) told.push_back(token);
                                     return true;
                                   }});
    QCOMPARE(told, beams[0]);
    const auto greedy = generate(*model, prompts, {.max_new_tokens = 8});
    for (std::size_t row = 0; row < prompts.size(); ++row) {
      QVERIFY(likelihood(prompts[row], beams[row]) >= likelihood(prompts[row], greedy[row]) - 1e-4);
      QCOMPARE(generate(*model, {prompts[row]}, {.max_new_tokens = 8, .beams = 6})[0], beams[row]);
    }
    LUTHIER_FAILS(generate(*model, prompts, {.beams = 0}), "beams");
  }

  void neverRepeatsARunThatIsForbidden() {
    const auto model = open("llama-lm");
    Tokens all = {5, 17, 80, 3};
    const Tokens written = generate(*model, {all}, {.max_new_tokens = 40, .no_repeat_ngram = 2})[0];
    all.insert(all.end(), written.begin(), written.end());
    std::set<std::pair<std::int64_t, std::int64_t>> pairs;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) QVERIFY(pairs.emplace(all[i], all[i + 1]).second);
  }

  void suppressedTokensAreNeverWritten() {
    const auto model = open("llama-lm");
    const Tokens free = generate(*model, {{5, 17}}, {.max_new_tokens = 10})[0];
    const Tokens without = generate(*model, {{5, 17}}, {.max_new_tokens = 10, .suppress = {free[3]}})[0];
    QVERIFY(std::find(without.begin(), without.end(), free[3]) == without.end());
    QVERIFY(generate(*model, {{5, 17}}, {.max_new_tokens = 1, .suppress_at_start = {free[0]}})[0][0] != free[0]);
  }

  void readsWhatModelsSayAboutGeneration() {
    const TemporaryFolder folder;
    const auto model = open("llama-lm");
    write_json(folder.path() / "generation_config.json", Json{{"eos_token_id", {4, 5}},
                                                              {"suppress_tokens", {1, 2}},
                                                              {"begin_suppress_tokens", {7}},
                                                              {"decoder_start_token_id", 3},
                                                              {"forced_decoder_ids", {{1, 9}, {2, 8}, {3, nullptr}}}});
    const GenerateOptions options = generate_defaults(*model, folder.path());
    QCOMPARE(options.stop_ids, (Tokens{4, 5}));
    QCOMPARE(options.suppress, (Tokens{1, 2}));
    QCOMPARE(options.suppress_at_start, Tokens{7});
    QCOMPARE(decoder_prompt(*model, folder.path()), (Tokens{3, 9, 8}));
    write_json(folder.path() / "generation_config.json", Json::array());
    LUTHIER_FAILS(generate_defaults(*model, folder.path()), "generation_config.json");
  }

  void refusesWhatItCannotGoOnFrom() {
    const auto model = open("llama-lm");
    LUTHIER_FAILS(generate(*model, {{}}, {}), "empty");
    LUTHIER_FAILS(generate(*model, {{96}}, {}), "no token 96");
    LUTHIER_FAILS(generate(*model, {{-1}}, {}), "no token -1");
    QVERIFY(generate(*model, {}, {}).empty());
    LoadOptions options;
    options.head = Head::sequence_classification;
    const auto classifier = load_model(fixture("full/bert-cls") / "base", options);
    LUTHIER_FAILS(generate(*classifier, {{1}}, {}), "language-model head");
  }

  void readsStopTokens() {
    QCOMPARE(stop_ids_of(Json{{"eos_token_id", 2}}), Tokens{2});
    QCOMPARE(stop_ids_of(Json{{"eos_token_id", {2, 7}}}), (Tokens{2, 7}));
    QCOMPARE(stop_ids_of(Json{{"eos_token_id", nullptr}}), Tokens{});
    QCOMPARE(stop_ids_of(Json::object()), Tokens{});
  }
};

QTEST_GUILESS_MAIN(GenerationTest)
#include "generation_test.moc"
